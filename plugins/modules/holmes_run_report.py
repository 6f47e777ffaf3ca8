#!/usr/bin/python
# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: holmes_run_report
short_description: Make a report anew from the fragments of its hosts
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Every run leaves one JSON file for each host in the folder C(hosts) of its report. This module puts all that are
    there together, of whatever runs, and writes C(report.json), C(report.html) and C(report.xml).
  - The same fragments give the same bytes. Every time in the report is that of a fragment.
  - Runs on the control node only.
extends_documentation_fragment:
  - holmesgpt.onprem._attributes
  - holmesgpt.onprem._attributes.full
options:
  report_dir:
    description:
      - Folder of the report on the control node, as O(holmesgpt.onprem.holmes_report#module:dest_dir).
      - If it is empty, the environment variable E(HOLMES_ONPREM_REPORT_DIR) counts.
    type: path
"""

EXAMPLES = r"""
- name: One report of all clusters, after runs over some of them
  holmesgpt.onprem.holmes_run_report:
    report_dir: /srv/reports
"""

RETURN = r"""
verdict:
  description: The worst verdict of all hosts, V(ready), V(ready_with_limitations) or V(not_ready).
  returned: success
  type: str
  sample: ready
msg:
  description: How many hosts there are of each verdict.
  returned: success
  type: str
  sample: "3 hosts: 2 READY, 1 NOT READY"
path:
  description: The folder of the report.
  returned: success
  type: str
  sample: /srv/reports
"""

#!/usr/bin/python
# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: holmes_report
short_description: Show what was checked on a host
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Prints the checks of the other modules as a table, with the fix below everything that is not a pass.
  - Optionally keeps them as one JSON file for each host on the control node.
  - The callback P(holmesgpt.onprem.report#callback) makes one report of all hosts of a run out of them.
  - Runs on the control node only, also after a failure.
extends_documentation_fragment:
  - holmesgpt.onprem._attributes
  - holmesgpt.onprem._attributes.info
options:
  checks:
    description: Checks as the modules of this collection return them. Either this or O(phases) is needed.
    type: list
    elements: dict
  phases:
    description:
      - The same, by the phase of the run. V(values), V(preflight), V(release) and V(verify) are columns of the report.
      - O(checks) is ignored if this is given.
    type: dict
  title:
    description: What was checked, for the heading.
    type: str
    default: checks
  state:
    description: The state that was wanted, for the report.
    type: str
  failed_step:
    description: Name of the task that ended the run, if one did. A failure that is no check then shows in the report.
    type: str
  verified:
    description: Whether the installation was verified. If not, the verdict is at best V(ready_with_limitations).
    type: bool
    default: true
  values:
    description: Values to show above the table, as M(holmesgpt.onprem.holmes_values) returns them, without secrets.
    type: dict
  exceptions:
    description: The exceptions that were given, names with reasons. The report lists those that were needed.
    type: dict
  returned:
    description:
      - What followed a failed upgrade. V(rollback) is the result of M(holmesgpt.onprem.holmes_rollback),
        V(verification) that of M(holmesgpt.onprem.holmes_verify) afterwards, V(secrets) the names of Secrets that
        the run changed.
      - V(namespace) and V(release_name) are for the commands that it names.
    type: dict
  dest_dir:
    description:
      - Folder on the control node for the report; the host's own file is C(hosts/HOST.json) below it.
      - It is made if needed. Unset means that nothing is written.
      - With the callback it is the callback that writes, at the end of the run. Without it, a folder that cannot be
        written is one warning.
    type: path
"""

EXAMPLES = r"""
- name: Show and keep the result of a verification
  holmesgpt.onprem.holmes_report:
    checks: "{{ verification.checks }}"
    title: holmes in holmes
    dest_dir: /srv/reports
"""

RETURN = r"""
verdict:
  description: V(ready), V(ready_with_limitations) or V(not_ready).
  returned: success
  type: str
  sample: ready
path:
  description: The file that was written.
  returned: when O(dest_dir) is given and the callback is not enabled
  type: str
  sample: /srv/reports/hosts/seoul.json
"""

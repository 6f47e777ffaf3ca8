#!/usr/bin/python
# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: holmes_gate
short_description: Stop a host if a step of this collection failed, with nothing but its sentences
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - The other modules return all their checks, also when they fail, and Ansible prints the whole result of a failed
    task. So the role lets them pass with C(failed_when=false) and fails here, where only what is wrong is said.
  - Runs on the control node only.
extends_documentation_fragment:
  - holmesgpt.onprem._attributes
  - holmesgpt.onprem._attributes.info
options:
  result:
    description: The registered result of a module of this collection, or of M(kubernetes.core.helm).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Generate the values
  holmesgpt.onprem.holmes_values:
    chart: /srv/holmes-0.45.0.tgz
    values_files: [/srv/values.yaml]
  register: generated
  failed_when: false

- name: Stop if they cannot be deployed
  holmesgpt.onprem.holmes_gate:
    result: "{{ generated }}"
"""

RETURN = r"""
verdict:
  description: The verdict of the step, V(ready) or V(ready_with_limitations).
  returned: success
  type: str
  sample: ready
"""

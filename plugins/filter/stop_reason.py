# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# ruff: noqa: E402  # Ansible wants the documentation before the imports.

"""Whether so many hosts failed that no further one begins."""

from __future__ import annotations

DOCUMENTATION = r"""
name: stop_reason
short_description: Why no further host begins
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Says in one sentence that too many hosts of a play failed, for a host that has not begun yet.
  - Ansible's C(max_fail_percentage) works with the strategy C(linear) only, and ends hosts in the middle of their work.
positional: _input, hosts, most, changes
options:
  _input:
    description: The hosts that failed or cannot be reached.
    type: list
    elements: str
    required: true
  hosts:
    description: All hosts of the play.
    type: list
    elements: str
    required: true
  most:
    description: The percentage of all hosts that may fail.
    type: float
    required: true
  changes:
    description:
      - For each host in O(_input) the result of M(holmesgpt.onprem.holmes_change).
      - A host that was itself not begun does not count.
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Go on only while less than a twentieth failed
  ansible.builtin.assert:
    that: reason | length == 0
    fail_msg: "{{ reason }}"
  vars:
    failed: "{{ ansible_play_hosts_all | difference(ansible_play_hosts) }}"
    reason: "{{ failed | holmesgpt.onprem.stop_reason(ansible_play_hosts_all, 5) }}"
"""

RETURN = r"""
_value:
  description: The sentence; empty if a further host may begin.
  type: str
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils import _rolling


def stop_reason(failed: list[str], hosts: list[str], most: t.Any, changes: t.Sequence[t.Any] = ()) -> str:
    """See the documentation above."""
    try:
        return _rolling.stop_reason(failed, hosts, most, changes)
    except HolmesError as error:
        raise AnsibleFilterError(f"{error.msg} {error.fix}") from None


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filter by its name."""
        return {"stop_reason": stop_reason}

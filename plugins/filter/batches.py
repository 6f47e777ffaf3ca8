# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# ruff: noqa: E402  # Ansible wants the documentation before the imports.

"""Sizes of batches for the keyword serial, or one sentence."""

from __future__ import annotations

DOCUMENTATION = r"""
name: batches
short_description: Sizes of batches for the keyword C(serial)
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Makes a list for C(serial) of a play out of what an operator or a survey of AWX gives.
  - Ansible ends with an error of its own for a text that is no number, and takes V(0) for all hosts at once. Here both
    are refused with a sentence.
options:
  _input:
    description: A number of hosts, a share like V(20%), a list of these, or a text with them and commas in between.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: One host, then a fifth of all hosts at a time
  hosts: all
  serial: "{{ '1, 20%' | holmesgpt.onprem.batches }}"
"""

RETURN = r"""
_value:
  description: The sizes; the last one counts until all hosts had their turn.
  type: list
  elements: raw
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils import _rolling


def batches(given: t.Any) -> list[int | str]:
    """See the documentation above."""
    try:
        return _rolling.batches(given)
    except HolmesError as error:
        raise AnsibleFilterError(f"{error.msg} {error.fix}") from None


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filter by its name."""
        return {"batches": batches}

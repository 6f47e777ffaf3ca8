# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a template can hold, as sets of references.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_reads import ANY

# The first word of a reference; what follows:
VALUE = "value"  # a place in the values: its keys
OBJECT = "object"  # a map or list that a template made: where
LITERAL = "literal"  # exactly this text
NUMBER = "number"  # exactly this number
PART = "part"  # one of the texts that a literal was split into
PATTERN = "pattern"  # a text in which * stands for anything
MADE_OF = "made of"  # a text made of another reference
OUTPUT = "output"  # what a template printed: its number
FILE = "file"  # files of the chart, or their text: a pattern of their names
OPAQUE = "opaque"  # nothing that matters here

# Functions change these; of the rest it is not known what it is anyway.
CHANGEABLE = (VALUE, OBJECT, LITERAL, NUMBER, PART, PATTERN)

Ref = tuple[t.Any, ...]
Refs = frozenset[Ref]
NOTHING: Refs = frozenset()
UNKNOWN: Refs = frozenset({(OPAQUE,)})

# A key that no map has, for the elements of a list.
PLACE = "\0"


def place(number: object) -> str:
    """The key of an element of a list that a template made."""
    return f"{PLACE}{number}"


def joined(sets: t.Iterable[Refs]) -> Refs:
    return NOTHING.union(*sets)


# Words of a reference; no chart reads deeper than this, but a template that calls itself would.
DEEPEST = 12
# References in a set; the busiest helpers of the charts that were tried get 500.
MOST = 1500
# What a set holds that became larger.
EVERYTHING: Ref = (VALUE, *[ANY] * DEEPEST)

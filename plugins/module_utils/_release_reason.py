# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a revision failed, in Helm's words and without the values that Helm takes into them.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions.

Helm records the API server's answer as the ``description`` of a revision, and some answers repeat what was sent: the
list of variables as a map of Go (``map[name:KEY value:...]``, of a variable that stands there twice), a struct of Go
(``Value:"..."``, of a Job that may not change) or JSON (``error found in #10 byte of ...|...``).
"""

from __future__ import annotations

import re

from ansible_collections.holmesgpt.onprem.plugins.module_utils._mask import mask
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import Release

# What follows is a dump of what was sent.
_DUMP = re.compile(r"(The order in patch list|error found in #).*")
# Where a text of a map ends cannot be told, so the rest goes with it.
_OF_A_MAP = re.compile(r"(map\[\w+:.*?\bvalue:).*")
_OF_A_STRUCT = re.compile(r"(?i)(\bvalue:|\bvalue\"\s*:\s*)\"(?:\\.|[^\"\\])*\"?")


def reason_of(release: Release, each: int = 170) -> str:
    """What Helm recorded, as :func:`harmless` shows it."""
    return harmless(release.description, each)


def harmless(text: str, each: int = 170) -> str:
    """On one line, ``each`` characters of both ends: what was tried stands in front, what was wrong at the end."""
    text = " ".join(text.split()).rstrip(". ")
    text = _DUMP.sub(r"\1 ***", text)
    text = _OF_A_MAP.sub(r"\1***", text)
    text = mask(_OF_A_STRUCT.sub(r"\1***", text))
    return text if len(text) <= 2 * each else f"{text[:each]} ... {text[-each:]}"

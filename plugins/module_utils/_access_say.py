# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ids of the access checks, and what becomes of a right that is there but should not be.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import (
    MAY,
    REMOVE,
    Exceptions,
    name_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import told as accepted_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_account import Right, told
from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import Voice

IDS = {
    "access.reads": "HolmesGPT may read what it needs",
    "access.review": "HolmesGPT may change nothing",
    "access.refused": "Attempts to change something are refused",
    "access.others": "Add-ons may change nothing either",
}
# What cannot work cannot be accepted, so access.reads is not among them.
EXCUSABLE = ("access.review", "access.refused", "access.others")
SAY = Voice(IDS)
RULES = "verify.rbac_read_only"

_FIX = (
    "Take the right away: verify.rbac_read_only names role and binding. It comes from "
    "holmes_custom_cluster_role_rules, from an add-on in holmes_values, or from a binding that somebody else made."
)


def place(right: Right) -> str:
    """Where a right was asked for."""
    return f"namespace {right.namespace}" if right.namespace else "cluster"


def named(right: Right) -> str:
    """``patch deployments.apps``: how a right is called in an exception."""
    return f"{right.verb} {right.target}" if right.group != "*" else "everything"


def sentence(rights: t.Iterable[Right]) -> str:
    """Rights by place, in words: ``get, list pods (namespace holmes); list nodes (cluster)``."""
    places: dict[str, list[Right]] = {}
    for right in rights:
        places.setdefault(place(right), []).append(right)
    parts = []
    for where, some in places.items():
        texts = told(right for right in some if right.group != "*")
        texts += ["everything (*)"] if any(right.group == "*" for right in some) else []
        parts.append(f"{'; '.join(texts)} ({where})")
    return "; ".join(parts)


def too_much(check: str, message: str, rights: t.Sequence[Right], exceptions: Exceptions, evidence: t.Any) -> Check:
    """A failure that names each of ``rights``; only a warning if the user accepts every single one by its name.

    Who accepts that roles do more than read has accepted what comes of it. ``message`` has a place for the rights
    (``{}``).
    """
    reasons = {named(right): exceptions.reason(check, named(right)) or exceptions.reason(RULES) for right in rights}
    open_ = [right for right in rights if not reasons[named(right)]]
    names = list(dict.fromkeys(name_of(check, named(right)) for right in open_ or rights))
    if open_:
        return SAY.failed(check, message.format(sentence(open_)), _FIX, **evidence, **{MAY: names})
    why = "; ".join(dict.fromkeys(reasons.values()))
    return SAY.warned(check, accepted_text(why, message.format(sentence(rights))), REMOVE, **evidence, accepted=names)

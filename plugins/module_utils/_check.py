# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The common currency: a check, the verdict over many, and the one error of this collection.

Private to this collection: it may change in any release.
"""

from __future__ import annotations

import hashlib
import json
import typing as t
from dataclasses import asdict, dataclass, field

PASS = "pass"  # noqa: S105  # a status, not a password
WARN = "warn"
FAIL = "fail"
NOT_CHECKED = "not_checked"

READY = "ready"
LIMITED = "ready_with_limitations"
NOT_READY = "not_ready"


@dataclass(frozen=True)
class Check:
    """One judgement.

    ``id`` is stable and dotted and has a section in ``docs/checks/``; ``fix`` names the exact
    variable, flag or command to change; ``evidence`` holds no secret; ``seconds`` is what it cost.
    """

    id: str
    title: str
    status: str
    message: str
    fix: str = ""
    evidence: dict[str, t.Any] = field(default_factory=dict)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, t.Any]:
        """The shape every module returns in ``checks``."""
        return asdict(self)


class HolmesError(Exception):
    """What a user has to be told: one sentence, how to fix it, and further keys of the result."""

    def __init__(self, msg: str, fix: str = "", **result: t.Any) -> None:
        # One line each, whatever was quoted.
        self.msg, self.fix = " ".join(msg.split()), " ".join(fix.split())
        super().__init__(self.msg)
        self.result = result

    def as_result(self) -> dict[str, t.Any]:
        """Arguments for ``fail_json``."""
        sentence = f"{self.msg} {self.fix}".strip()
        return {"msg": sentence, **self.result}


def verdict_of(statuses: t.Iterable[str]) -> str:
    """``not_ready`` if anything failed, ``ready_with_limitations`` if anything is not a pass, else ``ready``."""
    seen = set(statuses)
    if FAIL in seen:
        return NOT_READY
    return LIMITED if seen & {WARN, NOT_CHECKED} else READY


def verdict(checks: t.Iterable[Check]) -> str:
    """The verdict over checks."""
    return verdict_of(check.status for check in checks)


def summary(checks: t.Iterable[Check]) -> dict[str, t.Any]:
    """The two keys that every module of this collection returns."""
    checks = list(checks)
    return {"checks": [check.as_dict() for check in checks], "verdict": verdict(checks)}


def failure_message(checks: t.Iterable[Check]) -> str:
    """The failed checks as sentences, each with its id and its fix, for ``fail_json(msg=...)``."""
    failed = [check for check in checks if check.status == FAIL]
    return " | ".join(f"[{check.id}] {check.message} {check.fix}".strip() for check in failed)


def digest(data: t.Any) -> str:
    """sha256 (hex) over canonical JSON: equal for equal content, whatever the order of keys.

    1.0 counts as 1, because Helm records it so (seen with Helm 3.22 and 4.3).
    """
    text = json.dumps(_canonical(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _canonical(data: t.Any) -> t.Any:
    if isinstance(data, dict):
        return {str(key): _canonical(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_canonical(value) for value in data]
    if isinstance(data, float) and data.is_integer():
        return int(data)
    return data

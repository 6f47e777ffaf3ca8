# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making the checks of one subject by their ids, and hiding credentials in them.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._mask import mask


class Sayings:
    """The four outcomes of a check, in words of ``say``."""

    def say(self, check: str, status: str, message: str, fix: str = "", /, **evidence: t.Any) -> Check:
        raise NotImplementedError

    def passed(self, check: str, message: str, /, **evidence: t.Any) -> Check:
        """A pass."""
        return self.say(check, PASS, message, "", **evidence)

    def warned(self, check: str, message: str, fix: str, /, **evidence: t.Any) -> Check:
        """A limitation."""
        return self.say(check, WARN, message, fix, **evidence)

    def failed(self, check: str, message: str, fix: str, /, **evidence: t.Any) -> Check:
        """A failure."""
        return self.say(check, FAIL, message, fix, **evidence)

    def unchecked(self, check: str, message: str, fix: str = "", /, **evidence: t.Any) -> Check:
        """Not judged, and why."""
        return self.say(check, NOT_CHECKED, message, fix, **evidence)


@dataclass(frozen=True)
class Voice(Sayings):
    """Checks whose titles are known: ``{id: title}``."""

    titles: t.Mapping[str, str]

    def say(self, check: str, status: str, message: str, fix: str = "", /, **evidence: t.Any) -> Check:
        """A check with a status of :mod:`_check`."""
        return Check(check, self.titles[check], status, message, fix, evidence)


def masked(check: Check, secrets: t.Iterable[str]) -> Check:
    """The check with every credential hidden, in its sentences and its evidence."""
    secrets = list(secrets)
    return Check(
        check.id,
        check.title,
        check.status,
        mask(check.message, secrets),
        mask(check.fix, secrets),
        t.cast("dict[str, t.Any]", mask_deep(check.evidence, secrets)),
        check.seconds,
    )


def mask_deep(value: t.Any, secrets: t.Iterable[str]) -> t.Any:
    """``mask`` for every text inside lists and dictionaries."""
    if isinstance(value, str):
        return mask(value, secrets)
    if isinstance(value, dict):
        return {key: mask_deep(entry, secrets) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask_deep(entry, secrets) for entry in value]
    return value

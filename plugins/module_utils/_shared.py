# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What several hosts of a run want to know of one server is asked once, by the first that comes.

Private to this collection: it may change in any release. Imports nothing of Ansible.
Only for what is asked from this machine, of servers outside of the clusters, and has no other answer for another host.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import json
import math
import os
import time
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, PASS, Check

T = t.TypeVar("T")
# In the folder of the run. Without it nobody can try passwords against the names of the files.
KEY = "key"
# In the evidence of a check.
ASKED_BY = "asked_by"
# What Python and OpenSSL take from the environment for a connection.
_ENVIRONMENT = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir")
_PAUSE = 0.05
# For how many seconds an answer holds: a good one, of a server that may fall ill; a fault, which may soon be gone; for
# the whole run what must not be tried again.
GOOD, FAULT, RUN = 300.0, 30.0, math.inf


@dataclass(frozen=True)
class Shared:
    """``folder`` is a private one of the run on this machine, empty if nothing is shared; ``host`` is who asks."""

    folder: str = ""
    host: str = ""

    def ask(
        self,
        question: t.Any,
        make: t.Callable[[], T],
        patience: float,
        holds: t.Callable[[T], float] = lambda _told: GOOD,
    ) -> tuple[T, str]:
        """The answer, without a secret, and the host that asked; empty for this one. The question has all that matters.

        ``holds``: for how many seconds others take an answer. Whoever comes second waits up to ``patience`` seconds,
        then asks as well; it is less than the time of the task, so that some is left for that. If the first one ends
        without an answer (an exception, a kill), the next one asks.
        """
        if not self.folder:
            return make(), ""
        try:
            file = open(self._path(question), "a+b", buffering=0, opener=_private)  # noqa: SIM115  # closed below
        except (OSError, TypeError):  # of another user (become), the run is over; what JSON does not know
            return make(), ""
        with file:
            if not _locked(file, patience):
                return make(), ""
            told = _told(file)
            if told is not None and time.monotonic() < told["until"]:
                return told["answer"], "" if told["host"] == self.host else str(told["host"])
            answer = make()
            _write(file, {"host": self.host, "until": time.monotonic() + holds(answer), "answer": answer})
            return answer, ""

    def checks(self, question: t.Any, make: t.Callable[[], t.Iterable[Check]], patience: float) -> list[Check]:
        """The same for checks; those of another host say so in their evidence. They must not hold a secret."""
        found, host = self.ask(question, lambda: [check.as_dict() for check in make()], patience, _hold)
        checks = [Check(**one) for one in found]
        return [replace(check, evidence={**check.evidence, ASKED_BY: host}) for check in checks] if host else checks

    def _path(self, question: t.Any) -> str:
        with open(os.path.join(self.folder, KEY), "rb") as stream:
            key = stream.read()
        around = {name: text for name, text in os.environ.items() if name.lower() in _ENVIRONMENT}
        asked = json.dumps([question, around], sort_keys=True).encode("utf-8")
        return os.path.join(self.folder, hmac.new(key, asked, hashlib.sha256).hexdigest())


NOBODY = Shared()


def content_of(path: str) -> str:
    """A digest over a file that a question depends on; empty for none, or if it cannot be read."""
    try:
        with open(path, "rb") as stream:
            return hashlib.sha256(stream.read()).hexdigest()
    except OSError:
        return ""


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _hold(checks: t.Iterable[t.Mapping[str, t.Any]]) -> float:
    found = {check["status"] for check in checks}
    return GOOD if PASS in found and FAIL not in found else FAULT


def _locked(file: t.IO[bytes], patience: float) -> bool:
    """Whether the file is ours. The kernel takes the lock from a process that ended."""
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(_PAUSE)
        except OSError:  # a filesystem without locks
            return False


def _told(file: t.IO[bytes]) -> dict[str, t.Any] | None:
    """What was written; None for nothing, or for what somebody began to write when it was killed."""
    file.seek(0)
    try:
        return t.cast("dict[str, t.Any]", json.loads(file.read()))
    except ValueError:
        return None


def _write(file: t.IO[bytes], told: dict[str, t.Any]) -> None:
    with contextlib.suppress(OSError):  # a full disk: this host has its answer, the next one asks
        file.truncate(0)
        file.write(json.dumps(told).encode("utf-8"))

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registry that all hosts of a run ask together: each question once, each wrong log-in once.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import ssl
import time
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._image_reference import Reference
from ansible_collections.holmesgpt.onprem.plugins.module_utils._mask import mask
from ansible_collections.holmesgpt.onprem.plugins.module_utils._pull_secret import Credential
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry import Registry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_error import WRONG_LOGIN, RegistryError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_manifest import Image
from ansible_collections.holmesgpt.onprem.plugins.module_utils._shared import FAULT, GOOD, RUN, Shared, content_of

Told = dict[str, t.Any]
# In timeouts of one request.
_PATIENCE = 1.25


class SharedRegistry:
    """As :class:`~_registry.Registry`. ``asked_by``: another host that asked for this one, empty if none did."""

    def __init__(self, host: str, ca_file: str, timeout: float, shared: Shared) -> None:
        self._registry, self._shared, self._host = Registry(host, ca_file, timeout), shared, host
        self._place = ["registry", host, content_of(ca_file), timeout]
        # For other hosts: one request of theirs that hangs. What is left of the task is for requests of our own.
        self._end = time.monotonic() + _PATIENCE * timeout
        self.asked_by = ""

    @property
    def plain(self) -> bool:
        return self._registry.plain

    @property
    def challenged(self) -> bool:
        return self._registry.challenged

    def ping(self) -> None:
        """See :meth:`Registry.ping`."""
        self._read(self._told([*self._place, "ping"], self._registry.ping))

    def image(self, reference: Reference, credential: Credential | None) -> Image:
        """See :meth:`Registry.image`."""
        who = [credential.username, credential.password] if credential else []
        question = ["image", reference.path, reference.tag, reference.digest, *who]

        def asked() -> Told:
            return self._told([*self._place, *question], lambda: self._registry.image(reference, credential))

        told = self._read(self._with_login(who, asked) if credential else asked())
        return Image(str(told["digest"]), tuple(told["platforms"]))

    def _with_login(self, who: list[str], asked: t.Callable[[], Told]) -> Told:
        """One host of all tries a log-in, with whatever image; the others wait for it, and take a refusal as theirs."""
        found: list[Told] = []

        def tried() -> Told | None:
            found.append(asked())
            return found[0] if _hold(found[0]) == RUN else None

        def holds(refusal: Told | None) -> float:
            # After any other fault it is not known whether the log-in is right, so hosts go on one by one.
            return RUN if refusal else GOOD if not found[0]["fault"] else 0

        refusal, host = self._shared.ask(["log-in", self._host, *who], tried, self._left(), holds)
        self.asked_by = self.asked_by or host
        return refusal or (found[0] if found else asked())

    def _told(self, question: list[t.Any], make: t.Callable[[], Image | None]) -> Told:
        told, host = self._shared.ask(question, lambda: self._answer(make), self._left(), _hold)
        self.asked_by = self.asked_by or host
        return told

    def _read(self, told: Told) -> Told:
        self._registry.plain, self._registry.challenged = told["plain"], self.challenged or told["challenged"]
        if told["fault"]:
            raise _fault(told["fault"])
        return told

    def _left(self) -> float:
        return max(0.0, self._end - time.monotonic())

    def _answer(self, make: t.Callable[[], Image | None]) -> Told:
        image, fault = None, None
        try:
            image = make()
        except (Unreachable, RegistryError) as error:
            fault = _of_fault(error)
        found = {"digest": image.digest, "platforms": image.platforms} if image else {}
        return {"plain": self.plain, "challenged": self.challenged, "fault": fault, **found}


def _hold(told: Told) -> float:
    """A log-in that was refused is not tried again in this run: the next time may lock the account."""
    if not told["fault"]:
        return GOOD
    return RUN if told["fault"]["kind"] == WRONG_LOGIN else FAULT


def _of_fault(error: Unreachable | RegistryError) -> Told:
    cause = error.__cause__
    return {
        "kind": error.kind,
        "text": mask(str(error)),
        "tags": list(error.tags) if isinstance(error, RegistryError) else None,
        "certificate": cause.verify_code if isinstance(cause, ssl.SSLCertVerificationError) else None,
    }


def _fault(told: Told) -> Unreachable | RegistryError:
    if told["tags"] is not None:
        return RegistryError(told["kind"], told["text"], told["tags"])
    found = Unreachable(told["kind"], told["text"])
    if told["certificate"] is not None:
        # What is wrong with it is told by OpenSSL's number.
        found.__cause__ = ssl.SSLCertVerificationError()
        found.__cause__.verify_code = told["certificate"]
    return found

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registry that all hosts of a run ask together: each question once, each wrong log-in once.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import ssl
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._image_reference import Reference
from ansible_collections.holmesgpt.onprem.plugins.module_utils._mask import mask
from ansible_collections.holmesgpt.onprem.plugins.module_utils._pull_secret import Credential
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry import Registry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_error import RegistryError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_manifest import Image
from ansible_collections.holmesgpt.onprem.plugins.module_utils._shared import Shared, content_of

Told = dict[str, t.Any]


class SharedRegistry:
    """As :class:`~_registry.Registry`. ``asked_by``: another host that asked for this one, empty if none did."""

    def __init__(self, host: str, ca_file: str, timeout: float, shared: Shared) -> None:
        self._registry, self._shared = Registry(host, ca_file, timeout), shared
        self._place = ["registry", host, content_of(ca_file), timeout]
        # One request that hangs, and another one.
        self._patience = 2 * timeout
        self.asked_by = ""

    @property
    def plain(self) -> bool:
        return self._registry.plain

    @property
    def challenged(self) -> bool:
        return self._registry.challenged

    def ping(self) -> None:
        """See :meth:`Registry.ping`."""
        self._ask(["ping"], self._registry.ping)

    def image(self, reference: Reference, credential: Credential | None) -> Image:
        """See :meth:`Registry.image`."""
        who = [credential.username, credential.password] if credential else []
        question = ["image", reference.path, reference.tag, reference.digest, *who]
        told = self._ask(question, lambda: self._registry.image(reference, credential))
        return Image(str(told["digest"]), tuple(told["platforms"]))

    def _ask(self, question: list[str], make: t.Callable[[], Image | None]) -> Told:
        told, host = self._shared.ask([*self._place, *question], lambda: self._answer(make), self._patience)
        self.asked_by = self.asked_by or host
        self._registry.plain, self._registry.challenged = told["plain"], self.challenged or told["challenged"]
        if told["fault"]:
            raise _fault(told["fault"])
        return told

    def _answer(self, make: t.Callable[[], Image | None]) -> Told:
        image, fault = None, None
        try:
            image = make()
        except (Unreachable, RegistryError) as error:
            fault = _of_fault(error)
        found = {"digest": image.digest, "platforms": image.platforms} if image else {}
        return {"plain": self.plain, "challenged": self.challenged, "fault": fault, **found}


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

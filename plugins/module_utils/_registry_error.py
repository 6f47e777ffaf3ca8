# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a registry answers instead of what was asked for.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Answer
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_manifest import speaks_registry

# Kinds of RegistryError.
NOT_REGISTRY = "not_registry"
WRONG_LOGIN = "wrong_login"
LOGIN_NEEDED = "login_needed"
DENIED = "denied"
TOKEN_SERVER = "token_server"  # noqa: S105  # a kind, not a password
PLAIN_HTTP = "plain_http"
NO_REPOSITORY = "no_repository"
NO_TAG = "no_tag"
MISMATCH = "mismatch"
BUSY = "busy"
SERVER = "server"
ELSEWHERE = "elsewhere"
ODD = "odd"


class RegistryError(Exception):
    """The registry answered, but not with what was asked for. ``text`` is for people; ``tags`` are some it has."""

    def __init__(self, kind: str, text: str, tags: t.Sequence[str] = ()) -> None:
        super().__init__(text)
        self.kind, self.text, self.tags = kind, text, tuple(tags)


def recognise(answer: Answer) -> None:
    """Raises RegistryError unless the answer to /v2/ is a registry's."""
    if answer.status == 429 or answer.status >= 500:
        refuse(answer)
    if not speaks_registry(answer):
        kind = answer.headers.get("content-type", "").partition(";")[0] or "no content type"
        raise RegistryError(NOT_REGISTRY, f"it answers /v2/ with {answer.status} and {kind}, as no registry does")


def refuse(answer: Answer) -> None:
    """Raises RegistryError for anything but an answer to what was asked."""
    if answer.status == 429:
        raise RegistryError(BUSY, "it is asked too often (429)")
    if answer.status >= 500:
        raise RegistryError(SERVER, f"it has a trouble of its own ({answer.status})")
    if 300 <= answer.status < 400:
        raise RegistryError(ELSEWHERE, f"it sends to another host ({answer.status}), to which nothing is followed")
    if answer.status != 200:
        raise RegistryError(ODD, f"it answers {answer.status}")

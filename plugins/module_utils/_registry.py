# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An image registry (OCI distribution, version 2), asked as a node's container runtime would.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry_auth as auth
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry_manifest as manifest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import RESET, TLS, Answer, Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._image_reference import DOCKER_HUB, Reference
from ansible_collections.holmesgpt.onprem.plugins.module_utils._pull_secret import Credential, repository
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_error import (
    DENIED,
    LOGIN_NEEDED,
    MISMATCH,
    NO_REPOSITORY,
    NO_TAG,
    NOT_REGISTRY,
    ODD,
    PLAIN_HTTP,
    TOKEN_SERVER,
    WRONG_LOGIN,
    RegistryError,
    recognise,
    refuse,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_http import certificate_fault, context, get

_HUB_API = "registry-1.docker.io"


class Registry:
    """One host. ``plain``: it speaks HTTP without TLS, so no log-in is sent to it. ``challenged``: it asked for one.

    ``timeout``: seconds for one request.
    """

    def __init__(self, host: str, ca_file: str, timeout: float) -> None:
        self.host, self.plain, self.challenged = host, False, False
        self._timeout, self._tls = timeout, context(ca_file)
        # What a repository accepted of a log-in, and log-ins that failed: tried once, or an account gets locked.
        self._headers: dict[tuple[str, Credential | None], str] = {}
        self._refused: set[Credential] = set()

    @property
    def where(self) -> str:
        return f"{'http' if self.plain else 'https'}://{_HUB_API if self.host == DOCKER_HUB else self.host}"

    def ping(self) -> None:
        """Whether a registry answers at all; raises Unreachable or RegistryError."""
        try:
            answer = self._ask("/v2/", {})
        except Unreachable as error:
            if certificate_fault(error) or error.kind not in (TLS, RESET) or not self._answers_plainly():
                raise
            return
        recognise(answer)

    def image(self, reference: Reference, credential: Credential | None) -> manifest.Image:
        """The image that a reference means; raises Unreachable or RegistryError."""
        path = repository(reference)
        wanted = reference.digest or reference.tag or "latest"
        answer = self._get(path, f"manifests/{wanted}", {"Accept": manifest.ACCEPT}, credential)
        if answer.status == 404:
            raise self._missing(path, reference, credential, answer)
        refuse(answer)
        expected, content = manifest.digest_of(answer, reference.digest)
        if expected != content:
            raise RegistryError(MISMATCH, f"its content is {content} instead of {expected}")
        body = answer.json()
        config = manifest.config_digest(body)
        found = self._platform(path, config, credential) if config else manifest.platforms_of(body)
        return manifest.Image(content, found)

    def _platform(self, path: str, config: str, credential: Credential | None) -> tuple[str, ...]:
        """The platform of a single manifest; unknown where blobs are kept on another host."""
        answer = self._get(path, f"blobs/{config}", {}, credential)
        return manifest.platform_of_config(answer.json()) if answer.status == 200 else ()

    def _missing(self, path: str, reference: Reference, credential: Credential | None, answer: Answer) -> RegistryError:
        """Whether the repository or only the tag is missing. Registries say MANIFEST_UNKNOWN to both."""
        if not manifest.error_code(answer) and "html" in answer.headers.get("content-type", ""):
            return RegistryError(NOT_REGISTRY, "it answers with a web page (404)")
        try:
            listed = self._get(path, "tags/list", {}, credential)
        except (RegistryError, Unreachable):
            listed = answer
        if listed.status == 404 and "NAME_UNKNOWN" in (manifest.error_code(listed), manifest.error_code(answer)):
            return RegistryError(NO_REPOSITORY, f"it has no repository '{path}'")
        tags = manifest.near_tags(listed.json(), reference.tag) if listed.status == 200 else ()
        what = f"digest {reference.digest}" if reference.digest else f"tag '{reference.tag or 'latest'}'"
        return RegistryError(NO_TAG, f"its repository '{path}' has no {what}", tags)

    def _get(self, path: str, what: str, headers: t.Mapping[str, str], credential: Credential | None) -> Answer:
        """An answer to somebody who is logged in, if the registry wants that."""
        key, url = (path, credential), f"/v2/{path}/{what}"
        known = self._headers.get(key)
        answer = self._ask(url, {**headers, "Authorization": known} if known else headers)
        if answer.status == 401:
            self.challenged = True
            wants = auth.challenge(answer.headers.get("www-authenticate", ""))
            if wants is None:
                raise RegistryError(ODD, "it answers 401 without saying how to log in")
            self._headers[key] = self._authorization(wants, path, credential)
            answer = self._ask(url, {**headers, "Authorization": self._headers[key]})
            if answer.status == 401:
                del self._headers[key]
                raise self._refusal(wants, credential)
        if answer.status == 403:
            raise RegistryError(DENIED if credential else LOGIN_NEEDED, f"it refuses '{path}' (403)")
        return answer

    def _refusal(self, wants: auth.Challenge, credential: Credential | None) -> RegistryError:
        """A 401 after the log-in. A token means that the log-in itself was right."""
        if not credential:
            return RegistryError(LOGIN_NEEDED, "it wants a log-in")
        if wants.scheme == auth.BEARER:
            return RegistryError(DENIED, "it accepts the log-in, but not for this repository (401)")
        self._refused.add(credential)
        return RegistryError(WRONG_LOGIN, "it refuses the log-in (401)")

    def _authorization(self, wants: auth.Challenge, path: str, credential: Credential | None) -> str:
        """The header that answers a challenge. No log-in goes out in clear, nor twice if it is wrong."""
        if credential in self._refused:
            raise RegistryError(WRONG_LOGIN, "it refuses the log-in (401)")
        bearer = wants.scheme == auth.BEARER
        try:
            url = auth.token_url(wants, f"repository:{path}:pull") if bearer else self.where
        except ValueError:
            raise RegistryError(TOKEN_SERVER, "it names a token server whose address is not usable") from None
        if credential and not url.startswith("https://"):
            raise RegistryError(PLAIN_HTTP, f"it wants the log-in at {url.partition('?')[0]}, which is not encrypted")
        if not bearer:
            if not credential:
                raise RegistryError(LOGIN_NEEDED, "it wants a log-in")
            return auth.basic(credential)
        return self._token(url, credential)

    def _token(self, url: str, credential: Credential | None) -> str:
        server = url.partition("?")[0]
        try:
            headers = {"Authorization": auth.basic(credential)} if credential else {}
            answer = get(url, headers, self._tls, self._timeout)
        except Unreachable as error:
            raise RegistryError(TOKEN_SERVER, f"its token server {server} cannot be asked: {error}") from error
        if answer.status in (401, 403) and credential:
            self._refused.add(credential)
            raise RegistryError(WRONG_LOGIN, f"its token server {server} refuses the log-in ({answer.status})")
        if answer.status in (401, 403):
            raise RegistryError(LOGIN_NEEDED, "it wants a log-in")
        refuse(answer)
        header = auth.bearer(answer.json())
        if not header:
            raise RegistryError(TOKEN_SERVER, f"its token server {server} gives no token")
        return header

    def _answers_plainly(self) -> bool:
        """Whether a registry without TLS is there; it is remembered."""
        self.plain = True
        try:
            self.plain = manifest.speaks_registry(self._ask("/v2/", {}))
        except Unreachable:
            self.plain = False
        return self.plain

    def _ask(self, path: str, headers: t.Mapping[str, str]) -> Answer:
        return get(self.where + path, headers, self._tls, self._timeout)

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which log-ins the pods will bring along: their pull Secrets, and those of their ServiceAccount.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _pull_secret as pull_secret
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._image_reference import Reference, parse
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, KubeError, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import find
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._pull_secret import Entry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, items
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered

_MISSING_FIX = (
    "Create it, correct holmes_image_pull_secrets, or let the role make it: holmes_registry_host, "
    "holmes_registry_username, holmes_registry_password."
)


@dataclass(frozen=True)
class Pull:
    """An image of a pod. ``secrets`` are the names it brings, ``logins`` what of them fits the image."""

    image: str
    reference: Reference
    owner: str
    pod: view.Manifest
    secrets: tuple[str, ...]
    entries: tuple[Entry, ...]
    # One of the Secrets could not be read, so a log-in may be missing here.
    unread: bool

    @property
    def logins(self) -> tuple[Entry, ...]:
        return pull_secret.matching(self.entries, self.image, self.reference)


class PullSecrets:
    """Reads each Secret once. ``problems`` holds what was wrong, by "Secret NAME" or "ServiceAccount NAME"."""

    def __init__(self, context: Context, rendered: Rendered) -> None:
        self.problems: dict[str, HolmesError] = {}
        self._context, self._rendered = context, rendered
        self._known: dict[tuple[str, str], tuple[Entry, ...]] = {}

    def pulls(self) -> list[Pull]:
        """Every image of every pod; illegal references are left out."""
        return [pull for manifest, spec in view.pod_specs(self._rendered) for pull in self._of_pod(manifest, spec)]

    def _of_pod(self, manifest: view.Manifest, spec: view.Manifest) -> t.Iterator[Pull]:
        namespace = str(get(manifest, ("metadata", "namespace")) or self._context.namespace)
        account = f"ServiceAccount {_account(spec)}"
        # Kubernetes takes those of the account only for a pod that names none.
        names = _names(spec) or self._of_account(namespace, _account(spec))
        entries = tuple(entry for name in names for entry in self._entries(namespace, name))
        unread = account in self.problems or any(f"Secret {name}" in self.problems for name in names)
        images = dict.fromkeys(str(container.get("image") or "") for container in view.containers(spec))
        for image in images:
            reference = parse(image)
            if reference:
                yield Pull(image, reference, view.title_of(manifest), spec, names, entries, unread)

    def _of_account(self, namespace: str, name: str) -> tuple[str, ...]:
        """Pull Secrets of an account: as rendered, else as it is in the cluster, where somebody may have added some."""
        for manifest in view.of_kind(self._rendered, "ServiceAccount"):
            if view.name_of(manifest) == name and _names(manifest):
                return _names(manifest)
        try:
            return _names(self._context.cluster().get(path_of(CORE, "serviceaccounts", namespace, name)))
        except KubeError as error:
            if error.status != 404:
                self.problems[f"ServiceAccount {name}"] = _without_right(error, "serviceaccounts", namespace)
            return ()

    def _entries(self, namespace: str, name: str) -> tuple[Entry, ...]:
        key = (namespace, name)
        if key not in self._known:
            self._known[key] = ()
            try:
                self._known[key] = self._read(namespace, name)
            except HolmesError as error:
                self.problems[f"Secret {name}"] = error
        return self._known[key]

    def _read(self, namespace: str, name: str) -> tuple[Entry, ...]:
        """What the Secret will hold after this run; raises HolmesError."""
        ours = self._context.secrets.get(name) if namespace == self._context.namespace else None
        if ours and pull_secret.JSON_KEY in ours:
            return pull_secret.of_text(name, ours[pull_secret.JSON_KEY])
        try:
            return pull_secret.of_object(name, self._context.cluster().get(path_of(CORE, "secrets", namespace, name)))
        except KubeError as error:
            if error.status != 404:
                raise _without_right(error, "secrets", namespace) from error
        if find(self._context.cluster(), path_of(CORE, "namespaces", name=namespace)) is None:
            message = f"Namespace {namespace} does not exist yet, so Secret {name} cannot be read."
            raise KubeError(message, 404, "Make the namespace first, if something copies the Secret into it.")
        raise HolmesError(
            f"Secret {name}, from which pods in namespace {namespace} are to take the log-in of the registry, does not "
            "exist, and this run does not make it.",
            _MISSING_FIX,
        )


def _account(spec: view.Manifest) -> str:
    return str(spec.get("serviceAccountName") or spec.get("serviceAccount") or "default")


def _names(thing: view.Manifest) -> tuple[str, ...]:
    """Names in ``imagePullSecrets`` of a pod or of an account."""
    found = [str(get(entry, ("name",)) or "") for entry in items(thing.get("imagePullSecrets"))]
    return tuple(dict.fromkeys(name for name in found if name))


def _without_right(error: KubeError, resource: str, namespace: str) -> KubeError:
    fix = f"Allow this account to get {resource} in namespace {namespace}." if error.forbidden else error.fix
    return KubeError(error.msg, error.status, fix or "Repair the access to the cluster first.")

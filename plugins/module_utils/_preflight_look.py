# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What several checks of the cluster look at, each asked for once.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Once
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    CORE,
    KubeError,
    Object,
    Reader,
    meta,
    name_of,
    path_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import NOT_FOUND, find
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_many import many
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_view import Manifest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered

HOOK = "helm.sh/hook"
_RENDER = "See to Helm (holmes_helm_binary) and to the checks of the values first."


@dataclass(frozen=True)
class Kind:
    """A kind that the API server serves: name in URLs, group, path of its API, and whether it lives in namespaces."""

    resource: str
    group: str
    base: str
    namespaced: bool

    @property
    def title(self) -> str:
        """``deployments.apps``, as messages of the API server have it."""
        return f"{self.resource}.{self.group}" if self.group else self.resource


# By apiVersion and kind, as they stand in a manifest.
Kinds = t.Mapping[tuple[str, str], Kind]


@dataclass(frozen=True)
class Live:
    """A rendered object and what the cluster has under its name: None if there is nothing, or why it is unknown."""

    manifest: Manifest
    kind: Kind
    namespace: str
    found: Object | None = None
    error: KubeError | None = None

    @property
    def title(self) -> str:
        return f"{self.manifest.get('kind')}/{name_of(self.manifest)}"

    @property
    def collection(self) -> str:
        """Where objects of this kind are made."""
        return path_of(self.kind.base, self.kind.resource, self.namespace)

    @property
    def path(self) -> str:
        return path_of(self.kind.base, self.kind.resource, self.namespace, name_of(self.manifest))


@dataclass
class Look:
    """One look at a cluster, shared by the tasks of a run. Whatever cannot be read raises KubeError to each of them."""

    context: Context
    kinds: Once[Kinds] = field(init=False)
    version: Once[Object] = field(init=False)
    namespace: Once[Object | None] = field(init=False)
    live: Once[list[Live]] = field(init=False)

    def __post_init__(self) -> None:
        self.kinds = Once(lambda: read_kinds(self.reader, self.rendered()))
        self.version = Once(lambda: self.reader.get("/version"))
        where = path_of(CORE, "namespaces", name=self.context.namespace)
        self.namespace = Once(lambda: find(self.reader, where))
        self.live = Once(lambda: read_live(self.reader, self.rendered(), self.kinds(), self.context.namespace))

    @property
    def reader(self) -> Reader:
        return self.context.cluster()

    @property
    def secrets(self) -> list[str]:
        """What must never be shown."""
        known = [text for texts in self.context.secrets.values() for text in texts.values()]
        return [*known, str(self.context.registry.get("password") or "")]

    def rendered(self) -> Rendered:
        """The rendered chart. Without one nothing can be compared: KubeError, which counts as not checked."""
        try:
            found = self.context.rendered()
        except HolmesError as error:
            raise KubeError(error.msg, fix=error.fix or _RENDER) from error
        if not found.done:
            reason = found.missing or f"The chart gives no manifests: {found.error or 'it renders nothing.'}"
            raise KubeError(reason, fix=_RENDER)
        return found


def base_of(api_version: str) -> str:
    """The path of an API: ``/api/v1`` or ``/apis/apps/v1``."""
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def read_kinds(reader: Reader, rendered: Rendered) -> Kinds:
    """The rendered kinds that the cluster serves; what is missing in the answer is not served."""
    wanted = sorted({str(manifest.get("apiVersion")) for manifest in rendered.manifests if manifest.get("apiVersion")})
    found: dict[tuple[str, str], Kind] = {}
    lists = many(lambda version: _served(reader, base_of(version)), wanted)
    for version, resources in zip(wanted, lists):
        group = version.rpartition("/")[0]
        for entry in resources:
            if "/" not in str(entry.get("name", "/")):
                kind = Kind(str(entry["name"]), group, base_of(version), bool(entry.get("namespaced")))
                found[version, str(entry.get("kind"))] = kind
    return found


def _served(reader: Reader, base: str) -> list[Object]:
    try:
        return list(reader.get(base).get("resources") or [])
    except KubeError as error:
        if error.status == NOT_FOUND:
            return []
        raise


def read_live(reader: Reader, rendered: Rendered, kinds: Kinds, namespace: str) -> list[Live]:
    """What the cluster has under the names of the rendered objects. Hooks come and go, so they are left out."""

    def look(manifest: Manifest) -> Live:
        kind = kinds[kind_of(manifest)]
        live = Live(manifest, kind, place_of(manifest, kind, namespace))
        try:
            return Live(manifest, kind, live.namespace, find(reader, live.path))
        except KubeError as error:
            if error.forbidden:
                return Live(manifest, kind, live.namespace, None, error)
            raise

    return many(look, [item for item in named(rendered) if kind_of(item) in kinds and not hooks(item)])


def named(rendered: Rendered) -> list[Manifest]:
    """The rendered objects that an installation makes: those with a name that are no tests."""
    return [item for item in rendered.manifests if name_of(item) and not hooks(item) & {"test", "test-success"}]


def hooks(manifest: Manifest) -> set[str]:
    """The moments at which Helm runs this object; empty for one that stays."""
    text = str((meta(manifest).get("annotations") or {}).get(HOOK) or "")
    return {part.strip() for part in text.split(",") if part.strip()}


def kind_of(manifest: Manifest) -> tuple[str, str]:
    return str(manifest.get("apiVersion")), str(manifest.get("kind"))


def place_of(manifest: Manifest, kind: Kind, namespace: str) -> str:
    """The namespace that an object goes to, empty for one that is in none."""
    return str(meta(manifest).get("namespace") or namespace) if kind.namespaced else ""

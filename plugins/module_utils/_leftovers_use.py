# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who else needs what could be removed: custom resources, other HolmesGPTs, the content of the namespace.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    APPS,
    KubeError,
    Object,
    Reader,
    items,
    meta,
    name_of,
    path_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._leftovers import Left, Search, owned, usual
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_look import base_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_many import many
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import listed
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import SECRET_TYPE
from ansible_collections.holmesgpt.onprem.plugins.module_utils._secret import is_ours
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import RELEASE_NAME, holmes_container

# They tell of other objects and go with them, or are measurements and no objects.
_PASSING = ("events", "endpoints", "endpointslices", "controllerrevisions")
_MEASURED = ("metrics.k8s.io", "custom.metrics.k8s.io", "external.metrics.k8s.io")
# OpenShift makes these role bindings in every namespace.
_BINDINGS = ("system:deployers", "system:image-builders", "system:image-pullers")
_OPERATOR = "holmes-operator"


def users_of_crds(search: Search, crds: t.Sequence[Left]) -> str:
    """Who still needs the CRDs, as a sentence; empty if nobody. Raises KubeError if that may not be read."""
    needed = [told for told in (_resources(search.reader, crd.thing) for crd in crds) if told]
    if needed:
        return f"there are still {'; '.join(needed)}"
    deployments = items(search.reader, path_of(APPS, "deployments"))
    others = [
        f"{name_of(one)} -n {meta(one).get('namespace')}"
        for one in deployments
        if _is_holmes(one) and not owned(one, search.release, search.namespace)
    ]
    return f"another HolmesGPT may use them: deployment {listed(others)}" if others else ""


def _resources(reader: Reader, crd: Object) -> str:
    """``2 healthchecks.holmesgpt.dev (namespaces a, b)``."""
    spec = crd.get("spec") or {}
    served = [one["name"] for one in spec.get("versions") or [] if one.get("served")]
    if not served:
        return f"{name_of(crd)} without a version that could be looked at"
    plural = str(get(spec, ("names", "plural"), ""))
    try:
        found = items(reader, path_of(base_of(f"{spec.get('group')}/{served[0]}"), plural))
    except KubeError as error:
        if error.status == 404:
            return ""
        raise
    places = sorted({str(meta(one).get("namespace") or "") for one in found} - {""})
    return f"{len(found)} {name_of(crd)} (namespaces {listed(places)})" if found else ""


def _is_holmes(deployment: Object) -> bool:
    label = get(deployment, ("spec", "template", "metadata", "labels", "app"))
    return label in ("holmes", _OPERATOR) or holmes_container(deployment) is not None


def content(search: Search) -> list[str]:
    """What is in the namespace and neither ours, nor this release's, nor Kubernetes' own; raises KubeError."""
    resources = _resources_of(search.reader)

    def look(entry: tuple[str, str, str]) -> list[str]:
        base, resource, kind = entry
        try:
            found = items(search.reader, path_of(base, resource, search.namespace))
        except KubeError as error:
            if error.status in (404, 405):
                return []
            raise
        return [f"{kind.lower()}/{name_of(one)}" for one in found if _foreign(search, kind.lower(), one)]

    return sorted({name for names in many(look, resources) for name in names})


def _foreign(search: Search, kind: str, thing: Object) -> bool:
    notes = meta(thing)
    if notes.get("ownerReferences") or usual(kind, thing) or (kind, name_of(thing)) in search.going:
        return False
    if kind == "rolebinding" and name_of(thing) in _BINDINGS:
        return False
    if kind == "secret" and thing.get("type") == SECRET_TYPE:
        return (notes.get("labels") or {}).get("name") != search.release
    if (notes.get("annotations") or {}).get(RELEASE_NAME):
        return not owned(thing, search.release, search.namespace)
    return not is_ours(thing)


def _resources_of(reader: Reader) -> list[tuple[str, str, str]]:
    """Base path, name and kind of everything that lives in namespaces and can be listed."""
    groups = reader.get("/apis").get("groups") or []
    versions = ["v1", *(str(get(one, ("preferredVersion", "groupVersion"))) for one in groups)]
    bases = [base_of(version) for version in versions if version.partition("/")[0] not in _MEASURED]
    lists = many(lambda base: list(reader.get(base).get("resources") or []), bases)
    return [
        (base, str(one["name"]), str(one.get("kind")))
        for base, resources in zip(bases, lists)
        for one in resources
        if one.get("namespaced") and "list" in (one.get("verbs") or []) and str(one["name"]) not in _PASSING
    ]

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about the rendered objects as such: what the API refuses, and what nobody expects of this chart.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from collections import Counter

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _object_names as legal
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_origin import origin
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    listed,
    rule,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_render import on_manifests
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, get, items
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

_CLUSTER_WIDE = (*("ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "Namespace", "PersistentVolume"),)
_EXPECTED = (
    *("ClusterRole", "ClusterRoleBinding", "ConfigMap", "Deployment", "HorizontalPodAutoscaler", "NetworkPolicy"),
    *("Role", "RoleBinding", "Secret", "Service", "ServiceAccount"),
)
# These decide about requests of everybody in the cluster.
_GATES = ("APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_HOOK = ("metadata", "annotations", "helm.sh/hook")


@rule("render.objects", "The API accepts the names of all objects")
@on_manifests
def objects(case: Case) -> t.Iterator[Finding]:
    for manifest in case.rendered.manifests:
        yield from _named(case, manifest)
    counted = Counter(
        (view.title_of(manifest), str(get(manifest, ("metadata", "namespace"), case.request.namespace)))
        for manifest in case.rendered.manifests
    )
    for (title, _namespace), times in counted.items():
        if times > 1:
            message = f"{title} is rendered {times} times; only one of them can exist."
            yield fail(message, "Give one of them another name, for example by holmes_service_account.")
    for manifest, container in view.running(case.rendered):
        yield from _container(case, manifest, container)
    yield good(f"{len(case.rendered.manifests)} objects")


def _named(case: Case, manifest: Values) -> t.Iterator[Finding]:
    wrong = legal.wrong_name(str(manifest.get("kind")), view.name_of(manifest))
    if wrong:
        message = f"{view.title_of(manifest)} has a name that Kubernetes refuses: {wrong}."
        long = view.name_of(manifest).startswith(case.request.release_name)
        yield fail(message, "Set holmes_release_name to a shorter one." if long else "Correct the value it comes from.")


def _container(case: Case, manifest: Values, container: Values) -> t.Iterator[Finding]:
    title, name = view.title_of(manifest), str(container.get("name") or "")
    if not legal.is_label(name):
        message = f"A container of {title} has the name '{name}', which Kubernetes refuses."
        yield fail(message, "Correct initContainers: only a-z, 0-9 and '-', at most 63 characters.")
    # values.env_name speaks of HolmesGPT's own container.
    if container is not view.holmes_container(case.rendered, case.request):
        names = Counter(str(get(entry, ("name",))) for entry in items(container.get("env")))
        twice = sorted(variable for variable, times in names.items() if times > 1)
        if twice:
            message = f"The container '{name}' of {title} sets {listed(twice)} more than once."
            yield fail(
                message, f"Correct additionalEnvVars of {origin(case, view.name_of(manifest)) or 'initContainers'}."
            )


@rule("render.kinds", "Nothing unexpected is rendered", excusable=True)
@on_manifests
def kinds(case: Case) -> t.Iterator[Finding]:
    for manifest in case.rendered.manifests:
        for told, message in _unexpected(case, manifest):
            title = view.title_of(manifest)
            source = origin(case, view.name_of(manifest))
            fix = f"Set {source}.enabled: false." if source else "Remove the value or the sub-chart that brings it."
            yield told(f"{title} {message}.", fix, subject=title)
    yield good(f"{len(case.rendered.manifests)} objects")


Told = t.Callable[..., Finding]


def _unexpected(case: Case, manifest: Values) -> t.Iterator[tuple[Told, str]]:
    kind = str(manifest.get("kind"))
    namespace = get(manifest, ("metadata", "namespace"))
    hook = get(manifest, _HOOK)
    if hook and "test" not in str(hook):
        yield warn, "is a hook, which Helm runs and keeps outside of the release"
    elif kind in _GATES:
        yield fail, "decides about requests of everybody in the cluster"
    elif kind == "Secret" and (manifest.get("data") or manifest.get("stringData")):
        yield fail, "holds its content in the values and in every revision that Helm records"
    elif kind not in _EXPECTED:
        yield warn, "is of a kind that HolmesGPT does not need, and nothing here looks after it"
    if namespace not in (None, "", case.request.namespace) and kind not in _CLUSTER_WIDE:
        yield warn, f"belongs to another namespace, '{namespace}'"

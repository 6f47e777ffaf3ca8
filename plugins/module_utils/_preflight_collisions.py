# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether somebody else owns what the release would make, or would take it back. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Helm takes over no object that does not say that it belongs to this very release: a label and two annotations.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError, Object, meta, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_look import Live
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import (
    failed,
    listed,
    passed,
    unchecked,
    warned,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import (
    RELEASE_NAME,
    RELEASE_NAMESPACE,
    holmes_container,
)

CONFLICT, GITOPS = "release.conflict", "release.gitops"
MANAGED_BY = "app.kubernetes.io/managed-by"
# The chart gives this name to the ConfigMap of every release, and the label to all its pods and in its Service.
CONFIG_MAP = "custom-toolsets-configmap"
APP = "holmes"
# Labels and annotations by which these mark what they keep in line (their documentation).
_KEEPERS = {
    "argocd.argoproj.io/tracking-id": "Argo CD",
    "argocd.argoproj.io/instance": "Argo CD",
    "helm.toolkit.fluxcd.io/name": "Flux (HelmRelease)",
    "kustomize.toolkit.fluxcd.io/name": "Flux (Kustomization)",
}


def owner(found: Object, release: str, namespace: str) -> str:
    """Who owns a live object, if it is not this release; empty for this release."""
    notes, labels = _notes(found, "annotations"), _notes(found, "labels")
    name, place = notes.get(RELEASE_NAME), notes.get(RELEASE_NAMESPACE)
    if (name, place) == (release, namespace) and labels.get(MANAGED_BY) == "Helm":
        return ""
    if name and (name, place) != (release, namespace):
        return f"Helm release '{name}' of namespace '{place}'"
    return keeper(found) or "no Helm release"


def keeper(found: Object) -> str:
    """The GitOps tool that keeps this object in line, with the name it uses; empty if there is none."""
    marks = {**_notes(found, "labels"), **_notes(found, "annotations")}
    for key, tool in _KEEPERS.items():
        if marks.get(key):
            return f"{tool} '{str(marks[key]).partition(':')[0]}'"
    return ""


def _notes(found: Object, key: str) -> dict[str, t.Any]:
    return dict(meta(found).get(key) or {})


@dataclass(frozen=True)
class Clash:
    """An object in the way: what it is called, whose it is, and what to do."""

    title: str
    owner: str
    sentence: str
    fix: str


def judge(
    live: t.Sequence[Live],
    deployments: t.Sequence[Object],
    config_map: Object | None,
    release: str,
    namespace: str,
    unread: t.Sequence[KubeError] = (),
) -> Check:
    """``release.conflict``. ``deployments`` are those of the namespace, ``config_map`` the one with the fixed name."""
    clashes = list(_taken(live, release, namespace))
    named = {clash.title for clash in clashes}
    clashes += [clash for clash in _others(deployments, config_map, release, namespace) if clash.title not in named]
    if clashes:
        message = f"Namespace '{namespace}': {'; '.join(clash.sentence for clash in clashes)}."
        fix = " ".join(dict.fromkeys(clash.fix for clash in clashes))
        return failed(CONFLICT, message, fix, owners={clash.title: clash.owner for clash in clashes})
    blind = [item.error for item in live if item.error] + list(unread)
    if blind:
        fix = "Grant 'get' on the objects of the chart, and 'list' on deployments.apps in the namespace."
        return unchecked(CONFLICT, listed((error.msg for error in blind), 3), blind[0].fix or fix)
    mine = [item.title for item in live if item.found]
    told = f"{len(mine)} of {len(live)} objects exist and belong to this release" if mine else "No name is taken"
    return passed(CONFLICT, f"{told}.", existing=mine)


def _taken(live: t.Sequence[Live], release: str, namespace: str) -> t.Iterator[Clash]:
    """Rendered names under which there is something of somebody else."""
    for item in live:
        whose = owner(item.found, release, namespace) if item.found else ""
        if whose:
            sentence = f"{item.title} exists and belongs to {whose}"
            yield Clash(item.title, whose, sentence, _adopt(item, whose, release, namespace))


def _others(
    deployments: t.Sequence[Object], config_map: Object | None, release: str, namespace: str
) -> t.Iterator[Clash]:
    """What the release would get mixed up with, although it makes nothing of that name."""
    if config_map is not None and owner(config_map, release, namespace):
        title, whose = f"ConfigMap/{CONFIG_MAP}", owner(config_map, release, namespace)
        sentence = f"{title} exists and belongs to {whose}; HolmesGPT would read it as its own"
        yield Clash(title, whose, sentence, f"Delete {title}, or use another namespace (holmes_namespace).")
    for other in filter(_is_holmes, deployments):
        title, whose = f"Deployment/{name_of(other)}", owner(other, release, namespace)
        if whose:
            sentence = (
                f"{title} of {whose} is another HolmesGPT in this namespace; the chart's names and selectors allow "
                "only one"
            )
            yield Clash(title, whose, sentence, "Use another namespace (holmes_namespace), or remove the other one.")


def _adopt(item: Live, told: str, release: str, namespace: str) -> str:
    if told.startswith("Helm release"):
        if name_of(item.manifest) == CONFIG_MAP:
            return "Use another namespace (holmes_namespace), or remove the other release."
        return "Choose another holmes_release_name, or remove the other release."
    where = f" -n {item.namespace}" if item.namespace else ""
    thing = f"{item.kind.title}/{name_of(item.manifest)}"
    return (
        f"Delete {thing}, choose another holmes_release_name, or give it to Helm: kubectl annotate{where} {thing} "
        f"{RELEASE_NAME}={release} {RELEASE_NAMESPACE}={namespace} --overwrite && "
        f"kubectl label{where} {thing} {MANAGED_BY}=Helm --overwrite."
    )


def _is_holmes(deployment: Object) -> bool:
    """What the chart's Service would send requests to, or what runs HolmesGPT's container."""
    label = get(deployment, ("spec", "template", "metadata", "labels", "app"))
    return label == APP or holmes_container(deployment) is not None


def judge_keepers(live: t.Sequence[Live]) -> Check:
    """``release.gitops`` from the objects that exist under the release's names."""
    kept = {item.title: keeper(item.found) for item in live if item.found and keeper(item.found)}
    if kept:
        tools = listed(sorted(set(kept.values())))
        message = f"{tools} keeps {listed(kept)} in line, and will take back what this run changes."
        fix = "Stop its sync of these objects, or deploy the values that holmes_values_dest keeps through it."
        return warned(GITOPS, message, fix, kept=kept)
    blind = [item.error for item in live if item.error]
    if blind:
        fix = "Grant 'get' on the objects of the chart."
        return unchecked(GITOPS, listed((error.msg for error in blind), 3), blind[0].fix or fix)
    return passed(GITOPS, "No object of the release is marked by Argo CD or Flux.")

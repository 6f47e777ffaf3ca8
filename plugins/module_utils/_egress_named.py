# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``egress.named``: hosts of the internet in what runs: pod, ConfigMaps, and all else that Helm recorded.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _endpoint_urls, _live_pod
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_hosts as hosts
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_say import NAMED, passed, unchecked, warned
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_refs import CONFIG_MAP, references
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_view import title_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_endpoints import target
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import pod_spec

_TOLD = 6
# In clusters with another domain a Service's name may end up among the others, which is evidence only.
_DOMAIN = "cluster.local"
# Helm keeps them in its record, and a host in them is the site's business.
_NEVER = ("Secret",)
_FIX = (
    "Remove it from holmes_values, holmes_env or holmes_toolsets, or give a host of the site in its place "
    "(holmes_profile: airgap leaves none of the chart's own)."
)


def check(scene: Scene) -> t.Iterator[Check]:
    """See the module's text."""
    ground = _live_pod.lacking(scene)
    if ground:
        yield unchecked(NAMED, *ground)
        return
    objects, unread = look(scene)
    yield judge(objects, unread, _model_hosts(scene, unread), scene.intent.namespace)


def look(scene: Scene) -> tuple[list[tuple[str, Object]], list[str]]:
    """Objects with their titles, live ones where there are, and what could not be read."""
    deployment = _live_pod.workload_of(scene).deployment
    found: dict[str, Object] = {}
    unread: list[str] = []
    if scene.release and scene.release.manifest:
        found = {title_of(one): one for one in _live_pod.manifests(scene.release) if one.get("kind") not in _NEVER}
    else:
        unread.append("what Helm recorded (list secrets)")
    found[f"Deployment/{name_of(deployment)}"] = {"spec": {"template": {"spec": pod_spec(deployment)}}}
    for pod in scene.pods:
        found[f"Pod/{name_of(pod)}"] = {"spec": pod.get("spec") or {}}
    maps = _live_pod.Maps(scene.reader, scene.intent.namespace)
    for name in sorted({ref.name for ref in references(pod_spec(deployment)) if ref.kind == CONFIG_MAP}):
        try:
            found[f"ConfigMap/{name}"] = {"data": maps.data(name)}
        except HolmesError as error:
            unread.append(f"ConfigMap {name}: {error.msg.rstrip('.')}")
    return list(found.items()), unread


def _model_hosts(scene: Scene, unread: list[str]) -> set[str]:
    try:
        asked = _endpoint_urls.of_models(_live_pod.values(scene))
    except HolmesError as error:
        unread.append(f"the model list: {error.msg.rstrip('.')}")
        return set()
    goals = [target(one.url) for one in asked if one.url]
    return {goal.host for goal in goals if goal}


def judge(
    objects: t.Iterable[tuple[str, Object]], unread: t.Sequence[str], models: t.Collection[str], namespace: str
) -> Check:
    """``models`` are hosts of model servers: a site may give its own servers public addresses."""
    public: dict[str, str] = {}
    others: dict[str, str] = {}
    for title, one in objects:
        for host in hosts.named(one):
            if _is_public(host, models):
                public.setdefault(host, title)
            elif hosts.address(host) is None and not hosts.is_inside(host, _DOMAIN, namespace):
                others.setdefault(host, title)
    evidence = {"public": public, "others": others, "model_servers": sorted(models), "unread": list(unread)}
    if public:
        told = [f"{title} names {host}" for host, title in list(public.items())[:_TOLD]]
        more = f" and {len(public) - _TOLD} more" if len(public) > _TOLD else ""
        message = f"A cut-off cluster does not reach what is named here: {', '.join(told)}{more}."
        return warned(NAMED, message, _FIX, **evidence)
    if unread:
        message = f"No host of the internet was found, but not all was read: {'; '.join(unread)}."
        return unchecked(NAMED, message, "Grant the right that is named to the verifying account.", **evidence)
    return passed(NAMED, "No object of the release names a well-known host of the internet.", **evidence)


def _is_public(host: str, models: t.Collection[str]) -> bool:
    address = hosts.address(host)
    return hosts.is_public(host) or (bool(address) and host not in models)

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about what the rendered pods ask of their node: the Pod Security level, and the node's files.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _pod_security as security
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_origin import origin
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import Finding, fail, good, rule, warn
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_render import on_manifests
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, get, items
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

# Whoever may write to one of these is root on the node.
_SOCKETS = ("docker.sock", "containerd.sock", "crio.sock", "cri-dockerd.sock")
_LEVELS = (security.PRIVILEGED, security.BASELINE, security.RESTRICTED)


@rule("render.pod_security", "The pods keep a Pod Security level", excusable=True)
@on_manifests
def pod_security(case: Case) -> t.Iterator[Finding]:
    wanted = case.request.pod_security == security.RESTRICTED
    told: list[str] = []
    levels = [security.RESTRICTED]
    for manifest, spec in view.pod_specs(case.rendered):
        found = security.violations(spec, view.pod_annotations(manifest))
        told += [f"{view.title_of(manifest)}: {violation}" for violation in found]
        levels.append(security.level(found))
        if found:
            yield from _judged(case, manifest, found, wanted)
    level = min(levels, key=_LEVELS.index)
    yield good(f"Level '{level}'", level=level, violations=told)


def _judged(case: Case, manifest: Values, found: list[security.Violation], wanted: bool) -> t.Iterator[Finding]:
    title = view.title_of(manifest)
    named = "; ".join(map(str, found))
    if wanted:
        message = f"{title} is refused by a namespace of the level 'restricted': {named}."
        yield fail(message, _fix(case, manifest), subject=title)
    elif security.level(found) == security.PRIVILEGED:
        named = "; ".join(str(one) for one in found if one.level == security.BASELINE)
        message = f"{title} needs a namespace of the level 'privileged': {named}."
        yield warn(message, _fix(case, manifest), subject=title)


def _fix(case: Case, manifest: Values) -> str:
    source = origin(case, view.name_of(manifest))
    if source:
        return f"Set {source}.enabled: false, or accept it by name if the namespace allows it."
    if not case.keys.knows(("containerSecurityContext",)):
        return "Use a chart that has podSecurityContext and containerSecurityContext (from March 2026 on, PR #1725)."
    return (
        "Set holmes_pod_security: restricted, and correct what holmes_values adds (contexts, volumes, initContainers)."
    )


@rule("render.host_path", "No pod reaches into its node", excusable=True)
@on_manifests
def host_path(case: Case) -> t.Iterator[Finding]:
    for manifest, spec in view.pod_specs(case.rendered):
        source = origin(case, view.name_of(manifest))
        fix = f"Set {source}.enabled: false." if source else "Remove the volume from additionalVolumes."
        for volume in items(spec.get("volumes")):
            path = get(volume, ("hostPath", "path"))
            if path is None:
                continue
            socket = str(path).rstrip("/").endswith(_SOCKETS)
            what = (
                "the container runtime's socket: whoever uses it is root on the node" if socket else "the node's files"
            )
            message = f"{view.title_of(manifest)} mounts '{path}' of its node, {what}."
            yield fail(message, fix, subject=str(path))
    yield good("No hostPath")

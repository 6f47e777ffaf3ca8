# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judging the images of a registry: whether they are there, and fit the nodes. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry_checks as checks
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry_error as registry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError, Object
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_checks import Finding, judged
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_judge import unasked
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_nodes import platforms
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_survey import Result, Survey

# A list of nodes, or why there is none.
Nodes = t.Union[t.Sequence[Object], KubeError]

_PUSH = "Push the image to the mirror, or correct holmes_image_registry and holmes_image."
_LOOK = "Look at the registry's log and the network in between; raise holmes_preflight_timeout if it is only slow."
_FIXES = {
    registry.NO_REPOSITORY: _PUSH,
    registry.NO_TAG: _PUSH,
    registry.MISMATCH: "Push the image to the mirror anew, or correct the digest in holmes_image.",
    registry.NOT_REGISTRY: "Check the path in holmes_image_registry, and that /v2/ leads to the registry.",
}
_LOGINS = (
    *(registry.WRONG_LOGIN, registry.LOGIN_NEEDED, registry.DENIED),
    *(registry.TOKEN_SERVER, registry.PLAIN_HTTP),
)


def images(survey: Survey) -> Check:
    """``registry.image``: each image is there, with the content that its digest says."""
    found = [finding for result in survey.results for finding in _missing(survey.host, result)]
    rows = [
        {"image": result.name, "digest": result.image.digest, "platforms": list(result.image.platforms)}
        for result in survey.results
        if result.image
    ]
    if survey.fault:
        found = [unasked(survey)]
    good = f"{survey.host} has {', '.join(str(row['image']) for row in rows)}."
    # The same for every host of the run, whatever its objects are called.
    cause = "; ".join(sorted({f"{result.kind} {result.name}" for result in survey.results if result.fault}))
    return judged(checks.IMAGE, found, good, **survey.evidence, images=rows, **({"cause": cause} if cause else {}))


def architecture(survey: Survey, nodes: Nodes) -> Check:
    """``registry.architecture``: each image runs on the nodes that its pods may be put on."""
    here = [result for result in survey.results if result.image]
    evidence: dict[str, t.Any] = {"host": survey.host}
    if not here:
        finding = Finding(NOT_CHECKED, f"No image of {survey.host} is known.", "Repair what registry.image says first.")
        return judged(checks.ARCHITECTURE, [finding], "", **evidence)
    if isinstance(nodes, KubeError):
        fix = (
            "Allow this account to list nodes." if nodes.forbidden else nodes.fix or "Repair the access to the cluster."
        )
        return judged(checks.ARCHITECTURE, [Finding(NOT_CHECKED, nodes.msg, fix)], "", **evidence)
    found = [finding for result in here for finding in _unfit(result, nodes)]
    good = f"Images of {survey.host} fit the nodes that their pods may run on."
    return judged(checks.ARCHITECTURE, found, good, **evidence)


def _missing(host: str, result: Result) -> t.Iterator[Finding]:
    fault, kind = result.fault, result.kind
    if not fault:
        return
    what = f"'{result.name}' of {result.owners}"
    if kind in _LOGINS:
        yield Finding(
            NOT_CHECKED, f"{host} could not be asked for {what}: {fault}.", "Repair the log-in: see registry.login."
        )
    elif kind == registry.ELSEWHERE:
        message = f"{host} could not be asked for {what}: {fault}."
        yield Finding(NOT_CHECKED, message, "Pull it on a node by hand ('crictl pull'): nodes go where they are sent.")
    elif kind == registry.BUSY:
        yield Finding(NOT_CHECKED, f"{host} could not be asked for {what}: {fault}.", "Try again later.")
    else:
        tags = fault.tags if isinstance(fault, registry.RegistryError) else ()
        told = f" Tags it has: {', '.join(tags)}." if tags else ""
        yield Finding(FAIL, f"{what} cannot be pulled from {host}: {fault}.{told}", _FIXES.get(kind, _LOOK))


def _unfit(result: Result, nodes: t.Sequence[Object]) -> t.Iterator[Finding]:
    has = result.image.platforms if result.image else ()
    if not has:
        message = f"The registry does not tell for which processor '{result.name}' is."
        yield Finding(NOT_CHECKED, message, "Look at it with 'skopeo inspect' on a host that reaches the registry.")
        return
    offered = {"/".join(name.split("/")[:2]) for name in has}
    for pull in result.pulls:
        wanted = platforms(pull.pod, nodes)
        odd = {node: platform for node, platform in wanted.items() if platform not in offered}
        what = f"'{result.name}' of {pull.owner} is for {', '.join(has)}"
        if not wanted:
            message = f"No node takes the pods of {pull.owner}, so the processor of '{result.name}' was not compared."
            yield Finding(NOT_CHECKED, message, "Check nodeSelector, affinity and tolerations in holmes_values.")
        elif len(odd) == len(wanted):
            message = f"{what}, but the nodes for it are {', '.join(sorted(set(wanted.values())))}."
            yield Finding(FAIL, message, "Mirror the image with all its platforms (skopeo copy --all).")
        elif odd:
            message = f"{what}; on these nodes it does not run: {_nodes(odd)}."
            fix = (
                "Mirror the image with all its platforms (skopeo copy --all), or set nodeSelector (kubernetes.io/arch)."
            )
            yield Finding(WARN, message, fix)


def _nodes(odd: t.Mapping[str, str]) -> str:
    return ", ".join(f"{node} ({platform})" for node, platform in sorted(odd.items())[:5])

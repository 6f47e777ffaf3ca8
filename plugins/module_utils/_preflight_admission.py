# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether admission accepts the rendered objects: each is sent to the API server as a dry run, which stores nothing.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import copy
import json
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    CORE,
    Cluster,
    KubeError,
    Object,
    Reader,
    name_of,
    path_of,
    translate,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import MERGE_PATCH, find
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_look import Live
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import (
    failed,
    listed,
    passed,
    unchecked,
    warned,
)

ID = "cluster.admission"
ADMISSION = "/apis/admissionregistration.k8s.io/v1"
_REGISTERED = {
    "ValidatingWebhookConfiguration": "validatingwebhookconfigurations",
    "MutatingWebhookConfiguration": "mutatingwebhookconfigurations",
    # Kubernetes 1.30 and later; unknown to older ones.
    "ValidatingAdmissionPolicyBinding": "validatingadmissionpolicybindings",
}
DRY_RUN = (("dryRun", "All"), ("fieldManager", "holmes-preflight"))
_WEBHOOK = re.compile(r'admission webhook "([^"]+)" denied')
_POLICY = re.compile(r"ValidatingAdmissionPolicy '([^']+)'")
_SILENT = re.compile(r'failed calling webhook "([^"]+)"')
_NO_DRY_RUN = re.compile(r'admission webhook "([^"]+)" does not support dry run')
_RIGHT = re.compile(r'cannot (\w+) resource "([^"]+)"')
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')
# Refusals of a pod that prove nothing: cluster.quota knows what an upgrade gives back first, and the default account
# of a new namespace comes a moment later.
_NO_PROOF = ("exceeded quota", "error looking up service account", "violates PodSecurity")
# How a pod of a workload is called here.
_POD = "Pod of "
# A namespace's label says so for every pod; cluster.pod_security judges it, with a fix.
_LEVEL = "would violate PodSecurity"


@dataclass(frozen=True)
class Tried:
    """Answer to the dry run of one object: warnings of the API server, or its refusal."""

    title: str
    warnings: t.Sequence[str] = ()
    error: KubeError | None = None


# Sends (method, path, body) as a dry run; gives the warnings, raises KubeError.
Sender = t.Callable[[str, str, Object], t.Sequence[str]]


def sender(cluster: Cluster, timeout: float) -> Sender:
    """Dry runs against a real API server. Every request carries ``dryRun=All``; nothing is stored."""

    def send(method: str, path: str, body: Object) -> list[str]:
        try:
            answer = cluster.raw.client.request(
                method,
                path,
                body=body,
                query_params=list(DRY_RUN),
                content_type=MERGE_PATCH if method == "patch" else "application/json",
                header_params={"Accept": "application/json"},
                serialize=False,
                _request_timeout=timeout,
            )
            json.loads(answer.data)
        except Exception as error:
            raise translate(error, path) from error
        return warnings_in(str((getattr(answer, "headers", None) or {}).get("Warning") or ""))

    return send


def without_namespace(reader: Reader, namespace: str) -> Check:
    """Nothing can be tried in a namespace that does not exist; what could refuse is known all the same."""
    found = [
        f"{kind} {name_of(item)}"
        for kind, resource in _REGISTERED.items()
        for item in (find(reader, path_of(ADMISSION, resource)) or {}).get("items") or []
    ]
    missing = f"Namespace '{namespace}' does not exist yet, so nothing can be tried in it"
    if not found:
        return passed(ID, f"{missing}; no webhook and no policy is registered that could refuse.", registered=found)
    message = f"{missing}, but {listed(found, 3)} may have a say."
    return unchecked(ID, message, "Make the namespace first; then they can be asked.", registered=found)


def warnings_in(header: str) -> list[str]:
    """Texts of a ``Warning`` header, of which an answer may hold several."""
    return [text.replace('\\"', '"') for text in _WARNING.findall(header)]


def attempts(live: t.Sequence[Live], namespace: str) -> list[tuple[str, str, str, Object]]:
    """What to try, as (title, method, path, body): the objects of the namespace, and a pod of each workload.

    Policies often look at pods only, and those are made later, by a controller. Cluster roles are left out: their
    admission is the question of rights.
    """
    found = []
    for item in live:
        if item.namespace != namespace or item.error:
            continue
        body = copy.deepcopy(item.manifest)
        body.setdefault("metadata", {})["namespace"] = namespace
        target = ("patch", item.path) if item.found else ("post", item.collection)
        found.append((item.title, *target, body))
        pod = _pod_of(item, namespace)
        if pod:
            found.append((f"{_POD}{item.title}", "post", path_of(CORE, "pods", namespace), pod))
    return found


def _pod_of(item: Live, namespace: str) -> Object | None:
    """A pod as the workload's controller would make it. Its account may not exist yet, so the default one stands in."""
    template = (item.manifest.get("spec") or {}).get("template")
    if not isinstance(template, dict) or not isinstance(template.get("spec"), dict):
        return None
    given = copy.deepcopy(template)
    metadata = {**(given.get("metadata") or {}), "namespace": namespace}
    metadata["generateName"] = f"{name_of(item.manifest)}-preflight-"
    for key in ("serviceAccountName", "serviceAccount"):
        given["spec"].pop(key, None)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": given["spec"]}


def attempt(send: Sender, title: str, method: str, path: str, body: Object) -> Tried:
    try:
        return Tried(title, send(method, path, body))
    except KubeError as error:
        if not error.status:  # no answer at all: the others would not get one either
            raise
        return Tried(title, (), error)


def judge(tried: t.Sequence[Tried]) -> Check:
    """``cluster.admission``. Repeats what webhooks say, which the caller has to mask."""
    refused, open_, warnings = [], [], []
    for one in tried:
        warnings += [f"{one.title}: {text}" for text in one.warnings if _LEVEL not in text]
        text = one.error.msg if one.error else ""
        said = refusal(one.error.status, text) if one.error else ""
        if said and one.title.startswith(_POD):
            # It has no owner and another account than a pod of the workload will have.
            open_.append((one.title, f"a pod made by hand was refused, {said}"))
        elif said:
            refused.append(f"{one.title}: {said}")
        elif one.error and not _proves_nothing(text):
            open_.append((one.title, text))
    evidence = {"tried": [one.title for one in tried], "warnings": warnings}
    if refused:
        fix = (
            "Change what the policy names (holmes_values), or ask the owner of the policy or webhook for an exception."
        )
        return failed(ID, f"Refused: {listed(refused, 3)}", fix, refused=refused, **evidence)
    pods = [title for title, text in open_ if title.startswith(_POD) and _RIGHT.search(text)]
    rest = [f"{title}: {text}" for title, text in open_ if title not in pods]
    if rest:
        return unchecked(ID, f"Not every object could be tried. {listed(rest, 3)}", _open_fix(rest), **evidence)
    if warnings:
        message = f"Accepted with warnings: {' | '.join(dict.fromkeys(warnings))}"
        return warned(ID, message, "See whether the warnings matter; they name the field.", **evidence)
    unproven = " The pods were not tried, because this account may not make any." if pods else ""
    return passed(ID, f"Dry runs of {len(tried) - len(pods)} objects were accepted.{unproven}", **evidence)


def refusal(status: int, text: str) -> str:
    """Why the object itself would be refused for good; empty if the answer proves nothing."""
    silent, denied, policy = _SILENT.search(text), _WEBHOOK.search(text), _POLICY.search(text)
    reason = text.partition("): ")[2] or text
    if silent:
        return f"webhook {silent.group(1)} does not answer, so nothing can be made: {reason}"
    if denied:
        return f"webhook {denied.group(1)}: {reason}"
    if policy:
        return f"policy {policy.group(1)}: {reason}"
    plugin = status == 403 and "is forbidden: " in text and not _RIGHT.search(text) and not _proves_nothing(text)
    return reason if plugin or status == 422 else ""


def _proves_nothing(text: str) -> bool:
    return any(part in text for part in _NO_PROOF)


def _open_fix(rest: t.Sequence[str]) -> str:
    for text in rest:
        right, webhook = _RIGHT.search(text), _NO_DRY_RUN.search(text)
        if right:
            return f"Grant '{right.group(1)} {right.group(2)}' in the namespace, then this can be tried."
        if webhook:
            return f"Ask the owner of webhook {webhook.group(1)} what it refuses; it takes part in no dry run."
    return "See the reason in the message; the installation itself may still succeed."

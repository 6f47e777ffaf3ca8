# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the offered tools is called for a need, and with which arguments.

Facts: HolmesGPT 0.45.0 offers ``kubernetes_tabular_query`` (kind, columns, namespace, ...), ``kubernetes_count`` and
``kubernetes_jq_query`` (kind, jq_expr, namespace, ...), ``fetch_pod_logs`` (pod_name, namespace, ...) and ``bash``
(command, suggested_prefixes, timeout); 0.16 offers ``kubectl_get_by_kind_in_namespace`` (kind, namespace),
``kubectl_get_by_kind_in_cluster`` (kind), ``kubernetes_count`` without a namespace, and others
(``holmes/plugins/toolsets``). In strict schemas every parameter is required and the optional ones may be null.
"""

from __future__ import annotations

import re
from typing import Any

from . import schema
from .questions import CLUSTER_SCOPED, Need

TABLE_FIRST = (
    "kubernetes_tabular_query",
    "kubectl_get_by_kind_in_namespace",
    "kubectl_get_by_kind_in_cluster",
)
PREFERRED = {
    "count": ("kubernetes_count", *TABLE_FIRST),
    "list": TABLE_FIRST,
    "logs": ("fetch_pod_logs", "kubectl_logs"),
}
SHELLS = ("bash", "run_bash_command")
LISTS = re.compile(r"get|list|query|find", re.I)
MORE_COLUMNS = {
    "pods": "STATUS:.status.phase",
    "deployments": "READY:.status.readyReplicas",
    "nodes": "VERSION:.status.nodeInfo.kubeletVersion",
    "events": "REASON:.reason",
    "services": "TYPE:.spec.type",
}
Tool = dict[str, Any]


def pick(need: Need, tools: list[Tool]) -> tuple[str, dict[str, Any]] | None:
    """(tool name, arguments) for a need; None when no offered tool can answer it."""
    by_name = {str(tool["function"]["name"]): tool for tool in tools}
    order = [*PREFERRED[need.action], *SHELLS]
    order += sorted(name for name in by_name if name not in order and LISTS.search(name))
    for name in order:
        if name in by_name and (arguments := fill(by_name[name], need)) is not None:
            return name, arguments
    return None


def fill(tool: Tool, need: Need | None, force: bool = False) -> dict[str, Any] | None:
    """Arguments that fit the tool's schema and say what the need says.

    None when the tool cannot express the need: nowhere to put the kind, or a namespace is required and none is known.
    With ``force`` (a tool the client insists on) what is missing is made up instead.
    """
    parameters = tool["function"].get("parameters") or {}
    properties: dict[str, Any] = parameters.get("properties") or {}
    required = parameters.get("required") or []
    known = _known(need, properties) if need else {}
    if need and not force and not _expresses(need, properties):
        return None
    arguments: dict[str, Any] = {}
    for name, sub in properties.items():
        value = known.get(name)
        if value is not None and schema.accepts(sub, value):
            arguments[name] = value
        elif name not in required:
            continue
        elif schema.allows_null(sub):
            arguments[name] = None
        elif need is None or force or name not in ("namespace", "name", "pod_name", "kind"):
            arguments[name] = schema.sample(sub, "default")
        else:
            return None
    return arguments


def _expresses(need: Need, properties: dict[str, Any]) -> bool:
    if "command" in properties:
        return True
    if need.action == "logs":
        return "pod_name" in properties
    says_where = need.namespace is None or "namespace" in properties or "jq_expr" in properties
    wants_one = "name" in properties or "keyword" in properties  # describe, find: for one object, not for a list
    return "kind" in properties and says_where and not wants_one


def _known(need: Need, properties: dict[str, Any]) -> dict[str, Any]:
    """What the need says about parameters, by their usual names."""
    command = kubectl(need)
    return {
        "kind": need.kind,
        "namespace": need.namespace,
        "name": need.name,
        "pod_name": need.name,
        "columns": columns(need),
        "jq_expr": _jq(need, "namespace" in properties),
        "command": command,
        "suggested_prefixes": [" ".join(command.split()[:2])],
    }


def kubectl(need: Need) -> str:
    """The command line a person would type."""
    where = f" -n {need.namespace}" if need.namespace else ("" if need.kind in CLUSTER_SCOPED else " -A")
    if need.action == "logs":
        return f"kubectl logs {need.name}{where} --tail=50"
    return f"kubectl get {need.kind}{where}"


def columns(need: Need) -> str:
    """custom-columns of kubectl: the name first, so that answers can be built from it."""
    parts = ["NAME:.metadata.name"]
    if need.namespace is None and need.kind not in CLUSTER_SCOPED:
        parts.append("NAMESPACE:.metadata.namespace")
    if need.kind in MORE_COLUMNS:
        parts.append(MORE_COLUMNS[need.kind])
    return ",".join(parts)


def _jq(need: Need, has_namespace: bool) -> str:
    if need.namespace and not has_namespace:
        return f'.items[] | select(.metadata.namespace == "{need.namespace}") | .metadata.name'
    return ".items[] | .metadata.name"

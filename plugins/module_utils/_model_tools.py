# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The nine tools that the probe offers, in the form in which HolmesGPT sends its own.

Private to this collection: it may change in any release. Imports nothing of Ansible.

The forms are those of HolmesGPT 0.45.0 (holmes/core/openai_formatting.py): strict, every parameter is required, an
optional one may be null, and nothing else is allowed; loose, optional ones may be left out. For some providers LiteLLM
1.89.0 takes ``strict`` and ``additionalProperties`` out again (run against a server that shows what it gets): bare.
"""

from __future__ import annotations

import typing as t

Json = dict[str, t.Any]
STRICT, BARE, LOOSE = "strict", "bare", "loose"

_KIND = "Kind of the objects in the plural, lower case, such as pods, deployments, nodes or services."
_NAMESPACE = "Namespace to look in. Leave it empty for kinds without a namespace, or for all namespaces."
_OBJECT = {"kind": ("string", _KIND, True), "name": ("string", "Name of the object.", True)}
_IN_NAMESPACE = {"namespace": ("string", _NAMESPACE, False)}
_POD = {"pod": ("string", "Name of the pod.", True), "namespace": ("string", "Namespace of the pod.", True)}

# {tool: (what it does, {parameter: (type, what it means, required)})}
_TOOLS: dict[str, tuple[str, dict[str, tuple[str, str, bool]]]] = {
    "kubernetes_list": (
        "Lists objects of one kind as a table with name and state. Use it first, before looking at single objects.",
        {
            "kind": ("string", _KIND, True),
            **_IN_NAMESPACE,
            "selector": ("string", "Label selector, such as app=web. Leave it empty to list all.", False),
        },
    ),
    "kubernetes_tally": (
        "Gives the number of objects of one kind without their names. Use it where only the number is wanted.",
        {"kind": ("string", _KIND, True), **_IN_NAMESPACE},
    ),
    "kubernetes_describe": (
        "Shows one object with its conditions, its containers and the events that belong to it.",
        {**_OBJECT, **_IN_NAMESPACE},
    ),
    "kubernetes_yaml": ("Shows one object as YAML, as the API server holds it.", {**_OBJECT, **_IN_NAMESPACE}),
    "kubernetes_recent_events": (
        "Shows events of a namespace, the newest first. Events are kept for about one hour.",
        {
            "namespace": ("string", "Namespace of the events.", True),
            "warnings_only": ("boolean", "Whether to leave out events of the type Normal.", False),
        },
    ),
    "pod_log": (
        "Shows the last lines of a pod's log, of the current container or of the one before its restart.",
        {
            **_POD,
            "container": ("string", "Name of the container. Leave it empty for the first one.", False),
            "lines": ("integer", "How many lines to show, 200 at most.", False),
            "previous": ("boolean", "Whether to show the log from before the last restart.", False),
        },
    ),
    "pod_usage": ("Shows how much CPU and memory the containers of a pod use at this moment.", _POD),
    "shell": (
        "Runs one command that only reads, such as kubectl, grep or jq. Use it only where no other tool fits.",
        {
            "script": ("string", "The command line.", True),
            "seconds": ("integer", "How long it may take.", False),
        },
    ),
    "note_plan": (
        "Writes down the steps of an investigation that needs more than three of them, and their state.",
        {"steps": ("array", "The steps in their order.", True)},
    ),
}
NAMES = tuple(_TOOLS)


def tools(form: str) -> list[Json]:
    """The tools for the field ``tools`` of a chat request."""
    return [_tool(name, text, parameters, form) for name, (text, parameters) in _TOOLS.items()]


def schema_of(name: str, form: str) -> Json | None:
    """The schema of a tool's arguments, None for a tool that is not offered."""
    found = [tool["function"]["parameters"] for tool in tools(form) if tool["function"]["name"] == name]
    return found[0] if found else None


def _tool(name: str, text: str, parameters: t.Mapping[str, tuple[str, str, bool]], form: str) -> Json:
    schema: Json = {
        "type": "object",
        "properties": {key: _parameter(*told, form) for key, told in parameters.items()},
        "required": [key for key, (_kind, _text, required) in parameters.items() if required or form != LOOSE],
    }
    function: Json = {"name": name, "description": text, "parameters": schema}
    if form == STRICT:
        schema["additionalProperties"] = False
        function["strict"] = True
    return {"type": "function", "function": function}


def _parameter(kind: str, text: str, required: bool, form: str) -> Json:
    schema: Json = {"type": kind}
    if kind == "array":
        schema["items"] = {"type": "string"}
    if form != LOOSE and not required:
        schema = {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "description": text}

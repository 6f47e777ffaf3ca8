# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools of the light double: real names and parameters, and they really run kubectl (DOUBLE)."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Mapping
from typing import Any

from .profiles import Profile

# the set and the text of HolmesGPT 0.43 and newer
SHELL_CHARACTERS = frozenset("`$\\\"'();|&<>*?[]{}\n\r")
KUBECTL_TIMEOUT = 60.0  # seconds
LOGO = (
    "https://raw.githubusercontent.com/gilbarbara/logos/de2c1f96ff6e74ea7ea979b43202e8d4b863c655/logos/kubernetes.svg"
)
OLD_LOGO = "https://encrypted-tbn0.gstatic.com/images?q=tbn:ANd9GcRPKA-U9m5BxYQDF1O7atMfj9EMMXEoGu4t0Q&s"
_OPTIONAL = {
    "namespace": "Only this namespace. Cluster-scoped kinds ignore it.",
    "label_selector": "Label selector, e.g. 'app=web'.",
    "field_selector": "Field selector, e.g. 'status.phase!=Running'.",
    "filter_pattern": "Regular expression that a row must match.",
}


def schema(profile: Profile, strict: bool) -> dict[str, Any]:
    """The one tool of a version as an OpenAI function; parameters, order and nullability are the real ones."""
    if profile.modern:
        about = "Shows chosen fields of Kubernetes resources as a table (columns NAME:.metadata.name,...)."
        text = {"type": "string"}
        nullable = {"anyOf": [{"type": "string"}, {"type": "null"}]} if strict else text
        fields: dict[str, Any] = {name: nullable | {"description": said} for name, said in _OPTIONAL.items()}
        fields |= {"kind": dict(text), "columns": dict(text)}
    else:
        about = "Lists all resources of a kind in a namespace, with their labels (kubectl get)."
        fields = {"kind": {"type": "string"}, "namespace": {"type": "string"}}
    required = [name for name in fields if strict or name not in _OPTIONAL or not profile.modern]
    parameters: dict[str, Any] = {"properties": fields, "required": required, "type": "object"}
    function: dict[str, Any] = {"name": profile.tool, "description": about, "parameters": parameters}
    if strict:
        parameters["additionalProperties"] = False
        function["strict"] = True
    return {"type": "function", "function": function}


def refused_header(headers: Mapping[str, str]) -> str | None:
    """The error of a tool call when a request header carries shell characters (0.43 and newer), else None."""
    for name, value in headers.items():
        found = "".join(sorted({character for character in value if character in SHELL_CHARACTERS}))
        if found:
            every = "".join(sorted(SHELL_CHARACTERS))
            return (
                f"request header {name!r} contains disallowed shell metacharacter(s) {found!r}; "
                f"refusing to run it in a shell command. Disallowed: {every!r}"
            )
    return None


def run(profile: Profile, call: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    """Run one tool call of the model and return it as an entry of `tool_calls`.

    Arguments that are not JSON count as none, as in the real library. Nothing is raised: failures are results.
    """
    name, text = call["function"]["name"], call["function"].get("arguments") or "{}"
    try:
        arguments = json.loads(text)
    except ValueError:
        arguments = {}
    if name != profile.tool:
        return _entry(profile, call, "", _result(profile, {}, error=f"Failed to find tool {name}", icon=None))
    started = time.monotonic()
    refusal = refused_header(headers) if profile.modern else None
    if refusal:
        result = _result(profile, arguments, error=refusal)
    elif profile.modern:
        result = _table(profile, arguments)
    else:
        result = _plain(profile, arguments)
    if profile.modern:
        result["elapsed_seconds"] = time.monotonic() - started
    return _entry(profile, call, _describe(profile, arguments), result)


def _kubectl(arguments: list[str]) -> tuple[int, str, str]:
    try:
        done = subprocess.run(  # noqa: S603 - an argument list, no shell
            ["kubectl", *arguments],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=KUBECTL_TIMEOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 1, "", str(error)
    return done.returncode, done.stdout.strip(), done.stderr.strip()


def _table(profile: Profile, arguments: Mapping[str, Any]) -> dict[str, Any]:
    # a failed kubectl is still "success" with count 0: facts, real-run 8
    namespace, labels, fields = (arguments.get(name) for name in ("namespace", "label_selector", "field_selector"))
    command = ["get", str(arguments.get("kind", "")), *(["-n", namespace] if namespace else ["--all-namespaces"])]
    command += ["-l", labels] if labels else []
    command += ["--field-selector", fields] if fields else []
    code, out, err = _kubectl([*command, "-o", f"custom-columns={arguments.get('columns', '')}"])
    header, rows = None, []
    if code == 0 and out:
        header, *rows = out.splitlines()
        rows = _matching(rows, arguments.get("filter_pattern"))
    data = {
        "count": len(rows),
        "header": header,
        "rows": rows,
        "stderr": err or None,
        "scope": {"namespace": namespace or None, "label_selector": labels or None, "field_selector": fields or None},
        "notes": [],
    }
    return _result(profile, arguments, data=json.dumps(data, indent=2), code=0, ran=" ".join(["kubectl", *command]))


def _matching(rows: list[str], pattern: str | None) -> list[str]:
    try:
        return [row for row in rows if re.search(pattern, row)] if pattern else rows
    except re.error:
        return []


def _plain(profile: Profile, arguments: Mapping[str, Any]) -> dict[str, Any]:
    command = ["get", "--show-labels", "-o", "wide", str(arguments.get("kind", ""))]
    command += ["-n", str(arguments.get("namespace", ""))]
    ran = " ".join(["kubectl", *command])
    code, out, err = _kubectl(command)
    error = f"Command `{ran}` failed with return code {code}" if code else None
    return _result(profile, arguments, data="\n".join(filter(None, (err, out))), code=code, ran=ran, error=error)


def _describe(profile: Profile, given: Mapping[str, Any]) -> str:
    if not profile.modern:
        return f"kubectl get --show-labels -o wide {given.get('kind', '')} -n {given.get('namespace', '')}"
    kind, columns, namespace, labels, fields, pattern = (
        given.get(name, "")
        for name in ("kind", "columns", "namespace", "label_selector", "field_selector", "filter_pattern")
    )
    return (
        f"filter: kubectl get {kind} columns='{columns}' (namespace={namespace}, label_selector={labels}, "
        f"field_selector={fields}, filter={pattern})"
    )


def _result(
    profile: Profile,
    arguments: Mapping[str, Any],
    *,
    data: str = "",
    code: int | None = None,
    error: str | None = None,
    ran: str | None = None,
    icon: str | None = "",
) -> dict[str, Any]:
    status = "error" if error else "success" if data else "no_data"
    result: dict[str, Any] = {"schema_version": "robusta:v1.0.0", "status": status, "error": error}
    result |= {"return_code": code, "data": data, "url": None, "invocation": ran, "params": dict(arguments)}
    result["icon_url"] = (LOGO if profile.modern else OLD_LOGO) if icon == "" else icon
    if profile.modern:
        result |= {"images": None, "elapsed_seconds": None}
    return result


def _entry(profile: Profile, call: Mapping[str, Any], said: str, result: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {"tool_call_id": call["id"], "tool_name": call["function"]["name"], "description": said}
    entry |= {"result": result, "size": None}
    if profile.modern:
        entry["toolset_name"] = "kubernetes/core" if said else None
    return entry


def message(profile: Profile, entry: Mapping[str, Any]) -> dict[str, Any]:
    """The tool message that the model gets for one entry."""
    result = entry["result"]
    text = ""
    if profile.modern:
        about = {"tool_name": entry["tool_name"], "tool_call_id": entry["tool_call_id"]}
        text = f"tool_call_metadata={json.dumps(about)}"
    if result["status"] == "error":
        text += f"{result['error']}:\n\n"
    text += result["data"]
    if result["params"]:
        text = (
            f"Params used for the tool call: {json.dumps(result['params'])}. "
            f"The tool call output follows on the next line.\n{text}"
        )
    return {"tool_call_id": entry["tool_call_id"], "role": "tool", "name": entry["tool_name"], "content": text}

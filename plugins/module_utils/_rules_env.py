# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about the environment: names, references, secrets in clear.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import difflib
import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_models as models
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    listed,
    rule,
    unclear,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import ENV_LISTS, env_entries, get
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secrets import literals
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_KUBERNETES = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*\Z")
# Where the server fills in {{ env.NAME }}.
_TEMPLATED = ("modelList", "toolsets", "mcp_servers")


@rule("values.env_reference", "Every variable that is referred to exists")
def env_reference(case: Case) -> t.Iterator[Finding]:
    wanted = models.references({key: case.values.get(key) for key in _TEMPLATED})
    # The chart rewrites the short form in modelList only.
    wanted = [item for item in wanted if not item.short or item.path.startswith("modelList.")]
    rendered, more = _render_view.environment(case.rendered, case.request)
    known = {entry["name"] for entry in env_entries(case.values)} | set(rendered)
    more = more or bool(case.values.get("extraEnvVarsSecrets") or case.values.get("additional_env_froms"))
    short = sorted(item.path for item in wanted if item.short)
    if short and not case.keys.writes("envRef:"):
        message = (
            f"Chart {case.chart} does not know the short form envRef: ({listed(short)}); the text itself would be used."
        )
        yield fail(message, "Write '{{ env.NAME }}' instead.")
    missing = {item.name: item.path for item in wanted if item.name not in known}
    for name, path in missing.items():
        close = difflib.get_close_matches(name, sorted(known), 1, 0.7)
        hint = f" Did you mean '{close[0]}'?" if close else ""
        if not _IDENTIFIER.match(name):
            yield fail(
                f"{path} refers to '{name}', which cannot be the name of a variable.",
                "Use letters, digits and '_' only.",
            )
        elif more:
            yield unclear(
                f"{path} refers to {name}, which may come from a whole Secret that the values name.",
                f"See that the Secret has the key {name}.",
            )
        else:
            message = (
                f"{path} refers to the variable {name}, which nothing defines: the server would die at start.{hint}"
            )
            yield fail(message, f"Define it in holmes_env: {{{name}: {{secret: NAME, key: KEY}}}}")
    if wanted and not missing:
        yield good(listed(sorted({item.name for item in wanted})))


@rule("values.env_name", "Variables have legal names and forms")
def env_name(case: Case) -> t.Iterator[Finding]:
    told: set[str] = set()
    for path in ENV_LISTS:
        where = ".".join(path)
        for layer in case.layers:
            given = get(layer.values, path)
            if given is not None and not isinstance(given, list):
                yield fail(
                    f"{where} ({layer.label}) must be a list.", "Write '- name: NAME' and, indented, 'value: \"text\"'."
                )
            for entry in given if isinstance(given, list) else []:
                yield from _entry(entry, f"{where} ({layer.label})")
            for name in _repeated(_names(given)):
                told.add(name)
                yield fail(
                    f"{where} ({layer.label}): {name} stands there twice; Kubernetes keeps only the last.",
                    "Remove one of them.",
                )
    rendered, _more = _render_view.environment(case.rendered, case.request)
    for name in _repeated(rendered or [entry["name"] for entry in env_entries(case.values)]):
        if name not in told:
            message = (
                f"{name} is set twice: in additionalEnvVars and in additional_env_vars, or by the chart itself. "
                "Kubernetes keeps only the last."
            )
            yield fail(message, "Use the chart's own key for it, or keep one of the two lists.")


def _entry(entry: t.Any, where: str) -> t.Iterator[Finding]:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        yield fail(f"{where} has an entry without a name.", "Every entry needs 'name' and 'value' or 'valueFrom'.")
        return
    name, value, source = entry["name"], entry.get("value"), entry.get("valueFrom")
    if not _KUBERNETES.match(name):
        yield fail(f"{where}: '{name}' is no legal name of a variable.", "Use letters, digits and '_', no digit first.")
    elif not _IDENTIFIER.match(name):
        yield warn(
            f"{where}: '{name}' cannot be used by shells or as '{{{{ env.… }}}}'.", "Use letters, digits and '_' only."
        )
    if value is not None and source is not None:
        yield fail(f"{where}: {name} has 'value' and 'valueFrom'; Kubernetes refuses that.", "Keep one of them.")
    if value is not None and not isinstance(value, str):
        yield fail(
            f"{where}: the value of {name} is a {_kind(value)}, but Kubernetes takes only text.", "Put it in quotes."
        )
    reference = get(source, ("secretKeyRef",))
    if reference is not None and not (isinstance(reference, dict) and reference.get("name") and reference.get("key")):
        yield fail(f"{where}: the secretKeyRef of {name} lacks 'name' or 'key'.", "Name the Secret and the key in it.")


def _kind(value: t.Any) -> str:
    return {"bool": "yes/no value", "int": "number", "float": "number", "dict": "mapping"}.get(
        type(value).__name__, type(value).__name__
    )


def _names(given: t.Any) -> list[str]:
    found = [entry.get("name") for entry in given if isinstance(entry, dict)] if isinstance(given, list) else []
    return [name for name in found if isinstance(name, str)]


def _repeated(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


@rule("values.literal_secret", "No secret is written in clear")
def literal_secret(case: Case) -> t.Iterator[Finding]:
    places = [literal.label for literal in literals(case.values)]
    if places:
        message = (
            f"Secrets stand in clear at {listed(places)}; they would be seen in the pod, in a ConfigMap and in the "
            "release."
        )
        fix = (
            "Put them into a Secret; for a variable write holmes_env: {NAME: {secret: …, key: …}}, elsewhere "
            "'{{ env.NAME }}'."
        )
        yield fail(message, fix, places=places)

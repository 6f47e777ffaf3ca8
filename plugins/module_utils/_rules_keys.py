# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about the keys of the values: written twice, unknown, without effect, translated.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_keys import DEAD, UNKNOWN, Stray
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    listed,
    repaired,
    rule,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Path, Values, get
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case, Layer

_ENV = ("additionalEnvVars", "did you mean additionalEnvVars (holmes_env)?")
_MODELS = ("modelList", "did you mean modelList (holmes_models)?")
_TOOLSETS = ("toolsets", "did you mean toolsets (holmes_toolsets)?")
_ACCOUNT = (
    "customServiceAccountName",
    "did you mean createServiceAccount and customServiceAccountName (holmes_rbac_create, holmes_service_account)?",
)
_CONTEXTS = ("podSecurityContext", "did you mean podSecurityContext or containerSecurityContext?")
_UMBRELLA = ("", "it belongs to the Robusta umbrella chart")
_NOTHING = ("", "this chart makes nothing of the kind")
# What people write although no known key resembles it (seen in published values): a key that the chart must have for
# the advice to be right, and the advice.
_MEANT = {
    "config": (
        "modelList",
        "did you mean modelList (holmes_models) for settings of a model, additionalEnvVars (holmes_env) for others?",
    ),
    "holmes": ("", "did you mean its content one level higher? A level 'holmes' belongs to the Robusta umbrella chart"),
    "auth": ("additionalEnvVars", "did you mean holmes_server_api_key?"),
    "apiKey": ("additionalEnvVars", "did you mean holmes_server_api_key?"),
    "envFrom": ("additional_env_froms", "did you mean 'additional_env_froms'?"),
    "extraEnvFrom": ("additional_env_froms", "did you mean 'additional_env_froms'?"),
    "command": ("args", "did you mean 'args'?"),
    "securityContext": _CONTEXTS,
    "rbac": _ACCOUNT,
    **dict.fromkeys(("env", "envs", "envVars", "environment", "extraEnv", "extraEnvVars"), _ENV),
    **dict.fromkeys(("model", "models", "llm", "temperature", "openai", "vllm", "ollama", "anthropic"), _MODELS),
    **dict.fromkeys(("prometheus", "grafana", "loki", "alertmanager"), _TOOLSETS),
    **dict.fromkeys(("enableHolmesGPT", "enablePrometheusStack", "clusterName", "globalConfig"), _UMBRELLA),
    **dict.fromkeys(("sinksConfig", "runner", "kubewatch", "customPlaybooks", "disableCloudRouting"), _UMBRELLA),
    **dict.fromkeys(("ingress", "service", "networkPolicy", "podDisruptionBudget", "persistence", "alerts"), _NOTHING),
}


def _by_layer(case: Case, kind: str) -> t.Iterator[tuple[Layer, list[Stray]]]:
    """Keys of the user without effect, except those that were repaired, by layer."""
    repaired_paths = {repair.path for repair in case.repairs}
    keys = case.keys.with_given(case.values)
    for layer in case.layers:
        found = [stray for stray in keys.strays(layer.values) if stray.kind == kind] if layer.given else []
        strays = [left for stray in found for left in _left(layer.values, stray, repaired_paths)]
        if strays:
            yield layer, strays


def _left(values: Values, stray: Stray, repaired_paths: set[Path]) -> t.Iterator[Stray]:
    """The stray key, or, if a part of it was repaired, what else is in it."""
    if stray.path in repaired_paths:
        return
    content = get(values, stray.path)
    inner = [(*stray.path, key) for key in content] if isinstance(content, dict) else []
    if repaired_paths.intersection(inner):
        yield from (Stray(path, stray.kind) for path in inner if path not in repaired_paths)
    else:
        yield stray


@rule("values.duplicate_key", "No key is written twice in a file")
def duplicate_key(case: Case) -> t.Iterator[Finding]:
    for layer in case.layers:
        for twice in layer.duplicates:
            message = (
                f"In {layer.label}, line {twice.line}, '{twice.key}' is written a second time: Helm keeps only the "
                "last and drops the first silently."
            )
            yield fail(message, "Join the two into one.", file=layer.label, line=twice.line)


@rule("values.unknown_key", "The chart knows every key")
def unknown_key(case: Case) -> t.Iterator[Finding]:
    for layer, strays in _by_layer(case, UNKNOWN):
        told = ", ".join(f"'{stray}'{_advice(case, stray, get(layer.values, stray.path))}" for stray in strays)
        message = f"Helm would silently ignore what chart {case.chart} neither has nor reads, in {layer.label}: {told}."
        fix = "Correct or remove it, or use a version of the chart that has it."
        yield fail(message, fix, keys=[str(stray) for stray in strays])


def _advice(case: Case, stray: Stray, content: t.Any) -> str:
    """What was probably meant, in parentheses; every key that is named has an effect in this chart."""
    first = stray.path[0]
    needed, advice = _MEANT.get(first, ("", "")) if len(stray.path) == 1 or first == "config" else ("", "")
    if advice and (not needed or case.keys.knows((needed,))):
        return f" ({advice})"
    inner = [(*stray.path, str(key)) for key in content] if isinstance(content, dict) else []
    # pod: {annotations: …} for podAnnotations
    similar = [name for name in map(case.keys.resembling, [stray.path, *inner]) if name]
    if inner and all(case.keys.knows((*path[:-2], path[-1])) for path in inner):
        return " (did you mean its content one level higher?)"
    return f" (did you mean '{similar[0]}'?)" if similar else ""


@rule("values.dead_key", "Every given key has an effect")
def dead_key(case: Case) -> t.Iterator[Finding]:
    for layer, strays in _by_layer(case, DEAD):
        names = list(map(str, strays))
        message = f"Chart {case.chart} ships these keys, but no template reads them, in {layer.label}: {listed(names)}."
        yield warn(message, "Remove them; they have no effect.", keys=names)
    # What the chart ships dead and nobody gave is the chart's business.
    yield good("Every given key is read", shipped_without_effect=case.keys.dead())


@rule("values.config_model", "The default model is set where the server looks")
def config_model(case: Case) -> list[Finding]:
    return repaired(case, "values.config_model")

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
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case, Layer

# Keys that people write and what they mean, where no known key resembles them.
_MEANT = {
    "config": "modelList (holmes_models) for model settings, additionalEnvVars (holmes_env) for others",
    "env": "additionalEnvVars (holmes_env)",
    "extraEnv": "additionalEnvVars (holmes_env)",
    "extraEnvVars": "additionalEnvVars (holmes_env)",
    "envFrom": "additional_env_froms",
    "models": "modelList (holmes_models)",
    "llm": "modelList (holmes_llm_* and holmes_models)",
    "rbac": "createServiceAccount and customServiceAccountName (holmes_rbac_create, holmes_service_account)",
    "holmes": "its content one level higher; a level 'holmes' belongs to the Robusta umbrella chart",
    "serviceAccountName": "customServiceAccountName",
}


def _by_layer(case: Case, kind: str) -> t.Iterator[tuple[str, list[Stray]]]:
    """Keys of the user without effect, except those that were repaired, by the label of their origin."""
    repaired_paths = {repair.path for repair in case.repairs}
    for layer in case.layers:
        strays = [stray for stray in case.keys.strays(layer.values) if layer.given and stray.kind == kind]
        strays = [stray for stray in strays if not _only_repaired(layer, stray, repaired_paths)]
        if strays:
            yield layer.label, strays


def _only_repaired(layer: Layer, stray: Stray, paths: set[tuple[str, ...]]) -> bool:
    """Whether it was repaired, or is a map, such as ``config``, that holds nothing but what was repaired."""
    if stray.path in paths:
        return True
    content: t.Any = layer.values
    for key in stray.path:
        content = content[key]
    return isinstance(content, dict) and bool(content) and all((*stray.path, key) in paths for key in content)


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
    for label, strays in _by_layer(case, UNKNOWN):
        told = ", ".join(f"'{stray}'{_advice(case, stray)}" for stray in strays)
        message = f"Helm would silently ignore what chart {case.chart} neither has nor reads, in {label}: {told}."
        fix = "Correct or remove it, or use a version of the chart that has it."
        yield fail(message, fix, keys=[str(stray) for stray in strays])


def _advice(case: Case, stray: Stray) -> str:
    similar = case.keys.resembling(stray.path)
    meant = _MEANT.get(stray.path[0]) if len(stray.path) == 1 or stray.path[0] == "config" else None
    return f" (did you mean {meant or repr(similar)}?)" if meant or similar else ""


@rule("values.dead_key", "Every given key has an effect")
def dead_key(case: Case) -> t.Iterator[Finding]:
    for label, strays in _by_layer(case, DEAD):
        message = (
            f"Chart {case.chart} ships these keys, but no template reads them, in {label}: {listed(map(str, strays))}."
        )
        yield warn(message, "Remove them; they have no effect.", keys=[str(stray) for stray in strays])
    # What the chart ships dead and nobody gave is the chart's business.
    yield good("Every given key is read", shipped_without_effect=case.keys.dead())


@rule("values.config_model", "The default model is set where the server looks")
def config_model(case: Case) -> list[Finding]:
    return repaired(case, "values.config_model")

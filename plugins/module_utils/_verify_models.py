# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check of the model list: what HolmesGPT offers against what was meant.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holmes_api import HolmesApi, models_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Answer
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, KubeError, Reader, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_checks import (
    Intent,
    failed,
    passed,
    unchecked,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import Workload, holmes_container, pod_spec

CONFIG_DIR = "/etc/holmes/config"
# The chart's fixed name (facts: rendered objects).
CONFIG_MAP = "custom-toolsets-configmap"
MODEL_FILE = "model_list.yaml"
# Names that HolmesGPT adds by itself, with the reason (facts: behaviour timeline, 1.2).
PHANTOMS = {
    "gpt-5.4": "OPENAI_API_KEY is set and MODEL is not",
    "gpt-4.1": "OPENAI_API_KEY is set",
    "Robusta": "the model list is empty and ROBUSTA_AI is not 'false'",
}


@dataclass(frozen=True)
class Expected:
    """The aliases that should be listed, and who says so."""

    models: tuple[str, ...]
    source: str


def expected_models(reader: Reader, workload: Workload | None, intent: Intent) -> Expected | str:
    """The intended aliases: as given, else from the live ConfigMap. A text says why there are none."""
    if intent.models:
        return Expected(tuple(intent.models), "option models")
    if workload is None:
        return "the Deployment is not known"
    name = config_map_of(workload)
    try:
        data = reader.get(path_of(CORE, "configmaps", intent.namespace, name)).get("data") or {}
    except KubeError as error:
        return error.msg.rstrip(".")
    aliases = _keys(str(data.get(MODEL_FILE, "")))
    if not aliases:
        return f"ConfigMap {name} holds no model list"
    return Expected(tuple(aliases), f"ConfigMap {name}")


def config_map_of(workload: Workload) -> str:
    """The ConfigMap that is mounted where HolmesGPT looks for its model list."""
    mounts = (holmes_container(workload.deployment) or {}).get("volumeMounts") or []
    names = {mount.get("name") for mount in mounts if str(mount.get("mountPath", "")).rstrip("/") == CONFIG_DIR}
    for volume in pod_spec(workload.deployment).get("volumes") or []:
        if volume.get("name") in names and (volume.get("configMap") or {}).get("name"):
            return str(volume["configMap"]["name"])
    return CONFIG_MAP


def _keys(text: str) -> list[str]:
    try:
        import yaml
    except ImportError:
        return []
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        return []
    return [str(key) for key in found] if isinstance(found, dict) else []


def listed_models(api: HolmesApi, readyz: Answer) -> list[str] | None:
    """The models HolmesGPT offers: from /readyz, or from /api/model where that does not exist (0.16) or lists none."""
    found = models_of(readyz)
    return found if found is not None else models_of(api.get("/api/model"))


def judge(listed: list[str] | None, expected: Expected | str, default: str) -> Check:
    """``verify.models``. The order does not matter."""
    if listed is None:
        return unchecked(
            "verify.models",
            "HolmesGPT did not tell its model list.",
            "If it wants an API key, give it (holmes_server_api_key).",
        )
    if isinstance(expected, str):
        message = f"No models were expected ({expected}); listed are {_text(listed)}."
        return unchecked("verify.models", message, "Give 'models' (holmes_models).", listed=listed)
    wanted = list(dict.fromkeys([*expected.models, *([default] if default else [])]))
    evidence: dict[str, t.Any] = {"listed": listed, "expected": wanted, "source": expected.source}
    extra = [name for name in listed if name not in wanted]
    missing = [name for name in wanted if name not in listed]
    if not extra and not missing:
        return passed("verify.models", f"Listed are exactly {_text(listed)} ({expected.source}).", **evidence)
    told, fixes = [], []
    if extra:
        told.append(f"HolmesGPT lists {_text(extra)}, which nobody configured{_because(extra)}")
        fixes.append(_fix_extra(extra))
    if missing:
        told.append(f"{_text(missing)} is missing from the list {_text(listed)}")
        fixes.append("Compare holmes_models with the ConfigMap, and restart the pod if the ConfigMap is newer.")
    return failed("verify.models", f"{'; '.join(told)}.", " ".join(fixes), **evidence)


def _text(names: t.Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _because(extra: list[str]) -> str:
    reasons = [PHANTOMS[name] for name in extra if name in PHANTOMS]
    return f" ({reasons[0]})" if reasons else ""


def _fix_extra(extra: list[str]) -> str:
    if "Robusta" in extra:
        return "Set holmes_models, and ROBUSTA_AI to 'false' in holmes_env (holmes_profile: airgap does)."
    return (
        "Rename OPENAI_API_KEY and OPENAI_API_BASE in holmes_env and in the model list (for example to VLLM_API_KEY), "
        "or from HolmesGPT 0.23 on set holmes_default_model (MODEL)."
    )

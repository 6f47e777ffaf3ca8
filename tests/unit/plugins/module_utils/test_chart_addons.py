# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-ons of the chart double: what each brings, and that nothing comes of one that is off."""

from __future__ import annotations

import json
import tempfile
import typing as t
from functools import cache
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text

from tests.unit.fixtures.addon_table import ADDONS, TOKEN, Addon, Values
from tests.unit.fixtures.values_world import NEW, helms
from tests.unit.plugins.module_utils.test_chart_doubles import Manifests, rendered, template

every = pytest.mark.parametrize("addon", ADDONS, ids=[addon.key for addon in ADDONS])


@cache
def _shared(text: str) -> Manifests:
    with tempfile.TemporaryDirectory() as folder:
        return rendered(NEW, Path(folder), json.loads(text))


def shared(values: Values) -> Manifests:
    """The rendered chart, once for the same values. Look only."""
    return _shared(json.dumps(values, sort_keys=True))


def pod(manifests: Manifests, addon: Addon) -> Values:
    return t.cast("Values", manifests[addon.deployment]["spec"]["template"]["spec"])


def first(manifests: Manifests, addon: Addon) -> Values:
    return t.cast("Values", pod(manifests, addon)["containers"][0])


def env(manifests: Manifests, container: Values) -> dict[str, str]:
    """Every variable with its value as the container sees it; Secrets stay references."""
    found = {}
    for source in container.get("envFrom") or []:
        found.update(manifests[("ConfigMap", source["configMapRef"]["name"])]["data"])
    for entry in container.get("env") or []:
        if "value" in entry:
            found[entry["name"]] = entry["value"]
        elif "secretKeyRef" in entry["valueFrom"]:
            found[entry["name"]] = "secret {name}/{key}".format(**entry["valueFrom"]["secretKeyRef"])
        else:
            reference = entry["valueFrom"]["configMapKeyRef"]
            found[entry["name"]] = manifests[("ConfigMap", reference["name"])]["data"][reference["key"]]
    return found


def servers(manifests: Manifests) -> Values:
    text = manifests[("ConfigMap", "custom-toolsets-configmap")]["data"]["custom_toolset.yaml"]
    return t.cast("Values", _yaml_text.load_mapping(text, "toolsets")[0]["mcp_servers"])


@every
def test_what_it_brings(addon: Addon) -> None:
    manifests = shared(addon.on())
    expected = {tuple(line.split(" ")) for line in addon.objects.split(", ")}
    named = {(kind, f"holmes-{addon.id}{end}" if end[:1] in ("", "-") else end) for kind, end in expected}
    assert set(manifests) - set(shared({})) == named
    assert tuple(one["image"] for one in pod(manifests, addon)["containers"]) == addon.images
    container = first(manifests, addon)
    assert env(manifests, container) == addon.env
    assert " ".join(container.get("args") or []) == addon.args


@every
def test_holmesgpt_knows_where_it_is(addon: Addon) -> None:
    entries = servers(shared(addon.on()))
    assert {name: entry["config"]["url"] for name, entry in entries.items()} == {
        name: f"http://holmes-{addon.id}-server.obs.svc.cluster.local:{end}" for name, end in addon.servers.items()
    }
    assert {entry["config"]["mode"] for entry in entries.values()} == {
        "sse" if end.endswith("sse") else "streamable-http" for end in addon.servers.values()
    }


@every
def test_its_service_and_policy_lead_to_its_pod(addon: Addon) -> None:
    manifests = shared(addon.on(networkPolicy={"enabled": True}))
    labels = manifests[addon.deployment]["spec"]["template"]["metadata"]["labels"]
    service = manifests[("Service", f"holmes-{addon.id}-server")]["spec"]
    (policy,) = [one["spec"] for (kind, _name), one in manifests.items() if kind == "NetworkPolicy"]
    for selector in (service["selector"], policy["podSelector"]["matchLabels"]):
        assert selector.items() <= labels.items()
    without = shared(addon.on(networkPolicy={"enabled": False}))
    assert not [kind for kind, _name in without if kind == "NetworkPolicy"]


@pytest.mark.parametrize("program", helms())
def test_off_nothing_is_rendered(program: str, tmp_path: Path) -> None:
    off: Values = {"enabled": False, "networkPolicy": {"enabled": True}, "llmInstructions": None}
    values = {addon.key: {**addon.on(TOKEN)["mcpAddons"][addon.key], **off} for addon in ADDONS}
    assert template(NEW, tmp_path, {"mcpAddons": values}, program) == template(NEW, tmp_path, program=program)

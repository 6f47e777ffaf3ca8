# SPDX-License-Identifier: GPL-3.0-or-later
"""egress.switches: what asks the internet by itself, by version, in the running pod."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import NOT_CHECKED, PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_switches import check

from tests.unit.fixtures.live_objects import CANARY, CONFIG_MAP, CORE
from tests.unit.fixtures.live_world import World, world
from tests.unit.fixtures.values_world import NEW, OLD
from tests.unit.fixtures.verify_world import forbidden

OFF = {"enabled": False}
AIRGAP = {
    "enableTelemetry": False,
    "sentryDSN": "",
    "toolsets": {name: OFF for name in ("internet", "robusta", "connectivity_check", "bash")},
}


def shut(chart: Path = NEW) -> World:
    return world(chart, _yaml_text.dump(AIRGAP))


def one(installation: World) -> Check:
    (found,) = check(installation.scene())
    assert found.id == "egress.switches"
    assert CANARY not in json.dumps(found.as_dict())
    assert bool(found.fix) is (found.status != PASS)
    return found


@pytest.mark.parametrize(("chart", "version"), [(NEW, "0.45.0"), (OLD, "0.16.1")])
def test_the_air_gap_profile_switches_all_of_it_off(chart: Path, version: str) -> None:
    found = one(shut(chart))
    assert (found.status, found.evidence["open"], found.evidence["server"]) == (PASS, [], version)


@pytest.mark.parametrize(
    ("chart", "subjects"),
    [
        (NEW, ["ENABLE_TELEMETRY", "connectivity_check", "internet", "robusta"]),
        (OLD, ["SENTRY_DSN", "internet", "robusta"]),
    ],
)
def test_the_charts_own_defaults(chart: Path, subjects: list[str]) -> None:
    found = one(world(chart))
    assert (found.status, sorted(found.evidence["open"])) == (WARN, subjects)
    assert "Set holmes_toolsets: {internet: {enabled: false}}." in found.fix
    assert found.fix.endswith("holmes_profile: airgap, then site.yml.")


@pytest.mark.parametrize(
    ("name", "value", "subject"),
    [
        ("LITELLM_LOCAL_MODEL_COST_MAP", None, "LITELLM_LOCAL_MODEL_COST_MAP"),
        ("LITELLM_LOCAL_MODEL_COST_MAP", "yes", "LITELLM_LOCAL_MODEL_COST_MAP"),
        ("LITELLM_LOCAL_MODEL_COST_MAP", "true", ""),
        ("ENABLE_TELEMETRY", "true", "ENABLE_TELEMETRY"),
        ("SENTRY_DSN", "https://sentry.site.internal/1", "SENTRY_DSN"),
        ("BRAINTRUST_API_KEY", CANARY, "BRAINTRUST_API_KEY"),
        ("ROBUSTA_AI", "true", "ROBUSTA_AI"),
        ("ROBUSTA_AI", "false", ""),
        ("ROBUSTA_UI_TOKEN", CANARY, "ROBUSTA_UI_TOKEN"),
    ],
)
def test_one_variable_set_by_hand(name: str, value: str | None, subject: str) -> None:
    installation = shut()
    installation.set_env(name, value)
    found = one(installation)
    assert found.evidence["open"] == ([subject] if subject else [])
    assert found.status == (WARN if subject else PASS)


@pytest.mark.parametrize(
    ("url", "status"), [("https://mirror.site.internal/map.json", PASS), ("https://raw.githubusercontent.com/x", WARN)]
)
def test_a_mirror_of_the_price_list_will_do(url: str, status: str) -> None:
    installation = shut()
    installation.set_env("LITELLM_LOCAL_MODEL_COST_MAP", None)
    installation.set_env("LITELLM_MODEL_COST_MAP_URL", url)
    assert one(installation).status == status


@pytest.mark.parametrize(
    ("toolsets", "subjects"),
    [
        ("{internet: {enabled: true}, connectivity_check: {enabled: false}}", ["internet"]),
        ("{internet: {enabled: false}, connectivity_check: {enabled: false}, slab: {enabled: true}}", ["slab"]),
        ("{internet: {enabled: false}, connectivity_check: {enabled: false}, notion: {config: {}}}", ["notion"]),
        ("{internet: {enabled: false}, connectivity_check: {enabled: false}, notion: {enabled: false}}", []),
        # From 0.24 and 0.22 on they are on by themselves.
        ("{}", ["connectivity_check", "internet"]),
    ],
)
def test_the_live_config_map_counts(toolsets: str, subjects: list[str]) -> None:
    installation = shut()
    installation.config_map["data"]["custom_toolset.yaml"] = f"toolsets: {toolsets}"
    assert sorted(one(installation).evidence["open"]) == subjects


def test_an_old_server_turns_nothing_on_by_itself() -> None:
    installation = shut(OLD)
    installation.config_map["data"]["custom_toolset.yaml"] = "toolsets: {}"
    assert one(installation).status == PASS


def test_the_image_tells_the_version_and_without_a_tag_the_release() -> None:
    installation = shut(OLD)
    installation.config_map["data"]["custom_toolset.yaml"] = "toolsets: {}"
    installation.container["image"] = "reg/holmes:0.45.0"
    installation.restart()
    assert one(installation).evidence["open"] == ["internet", "connectivity_check"]
    installation.container["image"] = "reg/holmes@sha256:" + "0" * 64
    installation.restart()
    assert one(installation).evidence["server"] == "0.16.1"


def test_variables_from_a_config_map_count_too() -> None:
    installation = shut()
    installation.set_env("LITELLM_LOCAL_MODEL_COST_MAP", None)
    installation.container["envFrom"] = [{"configMapRef": {"name": "site"}, "prefix": "LITELLM_"}]
    installation.restart()
    installation.answers[f"{CORE}/configmaps/site"] = {"data": {"LOCAL_MODEL_COST_MAP": "True"}}
    assert one(installation).status == PASS
    installation.container["envFrom"] = []
    entry = {"configMapKeyRef": {"name": "site", "key": "LOCAL_MODEL_COST_MAP"}}
    installation.container["env"].append({"name": "LITELLM_LOCAL_MODEL_COST_MAP", "valueFrom": entry})
    installation.restart()
    assert one(installation).status == PASS


def test_the_right_that_is_missing_is_named() -> None:
    blind = shut()
    blind.answers[f"{CORE}/configmaps/{CONFIG_MAP}"] = forbidden("get configmaps")
    found = one(blind)
    assert (found.status, found.fix) == (
        NOT_CHECKED,
        "Allow the verifying account to get configmaps in namespace obs.",
    )

# SPDX-License-Identifier: GPL-3.0-or-later
"""egress.named: hosts of the internet in what runs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import NOT_CHECKED, PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_named import check

from tests.unit.fixtures.live_objects import CANARY, CONFIG_MAP, CORE
from tests.unit.fixtures.live_world import World, world
from tests.unit.fixtures.values_world import NEW, OLD
from tests.unit.fixtures.verify_world import forbidden


def one(installation: World) -> Check:
    (found,) = check(installation.scene())
    assert found.id == "egress.named"
    assert CANARY not in json.dumps(found.as_dict())
    assert bool(found.fix) is (found.status != PASS)
    return found


def quiet(chart: Path = NEW) -> World:
    return world(chart, "sentryDSN: ''")


def test_a_good_one() -> None:
    found = one(quiet())
    assert found.status == PASS, found
    assert found.evidence["model_servers"] == ["llm.models.svc.cluster.local"]
    assert found.evidence["public"] == {}


def test_the_old_chart_brings_sentry() -> None:
    found = one(world(OLD))
    assert found.status == WARN
    assert any(host.endswith("sentry.io") for host in found.evidence["public"])
    assert one(quiet(OLD)).status == PASS


@pytest.mark.parametrize(
    ("value", "listed", "status"),
    [
        ("https://api.openai.com/v1", "public", WARN),
        (f"https://u:{CANARY}@hooks.slack.com/x", "public", WARN),
        ("http://8.8.8.8/", "public", WARN),
        ("http://10.2.3.4/", "", PASS),
        ("http://grafana.monitoring.svc/", "", PASS),
        ("https://tickets.site.internal/", "others", PASS),
    ],
)
def test_a_variable_of_the_live_pod(value: str, listed: str, status: str) -> None:
    installation = quiet()
    installation.set_env("SOME_URL", value)
    found = one(installation)
    assert found.status == status
    host = value.partition("://")[2].rpartition("@")[2].partition("/")[0]
    assert (host in found.evidence["public"], host in found.evidence["others"]) == (
        listed == "public",
        listed == "others",
    )
    if status == WARN:
        assert f"Deployment/holmes-holmes names {host}" in found.message


def test_the_live_config_map_counts_and_not_the_recorded_one() -> None:
    installation = quiet()
    installation.config_map["data"]["custom_toolset.yaml"] = "mcp_servers: {x: {url: 'https://mcp.notion.com/mcp'}}"
    found = one(installation)
    assert (found.status, found.evidence["public"]) == (WARN, {"mcp.notion.com": f"ConfigMap/{CONFIG_MAP}"})


def test_a_model_server_may_have_a_public_address_but_no_hosted_name() -> None:
    installation = quiet()
    model = "local: {{model: openai/m, api_base: 'https://{}/v1'}}"
    installation.config_map["data"]["model_list.yaml"] = model.format("9.9.9.9")
    assert one(installation).status == PASS
    installation.config_map["data"]["model_list.yaml"] = model.format("api.openai.com")
    assert one(installation).status == WARN


def test_a_sidecar_and_another_object_of_the_release() -> None:
    installation = quiet()
    sidecar = {"name": "agent", "env": [{"name": "DD_SITE_URL", "value": "https://datadoghq.com"}]}
    installation.pods[0]["spec"]["containers"].append(sidecar)
    found = one(installation)
    assert found.evidence["public"] == {"datadoghq.com": "Pod/holmes-holmes-1-a"}


def test_another_object_of_the_release_and_never_a_secret() -> None:
    installation = quiet()
    assert installation.release
    spec = {"template": {"spec": {"containers": [{"name": "mcp", "command": ["npx", "-y", "server"]}]}}}
    addon = {"kind": "Deployment", "metadata": {"name": "addon"}, "spec": spec}
    hidden = {"kind": "Secret", "metadata": {"name": "s"}, "stringData": {"url": "https://api.openai.com"}}
    more = "".join(f"---\n{_yaml_text.dump(one)}" for one in (addon, hidden))
    installation.release = replace(installation.release, manifest=f"{installation.release.manifest}\n{more}")
    assert one(installation).evidence["public"] == {"registry.npmjs.org": "Deployment/addon"}


def test_what_may_not_be_read_is_named() -> None:
    blind = quiet()
    blind.answers[f"{CORE}/configmaps/{CONFIG_MAP}"] = forbidden("get configmaps")
    found = one(blind)
    assert (found.status, "cannot get configmaps" in found.message) == (NOT_CHECKED, True)
    unknown = quiet()
    unknown.release = None
    found = one(unknown)
    assert (found.status, "list secrets" in found.message) == (NOT_CHECKED, True)
    # What was found is told all the same.
    blind.set_env("SOME_URL", "https://api.openai.com")
    assert one(blind).status == WARN

# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the cluster is not asked through a proxy."""

from __future__ import annotations

import typing as t

import pytest

from tests.unit.fixtures.env_rules import assert_row, verdict_of
from tests.unit.fixtures.values_world import case, env

CHECK = "values.proxy"
PROXY = "http://proxy.site:3128"
IN_CLUSTER = "vllm.inference.svc.cluster.local"
ALWAYS = "localhost,127.0.0.1,$(KUBERNETES_SERVICE_HOST),.svc,.cluster.local"
API_SERVER = "kubectl would ask the proxy for the API server, because NO_PROXY does not name its address."


def values(base: str = f"http://{IN_CLUSTER}:8000/v1", **variables: str) -> dict[str, t.Any]:
    return {
        "additionalEnvVars": env(**variables),
        "modelList": {"a": {"model": "openai/a", "api_base": base}} if base else {},
    }


@pytest.mark.parametrize(
    ("variables", "base"),
    [
        ({"NO_PROXY": "x"}, f"http://{IN_CLUSTER}/v1"),
        ({"HTTP_PROXY": "", "HTTPS_PROXY": ""}, f"http://{IN_CLUSTER}/v1"),
        ({"HTTP_PROXY": PROXY, "http_proxy": ""}, f"http://{IN_CLUSTER}/v1"),
    ],
)
def test_no_proxy_is_set(variables: dict[str, str], base: str) -> None:
    assert_row(CHECK, case(values(base, **variables)), "pass", "No proxy is set")


@pytest.mark.parametrize(
    ("variables", "base"),
    [
        ({"HTTP_PROXY": PROXY, "NO_PROXY": ".cluster.local"}, f"http://{IN_CLUSTER}/v1"),
        ({"HTTP_PROXY": PROXY, "NO_PROXY": "*"}, f"http://{IN_CLUSTER}/v1"),
        ({"HTTP_PROXY": PROXY, "no_proxy": IN_CLUSTER}, f"http://{IN_CLUSTER}/v1"),
        ({"HTTP_PROXY": PROXY}, f"https://{IN_CLUSTER}/v1"),
        ({"HTTP_PROXY": PROXY}, "http://llm.example.com/v1"),
        ({"HTTP_PROXY": PROXY}, ""),
        ({"HTTP_PROXY": PROXY}, "http://{{ env.UNKNOWN }}/v1"),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": f"10.96.0.1,{IN_CLUSTER}"}, f"https://{IN_CLUSTER}/v1"),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": ALWAYS}, "http://vllm.inference.svc/v1"),
        ({"HTTPS_PROXY": "", "https_proxy": PROXY, "NO_PROXY": ALWAYS}, f"https://{IN_CLUSTER}/v1"),
        ({"ALL_PROXY": PROXY, "NO_PROXY": ".svc"}, "http://vllm.inference.svc/v1"),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "10.9.0.0/16", "KUBERNETES_SERVICE_HOST": "10.9.0.1"}, ""),
    ],
)
def test_exempt(variables: dict[str, str], base: str) -> None:
    assert_row(CHECK, case(values(base, **variables)), "pass", "What is in the cluster is exempt from the proxy")


CAUGHT = "is in the cluster at {}, but would be asked through the proxy."


@pytest.mark.parametrize(
    ("variables", "base", "host"),
    [
        ({"HTTP_PROXY": PROXY}, f"http://{IN_CLUSTER}/v1", IN_CLUSTER),
        ({"http_proxy": PROXY}, f"http://{IN_CLUSTER}/v1", IN_CLUSTER),
        ({"ALL_PROXY": PROXY}, f"http://{IN_CLUSTER}/v1", IN_CLUSTER),
        ({"all_proxy": PROXY}, f"https://{IN_CLUSTER}/v1", IN_CLUSTER),
        ({"HTTP_PROXY": PROXY}, "http://vllm:8000/v1", "vllm"),
        ({"HTTP_PROXY": PROXY, "NO_PROXY": ".svc"}, f"http://{IN_CLUSTER}/v1", IN_CLUSTER),
        ({"HTTP_PROXY": PROXY, "NO_PROXY": IN_CLUSTER, "no_proxy": ""}, f"http://{IN_CLUSTER}/v1", IN_CLUSTER),
        ({"HTTP_PROXY": PROXY, "BASE": f"http://{IN_CLUSTER}"}, "{{ env.BASE }}/v1", IN_CLUSTER),
    ],
)
def test_a_model_server_in_the_cluster(variables: dict[str, str], base: str, host: str) -> None:
    found = assert_row(CHECK, case(values(base, **variables)), "fail", f"modelList.a {CAUGHT.format(host)}")
    assert f"{host} looks like" not in found.message
    accepted = case(values(base, **variables), exceptions={f"{CHECK}:{host}": "The proxy knows it."})
    assert "Accepted (The proxy knows it.)" in verdict_of(CHECK, accepted).message


@pytest.mark.parametrize("name", ["API_BASE", "OPENAI_BASE_URL", "OPENAI_API_BASE", "HOSTED_VLLM_API_BASE"])
def test_the_address_of_a_variable(name: str) -> None:
    given = values("", HTTP_PROXY=PROXY, **{name: f"http://{IN_CLUSTER}/v1"})
    given["modelList"] = {"a": {"model": "openai/a"}}
    assert_row(CHECK, case(given), "fail", f"modelList.a {CAUGHT.format(IN_CLUSTER)}")


@pytest.mark.parametrize("field", ["url", "base_url", "api_base"])
def test_a_server_of_tools(field: str) -> None:
    servers = {"mcp_servers": {"x": {"config": {field: f"http://{IN_CLUSTER}/mcp", "icon_url": "http://icons"}}}}
    given = {**values("", HTTP_PROXY=PROXY), **servers}
    found = assert_row(CHECK, case(given), "fail", f"mcp_servers.x.config.{field} {CAUGHT.format(IN_CLUSTER)}")
    assert "icons" not in found.message


PRIVATE = "looks like a host of the site, but is asked through the proxy."


@pytest.mark.parametrize("host", ["10.1.2.3", "192.168.0.9", "llm.corp", "llm.site.internal"])
def test_a_model_server_of_the_site(host: str) -> None:
    found = case(values(f"http://{host}:8000/v1", HTTP_PROXY=PROXY))
    assert_row(CHECK, found, "warn", f"modelList.a at {host} {PRIVATE}", f"{ALWAYS},{host}'}}.")
    accepted = case(values(f"http://{host}/v1", HTTP_PROXY=PROXY), exceptions={f"{CHECK}:{host}": "Wanted."})
    assert "Accepted (Wanted.)" in verdict_of(CHECK, accepted).message


def test_an_entry_that_only_other_programs_understand() -> None:
    note = "'10.0.0.0/8' in NO_PROXY is not understood by the library for these calls."
    given = values("http://10.1.2.3/v1", HTTP_PROXY=PROXY, NO_PROXY="10.0.0.0/8")
    assert_row(CHECK, case(given), "warn", PRIVATE, note, f"10.0.0.0/8,{ALWAYS},10.1.2.3'")
    given = values("http://llm.example.com/v1", HTTP_PROXY=PROXY, NO_PROXY="*.example.com")
    assert_row(CHECK, case(given), "warn", "modelList.a at llm.example.com", "'*.example.com' in NO_PROXY is not")
    given = values(f"http://{IN_CLUSTER}/v1", HTTP_PROXY=PROXY, NO_PROXY="*.cluster.local")
    assert_row(CHECK, case(given), "fail", CAUGHT.format(IN_CLUSTER), "'*.cluster.local' in NO_PROXY is not understood")


@pytest.mark.parametrize(
    "variables",
    [
        {"HTTPS_PROXY": PROXY},
        {"https_proxy": PROXY},
        {"HTTPS_PROXY": PROXY, "NO_PROXY": "localhost,.svc,.cluster.local"},
        {"HTTPS_PROXY": PROXY, "NO_PROXY": "10.0.0.0/8", "KUBERNETES_SERVICE_HOST": "172.16.0.1"},
        {"HTTPS_PROXY": PROXY, "NO_PROXY": "x", "no_proxy": "10.0.0.1"},
        {"HTTPS_PROXY": PROXY, "https_proxy": "", "NO_PROXY": "", "no_proxy": ""},
    ],
)
def test_the_api_server(variables: dict[str, str]) -> None:
    given = values("", **variables)
    if variables.get("https_proxy") == "":
        given["additionalEnvVars"] += env(HTTP_PROXY=PROXY)
    assert_row(CHECK, case(given), "fail", API_SERVER, "Set holmes_env: {NO_PROXY: '")
    accepted = case(given, exceptions={f"{CHECK}:api-server": "The proxy knows it."})
    assert "Accepted (The proxy knows it.)" in verdict_of(CHECK, accepted).message


def test_both_are_told_with_the_same_fix() -> None:
    found = verdict_of(CHECK, case(values(HTTP_PROXY=PROXY, HTTPS_PROXY=PROXY, NO_PROXY="a.b,[::1],localhost")))
    assert CAUGHT.format(IN_CLUSTER) in found.message and API_SERVER in found.message
    wanted = "a.b,localhost,127.0.0.1,$(KUBERNETES_SERVICE_HOST),.svc,.cluster.local"
    assert f"Set holmes_env: {{NO_PROXY: '{wanted}'}}." in found.fix


def test_exemptions_from_elsewhere_are_not_looked_at() -> None:
    given = values(HTTP_PROXY=PROXY)
    given["additionalEnvVars"].append({"name": "NO_PROXY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}})
    text = "NO_PROXY comes from elsewhere, so what it exempts from the proxy was not looked at."
    assert_row(CHECK, case(given), "not_checked", text, "Write NO_PROXY in clear")
    given["additionalEnvVars"] += env(no_proxy=IN_CLUSTER, HTTPS_PROXY=PROXY)
    assert_row(CHECK, case(given), "pass")


def test_a_proxy_from_a_secret_counts() -> None:
    given = values()
    given["additionalEnvVars"].append({"name": "HTTP_PROXY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}})
    assert_row(CHECK, case(given), "fail", CAUGHT.format(IN_CLUSTER))


def test_two_spellings() -> None:
    text = "no_proxy and NO_PROXY differ: the server reads the first and kubectl the second."
    found = case(values("", no_proxy="a", NO_PROXY="b"))
    assert_row(CHECK, found, "warn", text, "Give both the same text, or remove no_proxy.")
    assert_row(CHECK, case(values("", no_proxy="a", NO_PROXY="a")), "pass")

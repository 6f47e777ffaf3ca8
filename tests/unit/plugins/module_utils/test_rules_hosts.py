# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about hosts outside the site: what the chart brings, and what the user gave."""

from __future__ import annotations

import typing as t

import pytest

from tests.unit.fixtures.manifests import config, holmes, pod, variables
from tests.unit.fixtures.rule_world import assert_told
from tests.unit.fixtures.values_world import OLD, build, case, judge

CHECK = "render.outside_hosts"
BROUGHT = "which the chart brings and no given value"
GIVEN = "which cannot be reached from a cut-off cluster"


@pytest.mark.parametrize(
    ("manifest", "given", "status", "text"),
    [
        (config(x="api_base: http://vllm.inference.svc:8000/v1"), {}, "pass", "No hosts outside the site"),
        (config(x="url: http://holmes-holmes:80"), {}, "pass", ""),
        (config(x="url: http://a.b.svc.cluster.local"), {}, "pass", ""),
        (config(x="url: http://service.holmes"), {}, "pass", ""),
        (
            config(x="url: https://grafana.site.internal"),
            {},
            "warn",
            f"ConfigMap/c names grafana.site.internal, {BROUGHT}",
        ),
        (config(x="url: https://grafana.site.internal"), {"a": "https://grafana.site.internal/x"}, "pass", ""),
        (config(x="url: https://grafana.site.internal"), {"a": ["GRAFANA.site.internal"]}, "pass", ""),
        (config(x="url: https://site.internal"), {"a": "https://grafana.site.internal"}, "warn", BROUGHT),
        (config(x="url: https://grafana.site"), {"a": "https://grafana.site.internal"}, "pass", ""),
        (config(x="url: https://grafana.site"), {"a": "https://grafana.sites"}, "warn", BROUGHT),
        (config(x="url: https://api.openai.com/v1"), {}, "warn", f"api.openai.com, {BROUGHT}"),
        (
            config(x="url: https://API.OpenAI.com/v1"),
            {"a": "https://api.openai.com"},
            "warn",
            f"api.openai.com, {GIVEN}",
        ),
        (config(x="url: http://10.1.2.3:8000"), {}, "pass", ""),
        (config(x="url: http://8.8.8.8"), {}, "warn", f"8.8.8.8, {BROUGHT}"),
        (config(x="url: http://8.8.8.8"), {"a": "8.8.8.8"}, "warn", f"8.8.8.8, {GIVEN}"),
        (variables(A="https://huggingface.co/x"), {}, "warn", "Deployment/holmes-holmes names huggingface.co"),
        (pod(holmes(image="docker.io/x/y:1")), {}, "pass", ""),
    ],
)
def test_outside_hosts(manifest: dict[str, t.Any], given: dict[str, t.Any], status: str, text: str) -> None:
    assert_told(CHECK, case(given, manifests=[manifest]), status, text)


def test_the_domain_of_the_cluster() -> None:
    inside = [config(x="url: http://a.b.corp.example")]
    assert_told(CHECK, case({}, manifests=inside, cluster_domain="corp.example"), "pass")
    assert_told(CHECK, case({}, manifests=inside), "warn")


def test_each_host_once_with_its_first_object() -> None:
    found = judge(
        CHECK, case({}, manifests=[config(x="https://b.example"), variables(A="https://b.example https://a.example")])
    )
    assert found.message == (
        f"Deployment/holmes-holmes names a.example, {BROUGHT}. ConfigMap/c names b.example, {BROUGHT}."
    )
    assert found.evidence == {"host": "a.example"}


@pytest.mark.parametrize(
    ("name", "values", "fix"),
    [
        ("holmes-holmes", {}, "Give the value that holds it a host of the site, or empty it"),
        ("holmes-holmes", {"a": "https://x.openai.com"}, "Remove it, or name a host of the site."),
        ("holmes-operator", {"operator": {"enabled": True}}, "Set operator.enabled: false, or give it a host"),
    ],
)
def test_the_fix(name: str, values: dict[str, t.Any], fix: str) -> None:
    manifest = pod(holmes(env=[{"name": "A", "value": "https://x.openai.com"}]), name=name)
    assert fix in judge(CHECK, case(values, manifests=[manifest])).fix


@pytest.mark.parametrize("given", [{}, {"a": "https://api.openai.com"}])
def test_a_host_is_accepted_by_name(given: dict[str, t.Any]) -> None:
    exceptions = {f"{CHECK}:api.openai.com": "a proxy answers"}
    found = judge(CHECK, case(given, manifests=[variables(A="https://api.openai.com")], exceptions=exceptions))
    assert found.message.startswith("Accepted (a proxy answers)")


@pytest.mark.parametrize(
    ("options", "status", "text"),
    [
        ({}, "pass", ""),
        ({"chart": OLD}, "pass", ""),
        ({"chart": OLD, "profile": "none"}, "warn", "o1120648.ingest.us.sentry.io"),
        ({"values": {"toolsets": {"x": {"config": {"url": "https://prometheus.site.internal"}}}}}, "pass", ""),
        ({"llm": {"api_base": "https://api.openai.com/v1", "context_window": 9}}, "warn", "api.openai.com"),
    ],
)
def test_with_the_real_helm(options: dict[str, t.Any], status: str, text: str) -> None:
    (found,) = [check for check in build(**options).checks if check.id == CHECK]
    assert (found.status, text in found.message) == (status, True), found

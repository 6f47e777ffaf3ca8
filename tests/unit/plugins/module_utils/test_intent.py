# SPDX-License-Identifier: GPL-3.0-or-later
"""From options to values."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _intent, _intent_models
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Request
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import Version

from tests.unit.fixtures.values_world import SERVICE, certificate, env

REF = {"secret": "holmes-secrets", "key": "k"}
FROM_SECRET = {"secretKeyRef": {"name": "holmes-secrets", "key": "k"}}


def values(server: Version | None = (0, 45, 0), **options: t.Any) -> dict[str, t.Any]:
    """What the options alone make; no two of them touch the same key."""
    result: dict[str, t.Any] = {}
    for layer in _intent.layers(Request(chart="x", **options), server, {}):
        assert not set(result) & set(layer.values)
        result.update(layer.values)
    return result


def test_nothing_asked_nothing_given() -> None:
    assert values() == {}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"registry": "r:5000/h/", "image": "holmes:1"}, {"registry": "r:5000/h", "image": "holmes:1"}),
        ({"image_pull_secrets": ["a", "b"]}, {"imagePullSecrets": [{"name": "a"}, {"name": "b"}]}),
        ({"rbac": {"create": True, "service_account": None}}, {}),
        (
            {"rbac": {"create": False, "service_account": "mine"}},
            {"createServiceAccount": False, "customServiceAccountName": "mine"},
        ),
        (
            {
                "rbac": {
                    "crd_permissions": {"argo": False},
                    "custom_cluster_role_rules": [{"verbs": []}],
                    "openshift": True,
                }
            },
            {"crdPermissions": {"argo": False}, "customClusterRoleRules": [{"verbs": []}], "openshift": True},
        ),
        ({"toolsets": {"x": {}}, "resources": {"limits": {}}}, {"toolsets": {"x": {}}, "resources": {"limits": {}}}),
        ({"rollout_token": "t"}, {"podAnnotations": {"holmesgpt.onprem/secrets": "t"}}),
        ({"env": {"A": "x", "B": 1, "C": True}}, {"additionalEnvVars": env(A="x", B="1", C="true")}),
        ({"env": {"A": REF}}, {"additionalEnvVars": [{"name": "A", "valueFrom": FROM_SECRET}]}),
        ({"holmes_api_key": REF}, {"additionalEnvVars": [{"name": "HOLMES_API_KEY", "valueFrom": FROM_SECRET}]}),
        ({"default_model": "a"}, {"additionalEnvVars": env(MODEL="a")}),
        ({"default_model": "a", "server": (0, 22, 0)}, {}),
        ({"default_model": "a", "server": None}, {"additionalEnvVars": env(MODEL="a")}),
        (
            {"llm": {"api_base": "http://x/v1/", "context_window": 100, "max_output_tokens": 10}},
            {
                "additionalEnvVars": env(
                    VLLM_API_BASE="http://x/v1",
                    VLLM_API_KEY="none",
                    OVERRIDE_MAX_CONTENT_SIZE="100",
                    OVERRIDE_MAX_OUTPUT_TOKEN="10",
                )
            },
        ),
        ({"llm": {"api_key": REF}}, {"additionalEnvVars": [{"name": "VLLM_API_KEY", "valueFrom": FROM_SECRET}]}),
        (
            {"llm": {"api_base": "http://x/v1"}, "env": {"VLLM_API_KEY": "EMPTY"}},
            {"additionalEnvVars": env(VLLM_API_BASE="http://x/v1", VLLM_API_KEY="EMPTY")},
        ),
    ],
)
def test_options(options: dict[str, t.Any], expected: dict[str, t.Any]) -> None:
    assert values(**options) == expected


@pytest.mark.parametrize(
    ("llm", "url"),
    [
        ({"service": SERVICE}, "http://vllm-server.inference.svc.cluster.local:8000/v1"),
        (
            {"service": {**SERVICE, "scheme": "https", "path": "api/v1/"}},
            "https://vllm-server.inference.svc.cluster.local:8000/api/v1",
        ),
        ({"api_base": "https://llm.site/v1"}, "https://llm.site/v1"),
        ({"service": None, "api_base": None}, ""),
        ({}, ""),
    ],
)
def test_endpoint(llm: dict[str, t.Any], url: str) -> None:
    assert _intent_models.endpoint(llm) == url


BASE, KEY = "{{ env.VLLM_API_BASE }}", "{{ env.VLLM_API_KEY }}"
LLM = {"api_base": "http://x/v1"}


@pytest.mark.parametrize(
    ("llm", "fields", "entry"),
    [
        (LLM, {"model": "gpt-oss-120b"}, {"model": "openai/gpt-oss-120b", "api_base": BASE, "api_key": KEY}),
        (LLM, {"model": "Qwen/Qwen3-32B"}, {"model": "openai/Qwen/Qwen3-32B", "api_base": BASE, "api_key": KEY}),
        (LLM, {"model": "hosted_vllm/x"}, {"model": "hosted_vllm/x", "api_base": BASE, "api_key": KEY}),
        (LLM, {"model": "openai"}, {"model": "openai/openai", "api_base": BASE, "api_key": KEY}),
        (
            LLM,
            {"model": "x", "temperature": 1},
            {"model": "openai/x", "api_base": BASE, "api_key": KEY, "temperature": 1},
        ),
        (
            LLM,
            {"model": "x", "api_key": "{{ env.O }}"},
            {"model": "openai/x", "api_base": BASE, "api_key": "{{ env.O }}"},
        ),
        (
            LLM,
            {"model": "x", "api_base": "http://y/v1"},
            {"model": "openai/x", "api_base": "http://y/v1", "api_key": "none"},
        ),
        (
            {},
            {"model": "x", "base_url": "http://y/v1"},
            {"model": "openai/x", "base_url": "http://y/v1", "api_key": "none"},
        ),
        ({}, {"model": "x"}, {"model": "openai/x"}),
    ],
)
def test_models(llm: dict[str, t.Any], fields: dict[str, t.Any], entry: dict[str, t.Any]) -> None:
    assert values(llm=llm, models={"a": fields})["modelList"] == {"a": entry}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"llm": {"api_base": "x", "service": SERVICE}},
            "holmes_llm_api_base and holmes_llm_service exclude each other",
        ),
        ({"llm": {"service": {"name": "x"}}}, "holmes_llm_service lacks namespace, port"),
        ({"llm": {"api_base": "x", "api_key": "sk-canary"}}, "holmes_llm_api_key must name a Secret"),
        (
            {"llm": {"api_key": {"secret": "s", "key": "k", "value": "sk-canary"}}},
            "holmes_llm_api_key must name a Secret",
        ),
        ({"llm": {"api_key": {"secret": "s", "key": ["sk-canary"]}}}, "holmes_llm_api_key must name a Secret"),
        ({"holmes_api_key": "sk-canary"}, "holmes_server_api_key must name a Secret"),
        ({"holmes_api_key": {"secret": "sk-canary"}}, "holmes_server_api_key must name a Secret"),
        ({"env": {"A": {"value": "sk-canary"}}}, "holmes_env.A must name a Secret"),
        ({"env": {"A": ["sk-canary"]}}, "holmes_env.A must be text"),
        ({"env": {"A": None}}, "holmes_env.A must be text"),
        ({"env": "sk-canary"}, "holmes_env must be a mapping"),
        ({"models": ["sk-canary"]}, "holmes_models must be a mapping"),
        ({"models": {"a": "sk-canary"}}, "holmes_models.a must be a mapping"),
        ({"models": {"a": {"api_key": "sk-canary"}}}, "holmes_models.a lacks 'model'"),
        ({"models": {"a": {"model": " "}}}, "holmes_models.a lacks 'model'"),
    ],
)
def test_wrong_shapes_end_in_a_sentence_without_the_content(options: dict[str, t.Any], sentence: str) -> None:
    with pytest.raises(HolmesError) as caught:
        values(**options)
    told = caught.value.as_result()["msg"]
    assert sentence in told
    assert "canary" not in told


def test_certificate_and_what_cannot_be_one(tmp_path: Path) -> None:
    pem, key = certificate()
    (tmp_path / "ca.pem").write_text(pem)
    assert set(values(ca_file=str(tmp_path / "ca.pem"))) == {"certificate"}
    (tmp_path / "ca.pem").write_text(key)
    problems: dict[str, HolmesError] = {}
    assert _intent.layers(Request(chart="x", ca_file=str(tmp_path / "ca.pem")), None, problems) == []
    assert "private key" in problems["values.certificate"].msg


def test_request_takes_known_options_and_keeps_defaults() -> None:
    found = Request.from_options({"chart": "c", "release_name": "r", "dest": "/d", "registry": None, "values": None})
    assert found == Request(chart="c", release_name="r")

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

from tests.unit.fixtures.values_world import NEW, OLD, SERVICE, certificate, env, keys

REF = {"secret": "holmes-secrets", "key": "k"}
FROM_SECRET = {"secretKeyRef": {"name": "holmes-secrets", "key": "k"}}
POD_CONTEXT = {
    "runAsNonRoot": True,
    "runAsUser": 10001,
    "runAsGroup": 10001,
    "fsGroup": 10001,
    "seccompProfile": {"type": "RuntimeDefault"},
}
CONTEXT = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def values(server: Version | None = (0, 45, 0), chart: Path = NEW, **options: t.Any) -> dict[str, t.Any]:
    """What the options alone make; no two of them touch the same key."""
    result: dict[str, t.Any] = {}
    for layer in _intent.layers(Request(chart="x", **options), keys(chart), server, {}):
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
        ({"image_pull_secrets": [{"name": "a"}, "b"]}, {"imagePullSecrets": [{"name": "a"}, {"name": "b"}]}),
        ({"rbac": {"create": True, "service_account": None, "scope": "cluster"}}, {}),
        ({"rbac": {"scope": "namespace"}}, {"namespaceScopedRBAC": True}),
        ({"rbac": {"scope": "namespace"}, "chart": OLD}, {}),
        ({"env_from_secrets": ["a", "b"]}, {"extraEnvVarsSecrets": ["a", "b"]}),
        ({"server_tls": {"secret": "s"}}, {"tls": {"enabled": True, "secretName": "s"}}),
        (
            {"server_tls": {"secret": "s", "password_key": "p", "client_ca_key": "c"}},
            {
                "tls": {
                    "enabled": True,
                    "secretName": "s",
                    "keyfilePasswordSecretKey": "p",
                    "caCertsSecretKey": "c",
                }
            },
        ),
        ({"pod_security": "restricted"}, {"podSecurityContext": POD_CONTEXT, "containerSecurityContext": CONTEXT}),
        (
            {"pod_security": "restricted", "rbac": {"openshift": True}},
            {
                "openshift": True,
                "podSecurityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
                "containerSecurityContext": CONTEXT,
            },
        ),
        ({"pod_security": "restricted", "chart": OLD}, {}),
        ({"pod_security": "chart"}, {}),
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
        ({"rollout_token": "t"}, {"podAnnotations": {"holmesgpt.onprem/secrets-checksum": "t"}}),
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
                    OVERRIDE_MAX_CONTENT_SIZE="100",
                    OVERRIDE_MAX_OUTPUT_TOKEN="10",
                    VLLM_API_BASE="http://x/v1",
                    VLLM_API_KEY="none",
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
        (LLM, {"model": "x", "api_key_env": "O"}, {"model": "openai/x", "api_base": BASE, "api_key": "{{ env.O }}"}),
        (
            LLM,
            {"model": "x", "service": {**SERVICE, "scheme": "https"}, "api_key": REF},
            {
                "model": "openai/x",
                "api_base": "https://vllm-server.inference.svc.cluster.local:8000/v1",
                "api_key": "{{ env.VLLM_API_KEY_A }}",
            },
        ),
        (
            LLM,
            {"model": "x", "context_window": 32768, "max_output_tokens": "4096", "custom_args": {"a": 1}},
            {
                "model": "openai/x",
                "api_base": BASE,
                "api_key": KEY,
                "custom_args": {"a": 1, "max_context_size": 32768},
                "max_tokens": 4096,
            },
        ),
    ],
)
def test_models(llm: dict[str, t.Any], fields: dict[str, t.Any], entry: dict[str, t.Any]) -> None:
    assert values(llm=llm, models={"a": fields})["modelList"] == {"a": entry}


def test_every_model_may_have_a_key_of_its_own() -> None:
    models = {"small": {"model": "s", "api_key": REF}, "qwen3-32b": {"model": "q", "api_key": REF}}
    found = values(llm=LLM, models=models)
    assert found["additionalEnvVars"][-2:] == [
        {"name": "VLLM_API_KEY_QWEN3_32B", "valueFrom": FROM_SECRET},
        {"name": "VLLM_API_KEY_SMALL", "valueFrom": FROM_SECRET},
    ]
    assert found["modelList"]["qwen3-32b"]["api_key"] == "{{ env.VLLM_API_KEY_QWEN3_32B }}"


def test_variables_stand_in_an_order_that_kubernetes_and_a_repeated_run_need() -> None:
    given = {"Z": "$(Y)x", "B": "1", "Y": "$(B)", "A": "2"}
    assert [entry["name"] for entry in values(env=given)["additionalEnvVars"]] == ["A", "B", "Z", "Y"]


@pytest.mark.parametrize(("common", "kept"), [({}, "8192"), ({"max_output_tokens": 16384}, "16384")])
def test_room_is_kept_for_the_longest_answer(common: dict[str, t.Any], kept: str) -> None:
    models = {name: {"model": "m", "max_output_tokens": length} for name, length in (("a", 4096), ("b", 8192))}
    found = values(llm=common, models={**models, "c": {"model": "m"}})
    assert found["additionalEnvVars"] == env(OVERRIDE_MAX_OUTPUT_TOKEN=kept)
    assert [entry.get("max_tokens") for entry in found["modelList"].values()] == [4096, 8192, None]


def test_the_cluster_may_have_another_domain() -> None:
    found = values(llm={"service": SERVICE}, cluster_domain="k8s.bank.example", models={"a": {"model": "m"}})
    assert found["additionalEnvVars"][0]["value"] == "http://vllm-server.inference.svc.k8s.bank.example:8000/v1"


def test_whole_secrets_where_the_chart_has_only_the_raw_form(tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text("name: holmes\nversion: 0.30.0\n")
    (tmp_path / "values.yaml").write_text("additional_env_froms: []\n")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.yaml").write_text("envFrom: {{ toYaml .Values.additional_env_froms }}\n")
    assert values(chart=tmp_path, env_from_secrets=["a"]) == {"additional_env_froms": [{"secretRef": {"name": "a"}}]}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"image_pull_secrets": [{"nam": "sk-canary"}]}, "holmes_image_pull_secrets must be a list of names"),
        ({"image_pull_secrets": [""]}, "holmes_image_pull_secrets must be a list of names"),
        ({"toolsets": "sk-canary"}, "holmes_toolsets must be a mapping"),
        ({"server_tls": {"secret": "s", "cert": "sk-canary"}}, "holmes_server_tls has unknown keys: cert"),
        ({"server_tls": {"password_key": "p"}}, "holmes_server_tls lacks 'secret'"),
        ({"llm": {"service": ["sk-canary"]}}, "holmes_llm_service must be a mapping"),
        ({"llm": {"service": {**SERVICE, "prot": 1}}}, "unknown key 'prot'. Did you mean 'port'?"),
        ({"llm": {"service": {**SERVICE, "port": 65536}}}, "holmes_llm_service.port is no port number"),
        ({"llm": {"service": {**SERVICE, "port": "http"}}}, "holmes_llm_service.port is no port number"),
        ({"llm": {"service": {**SERVICE, "scheme": "grpc"}}}, "scheme must be http or https"),
        (
            {"models": {"a": {"model": "m", "api_base": "x", "service": SERVICE}}},
            "holmes_models.a.api_base and holmes_models.a.service exclude each other",
        ),
        ({"models": {"a": {"model": "m", "api_key": {"secret": "s"}}}}, "holmes_models.a.api_key must name a Secret"),
        ({"models": {"a": {"model": "m", "api_key": "none", "api_key_env": "X"}}}, "has api_key and api_key_env"),
        ({"models": {"a": {"model": "m", "context_window": "32k"}}}, "context_window must be a number of tokens"),
        ({"models": {"a": {"model": "m", "max_output_tokens": True}}}, "max_output_tokens must be a number of tokens"),
        (
            {"models": {"a-b": {"model": "m", "api_key": REF}, "a.b": {"model": "m", "api_key": REF}}},
            "share the variable VLLM_API_KEY_A_B",
        ),
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
    assert _intent.layers(Request(chart="x", ca_file=str(tmp_path / "ca.pem")), keys(NEW), None, problems) == []
    assert "private key" in problems["values.certificate"].msg


def test_request_takes_known_options_and_keeps_defaults() -> None:
    found = Request.from_options({"chart": "c", "release_name": "r", "dest": "/d", "registry": None, "values": None})
    assert found == Request(chart="c", release_name="r")

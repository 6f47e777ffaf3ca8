# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in clear: found by name or shape, and hidden."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secrets import MASK, literals, mask_text, masked

from tests.unit.fixtures.values_world import env

TOKEN = "sk-" + "a1B2" * 6


@pytest.mark.parametrize(
    "values",
    [
        {"additionalEnvVars": env(OPENAI_API_KEY="hunter2x")},
        {"additionalEnvVars": env(ARGOCD_AUTH_TOKEN="hunter2x")},
        {"additional_env_vars": env(DB_PASSWORD="hunter2x")},
        {"additionalEnvVars": [{"name": "DB_PASSWORD", "value": 1234567}]},
        {"additionalEnvVars": env(PLAIN=TOKEN)},
        {"additionalEnvVars": env(URL="https://user:hunter2x@host/")},
        {"operator": {"additionalEnvVars": env(HOLMES_API_KEY="hunter2x")}},
        {"initContainers": [{"env": env(VAULT_TOKEN="hunter2x")}]},
        {"modelList": {"a": {"api_key": "hunter2x"}}},
        {"modelList": {"a": {"extra_headers": {"Authorization": "Bearer hunter2x"}}}},
        {"toolsets": {"grafana": {"config": {"api_key": "hunter2x"}}}},
        {"toolsets": {"x": {"config": {"clientSecret": "hunter2x"}}}},
        {"mcp_servers": {"x": {"config": {"headers": {"X-Access-Token": "hunter2x"}}}}},
        {"toolsets": {"x": {"config": {"password": 12345678}}}},
        {"certificate": TOKEN},
        {"toolsets": {"x": {"api_key": ["hunter2x"]}}},
        {"additionalEnvVars": [{"name": TOKEN, "value": "x"}]},
        {"additionalEnvVars": [{"name": "A_TOKEN", "vaule": "hunter2x"}]},
        {"additionalEnvVars": [{"name": "A", "value": {"b": TOKEN}}]},
        {"additionalEnvVars": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": TOKEN}}}]},
        {"podAnnotations": {"note": "ghp_" + "a" * 36}},
        {"customSkills": {"a": {"content": "-----BEGIN RSA PRIVATE KEY-----\nhunter2x"}}},
    ],
)
def test_found_and_hidden(values: dict[str, t.Any]) -> None:
    found = literals(values)
    assert len(found) == 1
    assert found[0].text not in found[0].label
    hidden = repr(masked(values))
    assert found[0].text not in hidden
    assert MASK in hidden
    assert MASK not in repr(values), "the values themselves stay as they are"


@pytest.mark.parametrize(
    "values",
    [
        {
            "additionalEnvVars": env(
                OPENAI_API_KEY="none", VLLM_API_KEY="EMPTY", X_TOKEN="{{ env.Y }}", Z_TOKEN="$(OTHER)"
            )
        },
        {"additionalEnvVars": [{"name": "A_TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "a-token"}}}]},
        {"additionalEnvVars": env(OVERRIDE_MAX_OUTPUT_TOKEN="8192", TOOL_MEMORY_LIMIT_MB="1500")},
        {"additionalEnvVars": env(HOLMES_PASSTHROUGH_BLOCKED_HEADERS="authorization,x-api-key")},
        {"modelList": {"a": {"api_key": "none"}, "b": {"api_key": "{{ env.K }}"}, "c": {"api_key": "envRef:K"}}},
        {"modelList": {"a": {"extra_headers": {"Authorization": "Bearer {{ env.K }}"}, "max_tokens": 4096}}},
        {"tls": {"secretName": "holmes-tls", "keyfilePasswordSecretKey": "pw", "caCertsSecretKey": "ca.crt"}},
        {"mcpAddons": {"github": {"auth": {"secretName": "s", "secretKey": "token"}}}},
        {"additionalVolumes": [{"name": "t", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}]},
        {"certificate": "LS0tLS1CRUdJTi"},
        {"sentryDSN": "https://public@host/1"},
        {"imagePullSecrets": [{"name": "regcred"}]},
        {"auth": {"existingApiKeySecret": "s"}},
        {"automountServiceAccountToken": False},
    ],
)
def test_no_false_alarm(values: dict[str, t.Any]) -> None:
    assert literals(values) == []
    assert masked(values) is values


def test_label_names_the_variable() -> None:
    assert literals({"additionalEnvVars": env(A_TOKEN="hunter2x")})[0].label == "additionalEnvVars: A_TOKEN"
    assert literals({"modelList": {"a": {"api_key": "hunter2x"}}})[0].label == "modelList.a.api_key"


def test_free_text() -> None:
    secrets = literals(
        {"modelList": {"a": {"api_key": "hunter2x"}, "b": {"api_key": "hunter2xyz"}, "c": {"api_key": "abc"}}}
    )
    assert mask_text("hunter2xyz and hunter2x, abc", secrets) == f"{MASK} and {MASK}, abc"
    key = literals({"customSkills": {"a": {"content": "-----BEGIN RSA PRIVATE KEY-----\nhunter2x\n"}}})
    assert mask_text("line 2: hunter2x", key) == f"line 2: {MASK}"

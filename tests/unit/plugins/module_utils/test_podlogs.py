# SPDX-License-Identifier: GPL-3.0-or-later
"""Log lines that matter, on recorded logs, and credentials that must not be shown."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._mask import mask
from ansible_collections.holmesgpt.onprem.plugins.module_utils._podlogs import findings, last_lines, read

from tests.unit.fixtures.verify_world import FakeCluster, forbidden, recorded_text

RECORDED = [
    ("log-start-0.45.0-fixed.txt", []),
    ("log-start-0.45.0-guide.txt", ["outside"]),
    ("log-start-0.16.1-guide.txt", ["outside"]),
]


@pytest.mark.parametrize(("name", "topics"), RECORDED)
def test_recorded_logs(name: str, topics: list[str]) -> None:
    assert [entry.topic for entry in findings(recorded_text(name))] == topics


LINES = [
    ("ERROR    Couldn't find model: gpt-x in model list", "unknown_model", "gpt-x"),
    (
        "WARNING  Couldn't find model openai/gpt-oss-120b in litellm's model list (tried: a, b), using default 200000 "
        "tokens for max_input_tokens. To override, set OVERRIDE_MAX_CONTENT_SIZE",
        "fallback_context",
        "200000",
    ),
    (
        "WARNING  Couldn't find model openai/gpt-oss-120b in litellm's model list (tried: a), using 64000 tokens for "
        "max_output_tokens. To override",
        "fallback_output",
        "64000",
    ),
    ("INFO     \u274c Toolset kubernetes/core: `kubectl version` failed", "toolset", "kubernetes/core"),
    ("INFO     \u274c Toolset kubernetes/logs: no", "toolset", "kubernetes/logs"),
    ("INFO     Loaded models: []", "no_models", "Loaded models: []"),
    ("Exception: No LLM models were loaded. Configure a model", "no_models", "No LLM models were loaded"),
    ("WARNING  Retrying: /api/4508799804702720/envelope/", "outside", "Sentry"),
    ("HTTPSConnectionPool(host='huggingface.co', port=443)", "outside", "huggingface.co"),
]


@pytest.mark.parametrize(("line", "topic", "told"), LINES)
def test_lines_that_matter(line: str, topic: str, told: str) -> None:
    (found,) = findings(f"before\n\x1b[33m2026-11-23 05:46:59.758 {line}\x1b[0m\nafter")
    assert found.topic == topic
    assert told in found.message
    assert found.fix
    assert "\x1b" not in found.line


QUIET = [
    "INFO     \u274c Toolset prometheus/metrics: Unable to auto-detect prometheus",
    "INFO     \u274c Toolset kubernetes/live-metrics: Metrics API not available",
    "INFO     Loaded models: ['gpt-oss-120b']",
    "INFO     \u2705 Toolset kubernetes/core",
]


@pytest.mark.parametrize("line", QUIET)
def test_lines_that_do_not(line: str) -> None:
    assert findings(line) == []


def test_the_same_line_counts_once() -> None:
    assert len(findings("Loaded models: []\nLoaded models: []\n")) == 1


SECRETS = [
    "Authorization: Bearer canary.123-abc",
    "headers={'authorization': 'Bearer canary-99999'}",
    "Basic Y2FuYXJ5LTEyMzQ1",
    '{"api_key": "canary-12345"}',
    "api_key='canary-12345'",
    "VLLM_API_KEY=canary-12345",
    "password: canary-12345",
    "Incorrect API key provided: canary-12345.",
    "key sk-canary12345",
    "https://user:canary-1@registry.example/v2/",
    "token eyJhbGciOiJcanary.eyJzdWIiOiJcanary.c2lnbmF0",
]


@pytest.mark.parametrize("text", SECRETS)
def test_what_looks_like_a_credential_is_hidden(text: str) -> None:
    shown = mask(text)
    assert "canary" not in shown
    assert "Y2FuYXJ5" not in shown
    assert "***" in shown


ORDINARY = [
    "Secret holmes/holmes-secrets has no key 'openai-api-key'",
    "max_tokens: 64000, total_tokens: 12",
    "Invalid or missing API key",
    "pull secret holmes-registry",
    "task-sk-1 of desk-top",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_stays(text: str) -> None:
    assert mask(text) == text


def test_known_secrets_are_hidden_wherever_they_stand_but_short_ones_would_hide_words() -> None:
    assert mask("xxpressure7yy", ["pressure7"]) == "xx***yy"
    assert mask("there is none here", ["none"]) == "there is none here"


def test_last_lines() -> None:
    assert last_lines("a\n\n\x1b[31mb\x1b[0m\n   ^^^^\n  c api_key=canary \n\n", 2) == ["b", "c api_key=***"]


def test_a_log_that_is_not_there_yet_is_empty_one_that_is_forbidden_is_not() -> None:
    path = "/api/v1/namespaces/n/pods/p/log"
    cluster = FakeCluster({path: KubeError("waiting to start", 400)})
    assert read(cluster, "n", "p", "c", previous=True, since=9) == ""
    assert "previous=true&sinceSeconds=9" in cluster.asked[0]
    assert read(FakeCluster(), "n", "gone", "c") == ""
    with pytest.raises(KubeError):
        read(FakeCluster({path: forbidden("get pods/log")}), "n", "p", "c")

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HolmesGPT's refusals, told apart: one sentence and one fix for each.

Private to this collection: it may change in any release. Imports nothing of Ansible.
Bodies as recorded from HolmesGPT 0.45.0 with litellm 1.89 (facts: HTTP API, and the recorded answers): most failures of
the model server come as 500 with litellm's exception in ``detail``, and its 401 looks like HolmesGPT's own.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Answer

OWN_KEY = "Invalid or missing API key"
CONNECTION = "llm_connection"
RATE_LIMIT = "llm_rate_limit"


@dataclass(frozen=True)
class Problem:
    """``kind`` is a stable word for tests and evidence."""

    kind: str
    message: str
    fix: str


_LIMITS = (
    "Set holmes_llm_context_window to the model server's --max-model-len (OVERRIDE_MAX_CONTENT_SIZE) and "
    "holmes_llm_max_output_tokens to what an answer may take, for example 8192 (OVERRIDE_MAX_OUTPUT_TOKEN)."
)
# Order matters: the first that matches wins.
_KINDS: list[tuple[t.Pattern[str], str, str, str]] = [
    (
        re.compile(r"tool choice requires|enable-auto-tool-choice|tool-call-parser"),
        "llm_tool_choice",
        "the model server refuses tool calls",
        "Start vLLM with --enable-auto-tool-choice and --tool-call-parser (for gpt-oss: openai).",
    ),
    (
        re.compile(
            r"ContextWindowExceeded|maximum context length|compaction failed|max_model_len|max_tokens.{0,40}too large"
        ),
        "llm_context",
        "question and answer do not fit into the model's context",
        _LIMITS,
    ),
    (
        re.compile(r"LLM Provider NOT provided"),
        "llm_provider",
        "a model entry has no provider, so litellm does not know how to talk to it",
        "Write model: openai/NAME in holmes_models. On HolmesGPT 0.16 remove MODEL from holmes_env.",
    ),
    (
        re.compile(r"RateLimitError|Too Many Requests|\b429\b"),
        RATE_LIMIT,
        "the model server says that there are too many requests",
        "Try again later, or raise the model server's limits.",
    ),
    (
        re.compile(r"AuthenticationError|Incorrect API key|PermissionDeniedError"),
        "llm_key",
        "the model server refuses HolmesGPT's key for it",
        "Correct the key that holmes_llm_api_key names in holmes_secrets. After a change of the Secret the pods must "
        "be restarted (site.yml does that).",
    ),
    (
        re.compile(r"requires the following environment variables"),
        "llm_key_missing",
        "a model entry needs a key and has none",
        "Set holmes_llm_api_key; a server without keys takes any text, for example api_key: none.",
    ),
    (
        re.compile(r"NotFoundError|model .{1,80} does not exist|ModelNotFound"),
        "llm_model",
        "the model server does not serve that model",
        "Compare 'model' in holmes_models with /v1/models of the server. A name that you never configured (gpt-5.4) "
        "comes from OPENAI_API_KEY without MODEL: set holmes_default_model.",
    ),
    (
        re.compile(r"ROBUSTA_AI|No LLM models"),
        "no_models",
        "HolmesGPT has loaded no model",
        "Set holmes_models, and keep at least one toolset: with toolsets empty the chart drops the model list, too.",
    ),
    (
        re.compile(r"function\.strict|'strict'|Extra inputs are not permitted|extra_forbidden"),
        "llm_strict",
        "the model server refuses fields that HolmesGPT sends",
        "Set HOLMES_DISABLE_STRICT_TOOL_CALLS to 'true' in holmes_env, or LLM_EXTRA_STRIP_MESSAGE_FIELDS for fields of "
        "messages.",
    ),
    (
        re.compile(r"metacharacter"),
        "headers",
        "something between here and HolmesGPT adds request headers that make its tools fail",
        "Set HOLMES_PASSTHROUGH_BLOCKED_HEADERS in holmes_env to authorization,cookie,set-cookie and that header.",
    ),
    (
        re.compile(
            r"Connection error|APIConnectionError|ConnectError|CERTIFICATE_VERIFY_FAILED|Cannot connect to host"
        ),
        CONNECTION,
        "HolmesGPT cannot reach the model server",
        "Check holmes_llm_api_base or holmes_llm_service, and holmes_ca_file if it is https.",
    ),
    (
        re.compile(r"Timeout"),
        "llm_timeout",
        "the model server did not answer HolmesGPT in time",
        "Look at the load of the model server; LLM_REQUEST_TIMEOUT in holmes_env is HolmesGPT's patience.",
    ),
    (
        re.compile(r"litellm\.|OpenAIException"),
        "llm_other",
        "the model server refused the request",
        "Look at the model server's log.",
    ),
]
# The pod log names what "Connection error." hides (facts: real-run point 12).
_CONNECTION_CAUSES: list[tuple[t.Pattern[str], str, str]] = [
    (
        re.compile(r"CERTIFICATE_VERIFY_FAILED|certificate verify failed"),
        "its certificate is not trusted (CERTIFICATE_VERIFY_FAILED)",
        "Set holmes_ca_file to the CA that signed the model server's certificate, and leave SSL_CERT_FILE unset.",
    ),
    (
        re.compile(
            r"Name or service not known|name resolution|nodename nor|No address associated|Name does not resolve"
        ),
        "its name does not resolve inside the cluster",
        "Correct the name in holmes_llm_service or holmes_llm_api_base (http://SERVICE.NAMESPACE.svc:PORT/v1).",
    ),
    (
        re.compile(r"Connection refused|Errno 111|All connection attempts failed"),
        "it refuses the connection",
        "Check that the model server runs and that the port in holmes_llm_service or holmes_llm_api_base is right.",
    ),
    (
        re.compile(r"unreachable|No route to host|timed out|ConnectTimeout"),
        "the network does not lead there",
        "Check NetworkPolicies and the address in holmes_llm_api_base.",
    ),
]


def detail_of(answer: Answer) -> str:
    """``detail`` of an error body, else the body's text; one line."""
    body = answer.json()
    detail = body.get("detail") if isinstance(body, dict) else None
    return " ".join(str(detail if detail is not None else answer.text).split())


def classify(answer: Answer) -> Problem:
    """What a chat answer other than 200 means."""
    detail = detail_of(answer)
    if answer.status == 401 and OWN_KEY in detail:
        return Problem(
            "holmes_key",
            "HolmesGPT itself wants its API key",
            "Give its key (holmes_server_api_key, in holmes_secrets) to the verification.",
        )
    for pattern, kind, message, fix in _KINDS:
        if pattern.search(detail):
            return Problem(kind, message, fix)
    if answer.status == 429:
        return Problem(RATE_LIMIT, "the model server says that there are too many requests", "Try again later.")
    if answer.status in (404, 405):
        return Problem("not_holmes", "what answers there is not HolmesGPT's API", "Check holmes_verify_url.")
    if answer.status in (502, 503, 504):
        return Problem(
            "not_ready", "HolmesGPT, or a proxy before it, is not ready", "Look at the pods and at the proxy."
        )
    return Problem("other", "HolmesGPT refused the request", "Read the pod's log.")


def connection_cause(log: str) -> tuple[str, str] | None:
    """What the pod's log says about a failed connection to the model server: reason and fix; the newest wins."""
    for line in reversed(log.splitlines()):
        for pattern, reason, fix in _CONNECTION_CAUSES:
            if pattern.search(line):
                return reason, fix
    return None

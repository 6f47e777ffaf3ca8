# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server's own variables: what type each has, and what a wrong value does. One table, with its sources.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Read in the packages 0.16.0 to 0.45.0 and tried value by value on 0.45.0. Most are read while the server is imported
(holmes/common/env_vars.py), before it logs anything: a wrong one ends in a Python traceback and a restart loop.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

CRASH, CHAT, IGNORED = "the server would die at start", "every chat would fail", "it would count as not set"


@dataclass(frozen=True)
class Kind:
    """A type of value. ``fits`` answers whether the server takes a text; ``wanted`` is for a sentence."""

    wanted: str
    fits: t.Callable[[str], bool]
    example: str


@dataclass(frozen=True)
class Variable:
    """A variable of the server: its type and what becomes of a wrong value."""

    kind: Kind
    then: str = CRASH


def _accepts(convert: t.Callable[[str], t.Any]) -> t.Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            convert(text)
        except ValueError:
            return False
        return True

    return fits


def _object(text: str) -> dict[str, t.Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError(text)
    return found


def _strings(text: str) -> None:
    if not all(isinstance(value, str) for value in _object(text).values()):
        raise ValueError(text)


WHOLE = Kind("a whole number", _accepts(int), "60")
NUMBER = Kind("a number", _accepts(float), "60")
# load_bool: json.loads(value.lower()); an empty text, "yes" and "on" are no JSON.
SWITCH = Kind("true or false", _accepts(lambda text: json.loads(text.lower())), "true")
OBJECT = Kind("a JSON object", _accepts(_object), '{"type": "enabled"}')
HEADERS = Kind("a JSON object of texts", _accepts(_strings), '{"X-Team": "ops"}')
# LiteLLM and server.py compare with "true"; everything else is false.
EXACT = Kind("true or false", lambda text: text.lower() in ("true", "false"), "true")
MEGABYTES = Kind("a whole number above 0", lambda text: WHOLE.fits(text) and int(text) > 0, "1500")

_WHOLE = (
    *("KEEPALIVE_CNT", "KEEPALIVE_IDLE", "KEEPALIVE_INTVL", "INTERNET_TOOLSET_TIMEOUT_SECONDS", "MAX_STEPS"),
    *("KUBERNETES_LOGS_TIMEOUT_SECONDS", "LITELLM_COST_MAP_REFRESH_INTERVAL_SECONDS", "MAX_OUTPUT_TOKEN_RESERVATION"),
    *("MAX_EVIDENCE_DATA_CHARACTERS_BEFORE_TRUNCATION", "STREAM_CHUNKS_PER_PARSE", "SUPABASE_TIMEOUT_SECONDS"),
    *("SCHEDULED_PROMPTS_ACTIVE_POLL_INTERVAL_SECONDS", "SCHEDULED_PROMPTS_HEARTBEAT_INTERVAL_SECONDS"),
    *("SCHEDULED_PROMPTS_INACTIVE_POLL_INTERVAL_SECONDS", "CONVERSATION_WORKER_MAX_CONCURRENT"),
    *("TOOLSET_STATUS_REFRESH_INTERVAL_SECONDS", "TOOL_CALLER_MAX_CONCURRENT"),
    *("OAUTH_CREDENTIAL_INTERVAL_SECONDS", "OAUTH_REFRESH_AHEAD_SECONDS", "TOOL_MAX_ALLOCATED_CONTEXT_WINDOW_TOKENS"),
)
_NUMBER = (
    *("LLM_REQUEST_TIMEOUT", "MAX_GRAPH_POINTS", "MAX_GRAPH_POINTS_HARD_LIMIT", "MCP_TOOL_CALL_TIMEOUT_SEC"),
    *("SENTRY_TRACES_SAMPLE_RATE", "SSE_READ_TIMEOUT", "TOOL_MAX_ALLOCATED_CONTEXT_WINDOW_PCT"),
)
_SWITCH = (
    *("AZURE_AD_TOKEN_AUTH", "BASH_TOOL_UNSAFE_ALLOW_ALL", "DEVELOPMENT_MODE", "DISABLE_PROMETHEUS_TOOLSET"),
    *("ENABLED_SCHEDULED_PROMPTS", "ENABLE_CONNECTION_KEEPALIVE", "ENABLE_CONVERSATION_HISTORY_COMPACTION"),
    *("ENABLE_CONVERSATION_WORKER", "ENABLE_JSON_LOGS_FORMAT", "ENABLE_TELEMETRY", "IS_OPENSHIFT"),
    *("HOLMES_DISABLE_STRICT_TOOL_CALLS", "LOAD_ALL_ROBUSTA_MODELS", "LOG_LLM_USAGE_RESPONSE", "ROBUSTA_AI"),
    *("RESET_REPEATED_TOOL_CALL_CHECK_AFTER_COMPACTION", "TOOL_CALL_SAFEGUARDS_ENABLED", "TRACE_TOKEN_USAGE"),
    *("TOOL_SCHEMA_NO_PARAM_OBJECT_IF_NO_PARAMS", "USE_LEGACY_KUBERNETES_LOGS"),
    *("CONVERSATION_WORKER_REALTIME_ENABLED", "CONVERSATION_WORKER_USE_REALTIME_BROADCAST"),
)
# Read when they are used.
_SWITCH_LATER = (*("HOLMES_DISABLE_VISION", "HOLMES_ENABLE_JSON_FILTER_PARAMS", "HOLMES_TOOL_RESULT_STORAGE_ENABLED"),)
VARIABLES: dict[str, Variable] = {
    **dict.fromkeys(_WHOLE, Variable(WHOLE)),
    **dict.fromkeys(_NUMBER, Variable(NUMBER)),
    **dict.fromkeys(_SWITCH, Variable(SWITCH)),
    **dict.fromkeys(_SWITCH_LATER, Variable(SWITCH, CHAT)),
    "EXTRA_HEADERS": Variable(HEADERS, CHAT),
    "THINKING": Variable(OBJECT, CHAT),
    "CONTEXT_WINDOW_COMPACTION_THRESHOLD_PCT": Variable(WHOLE, IGNORED),
    "HOLMES_TOOLSET_PREREQ_TIMEOUT_SECONDS": Variable(NUMBER, IGNORED),
    "LITELLM_LOCAL_MODEL_COST_MAP": Variable(EXACT, IGNORED),
    # Zero or less: "ulimit -v 0", and every command of a tool dies.
    "TOOL_MEMORY_LIMIT_MB": Variable(MEGABYTES, "the server or every tool would die"),
}
# An empty EXTRA_HEADERS or THINKING counts as absent.
MAY_BE_EMPTY = ("EXTRA_HEADERS", "THINKING")
LOG_LEVELS = ("CRITICAL", "FATAL", "ERROR", "WARNING", "WARN", "INFO", "DEBUG", "NOTSET")

# Texts that the server takes as they are, and the limits, which have a rule of their own.
_TEXTS = (
    *("AGENT_NAME", "API_BASE", "API_KEY", "API_VERSION", "CLUSTER_DOMAIN", "CLUSTER_NAME", "CUSTOM_SKILL_PATHS"),
    *("ENABLED_BY_DEFAULT_TOOLSETS", "ENABLED_PROMPTS", "FAST_MODEL", "HOLMES_API_KEY", "HOLMES_APPROVAL_SIGNING_KEY"),
    *("HOLMES_BASH_UNSAFE_ARGS_MODE", "HOLMES_CONFIGPATH_DIR", "HOLMES_HOST", "HOLMES_PORT", "LOG_LEVEL", "MODEL"),
    *("HOLMES_PASSTHROUGH_BLOCKED_HEADERS", "HOLMES_SSL_CA_CERTS", "HOLMES_SSL_CERTFILE", "HOLMES_SSL_KEYFILE"),
    *("HOLMES_SSL_KEYFILE_PASSWORD", "HOLMES_TOOL_RESULT_STORAGE_PATH", "LLMS_WITH_STRICT_TOOL_CALLS"),
    *("LITELLM_MODEL_COST_MAP_URL", "LLM_EXTRA_STRIP_MESSAGE_FIELDS", "MODEL_LIST_FILE_LOCATION", "PROMETHEUS_URL"),
    *("OVERRIDE_MAX_CONTENT_SIZE", "OVERRIDE_MAX_OUTPUT_TOKEN", "REASONING_EFFORT", "SCOPED_NAMESPACES", "SENTRY_DSN"),
    *("ROBUSTA_ACCOUNT_ID", "ROBUSTA_API_ENDPOINT", "ROBUSTA_CONFIG_PATH", "ROBUSTA_UI_DOMAIN", "ROBUSTA_UI_TOKEN"),
    *("STORE_API_KEY", "STORE_EMAIL", "STORE_PASSWORD", "STORE_URL", "SKILL_REPOS", "TEMPERATURE"),
)
NAMES = frozenset((*VARIABLES, *_TEXTS))
# What people write, guided by other programs, and what HolmesGPT calls it.
OTHER_NAMES = {
    **dict.fromkeys(("DEFAULT_MODEL", "HOLMES_MODEL", "LLM_MODEL", "MODEL_NAME", "OPENAI_MODEL"), "MODEL"),
    **dict.fromkeys(("CONTEXT_WINDOW", "MAX_CONTEXT_SIZE", "MAX_MODEL_LEN"), "OVERRIDE_MAX_CONTENT_SIZE"),
    **dict.fromkeys(("MAX_OUTPUT_TOKENS", "MAX_TOKENS"), "OVERRIDE_MAX_OUTPUT_TOKEN"),
    **dict.fromkeys(("DISABLE_STRICT_TOOL_CALLS", "STRICT_TOOL_CALLS_ENABLED"), "HOLMES_DISABLE_STRICT_TOOL_CALLS"),
    "LLM_TEMPERATURE": "TEMPERATURE",
    "TOOL_MEMORY_LIMIT": "TOOL_MEMORY_LIMIT_MB",
}

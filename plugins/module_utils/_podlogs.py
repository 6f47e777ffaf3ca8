# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pod logs: read a tail, hide secrets in it, know the lines that matter.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, KubeError, Reader, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._mask import mask

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Finding:
    """A log line that matters: what it means, what to change, and the line itself (masked, cut)."""

    topic: str
    message: str
    fix: str
    line: str


@dataclass(frozen=True)
class _Known:
    topic: str
    pattern: t.Pattern[str]
    message: str
    fix: str


# Wording: HolmesGPT 0.45.0 and litellm 1.89 (facts/recorded log-start files, holmes/core/llm.py).
_KNOWN = [
    _Known(
        "unknown_model",
        re.compile(r"Couldn't find model: (?P<what>.+?) in model list"),
        "a request named the model {what}, which is not in the model list; the default model answered it instead",
        "Use an alias of holmes_models in requests.",
    ),
    _Known(
        "fallback_context",
        re.compile(r"Couldn't find model .*using default (?P<what>\d+) tokens for max_input_tokens"),
        "HolmesGPT does not know the model's context size and believes in {what} tokens",
        "Set holmes_llm_context_window to the model server's --max-model-len.",
    ),
    _Known(
        "fallback_output",
        re.compile(r"Couldn't find model .*using (?P<what>\d+) tokens for max_output_tokens"),
        "HolmesGPT does not know the model's output size and reserves {what} tokens for it",
        "Set holmes_llm_max_output_tokens, for example to 8192.",
    ),
    _Known(
        "toolset",
        re.compile(r"\u274c Toolset (?P<what>kubernetes/(?:core|logs): .*)"),
        "a Kubernetes toolset failed: {what}",
        "Look at the ServiceAccount's rights and at holmes_toolsets.",
    ),
    _Known(
        "no_models",
        re.compile(r"(?P<what>No LLM models were loaded|No LLM models are configured|Loaded models: \[\])"),
        "HolmesGPT has no model: {what}",
        "Set holmes_models, and keep at least one toolset: with toolsets empty the chart drops the model list, too.",
    ),
    _Known(
        "outside",
        re.compile(r"Failed to fetch remote model cost map from (?P<what>\S+?):? "),
        "an outside connection was attempted at start: {what}",
        "Set LITELLM_LOCAL_MODEL_COST_MAP to 'True' in holmes_env (holmes_profile: airgap does).",
    ),
    _Known(
        "outside",
        re.compile(r"(?P<what>Initializing sentry|/envelope/|ingest\.\S*sentry\.io)"),
        "an outside connection to Sentry was attempted ({what})",
        "Set enableTelemetry: false and sentryDSN: '' in holmes_values (holmes_profile: airgap does).",
    ),
    _Known(
        "outside",
        re.compile(r"(?P<what>huggingface\.co|api\.robusta\.dev|\S+\.supabase\.co)"),
        "an outside connection to {what} was attempted",
        "Serve the model under a name without 'llama-2', 'llama-3' or 'replicate', and keep the robusta toolset off.",
    ),
]


def plain(text: str) -> str:
    """Without terminal colours."""
    return _ANSI.sub("", text)


def findings(log: str, secrets: t.Iterable[str] = ()) -> list[Finding]:
    """The lines of ``log`` that matter, each meaning once, in the order of the log."""
    found: dict[tuple[str, str], Finding] = {}
    for line in plain(mask(log, secrets)).splitlines():
        for known in _KNOWN:
            match = known.pattern.search(line)
            if match:
                message = known.message.format(what=match.group("what").strip()[:200])
                found.setdefault((known.topic, known.fix), Finding(known.topic, message, known.fix, line.strip()[:300]))
                break
    return list(found.values())


def last_lines(log: str, count: int = 8, secrets: t.Iterable[str] = ()) -> list[str]:
    """The last ``count`` lines with a letter in them (a traceback underlines with ``^^^^``), masked and cut."""
    lines = [line.strip()[:300] for line in plain(mask(log, secrets)).splitlines() if re.search(r"\w", line)]
    return lines[-count:]


def read(
    reader: Reader,
    namespace: str,
    pod: str,
    container: str,
    *,
    lines: int = 200,
    previous: bool = False,
    since: int = 0,
) -> str:
    """The tail of a container's log; empty if there is none yet. Raises KubeError if it may not be read."""
    query = {"container": container, "tailLines": str(lines)}
    if previous:
        query["previous"] = "true"
    if since:
        query["sinceSeconds"] = str(since)
    try:
        return reader.text(path_of(CORE, "pods", namespace, pod) + "/log", **query)
    except KubeError as error:
        # 400: the container has not started, or there is no previous one; 404: the pod is gone.
        if error.status in (400, 404):
            return ""
        raise

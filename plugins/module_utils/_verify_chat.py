# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of a chat: answered, with a tool that worked, with the truth, within the limits. Pure judgements.

Private to this collection: it may change in any release. Imports nothing of Ansible.
The question is one whose answer the API server has already given: the names of the pods in the release's namespace.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holmes_api import ChatAnswer, ToolCall
from ansible_collections.holmesgpt.onprem.plugins.module_utils._podlogs import plain
from ansible_collections.holmesgpt.onprem.plugins.module_utils._toolcheck import (
    blemish,
    failure_of,
    fix_for,
    hidden_error,
    holds,
    typed,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_checks import (
    Intent,
    failed,
    passed,
    unchecked,
    warned,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import mask_deep

# What HolmesGPT assumes for a model it does not know (facts: model_list.yaml, limits).
FALLBACK = {"context_window": 200000, "max_output_tokens": 64000}
VARIABLES = {"context_window": "holmes_llm_context_window", "max_output_tokens": "holmes_llm_max_output_tokens"}
# Tools that only plan: their success says nothing about the cluster.
PLANNING = ("core_investigation", "skills", "runbook")
NO_TOOLS_FIX = (
    "Use a model that can call tools, and start vLLM with --enable-auto-tool-choice and the --tool-call-parser of that "
    "model (for gpt-oss: openai)."
)
CUT = 500


def question(namespace: str) -> str:
    """Asks for what the API server knows, in the words of the guide."""
    return (
        f"Use your Kubernetes tools to list pods in namespace {namespace} and answer with the full name of every pod."
    )


def judge_answer(chat: ChatAnswer, alias: str, seconds: float) -> Check:
    """``verify.chat`` for an HTTP 200."""
    if not chat.analysis.strip():
        return failed(
            "verify.chat", f"HTTP 200 from model {alias}, but the answer is empty.", NO_TOOLS_FIX, model=alias
        )
    return passed(
        "verify.chat", f"Model {alias} answered in {seconds:.1f} s.", model=alias, analysis=chat.analysis[:CUT]
    )


def judge_alias(alias: str, listed: list[str] | None, log: str) -> Check:
    """``verify.alias``: HolmesGPT answers a request for a model it does not know with its default, and only logs it."""
    if not alias:
        return unchecked(
            "verify.alias", "No alias is known, so the default model was asked.", "Give holmes_default_model."
        )
    # Wording: HolmesGPT 0.45.0, holmes/core/llm.py.
    refused = f"Couldn't find model: {alias} in model list" in plain(log)
    if refused or (listed is not None and alias not in listed):
        message = f"HolmesGPT does not know the model {alias}: another one answered in its place."
        fix = "Use an alias of holmes_models as holmes_default_model and in requests."
        return failed("verify.alias", message, fix, alias=alias, listed=listed)
    if listed is None and not log:
        message = "Neither the model list nor the log could be read, so another model may have answered."
        return unchecked(
            "verify.alias", message, "Give the API key (holmes_server_api_key), or allow pods/log.", alias=alias
        )
    return passed("verify.alias", f"Model {alias} is known to HolmesGPT and answered itself.", alias=alias)


def judge_tools(chat: ChatAnswer, known: set[str]) -> Check:
    """``verify.tool_call``: some call really worked. A failed try beside a good one is normal for a model."""
    evidence = {"tools": [tool_row(call) for call in chat.tools]}
    calls = [call for call in chat.tools if not _planning(call)]
    if not calls:
        what = "planning tools only" if chat.tools else "no tool at all: the model answered in prose"
        return failed("verify.tool_call", f"The answer used {what}.", NO_TOOLS_FIX, **evidence)
    good = [call for call in calls if not failure_of(call)]
    proven = [call for call in good if holds(call.data, known)]
    if not proven and len(good) < len(calls):
        bad = next(call for call in calls if failure_of(call))
        claim = f"{bad.name} says success, but its output is" if bad.succeeded else f"{bad.name} failed:"
        return failed("verify.tool_call", f"{claim} {failure_of(bad)}.", fix_for(failure_of(bad)), **evidence)
    best = (proven or good)[0]
    spot = blemish(best.data)
    if spot:
        message = f"{best.name} worked, but complains: {spot}."
        return warned("verify.tool_call", message, fix_for(spot), **evidence)
    return passed("verify.tool_call", f"{best.name} worked ({len(good)} of {len(calls)} calls).", **evidence)


def judge_truth(chat: ChatAnswer, known: set[str], namespace: str, tools: Check) -> Check:
    """``verify.ground_truth``: a pod that exists is in a tool's output and in the answer."""
    if not known:
        fix = "Allow the verifying account to list pods."
        return unchecked("verify.ground_truth", f"No pod of namespace {namespace} is known to compare with.", fix)
    if tools.status not in (PASS, WARN):
        return unchecked("verify.ground_truth", "No tool call worked, so there is nothing to compare.")
    shown = sorted({name for call in chat.tools if not failure_of(call) for name in holds(call.data, known)})
    # Some models (gpt-oss) write names with typographic hyphens; a tool's output is never touched.
    repeated = holds(typed(chat.analysis), known)
    evidence = {"known": sorted(known), "in_tool_output": shown, "in_answer": repeated, "analysis": chat.analysis[:CUT]}
    some = ", ".join(sorted(known)[:3])
    if not shown:
        message = f"No tool output names a pod of namespace {namespace}, though {some} exists."
        fix = "Check that the pod's ServiceAccount may list pods there, and that the toolset kubernetes/core works."
        return failed("verify.ground_truth", message, fix, **evidence)
    if not repeated:
        message = f"The tool found {', '.join(shown[:3])}, but the answer names no pod that exists."
        return failed("verify.ground_truth", message, "Use a model that follows its tools' results.", **evidence)
    return passed("verify.ground_truth", f"Tool output and answer name {repeated[0]}, which exists.", **evidence)


def judge_limits(chat: ChatAnswer, intent: Intent) -> Check:
    """``verify.limits``: the sizes HolmesGPT works with against those that were set."""
    active = {key: value for key, value in chat.limits.items() if value is not None}
    wanted = {key: int(value) for key, value in intent.limits.items() if value and key in VARIABLES}
    if not active:
        message = "This version of HolmesGPT does not report its limits (0.16 does not)."
        return unchecked("verify.limits", message, "Use a newer HolmesGPT to have them checked.")
    wrong = [key for key, value in wanted.items() if active.get(key) != value]
    evidence: dict[str, t.Any] = {"active": active, "wanted": wanted}
    if wrong:
        told = "; ".join(f"{key} is {active.get(key)}, {wanted[key]} was set" for key in wrong)
        fix = (
            f"Check {' and '.join(VARIABLES[key] for key in wrong)}: OVERRIDE_MAX_CONTENT_SIZE and "
            "OVERRIDE_MAX_OUTPUT_TOKEN in the pod, and custom_args.max_context_size in the model's entry, which wins."
        )
        return failed("verify.limits", f"{told}.", fix, **evidence)
    fallback = [key for key, value in active.items() if key not in wanted and FALLBACK[key] == value]
    if fallback:
        told = " and ".join(f"{key} {active[key]}" for key in fallback)
        message = f"HolmesGPT guesses {told}: vLLM refuses a chat once that is more than its --max-model-len."
        return warned("verify.limits", message, f"Set {' and '.join(VARIABLES[key] for key in fallback)}.", **evidence)
    told = ", ".join(f"{key} {value}" for key, value in sorted(active.items()))
    if not wanted:
        return unchecked("verify.limits", f"No limits were expected; in force: {told}.", "Give 'limits'.", **evidence)
    return passed("verify.limits", f"In force: {told}.", **evidence)


def tool_row(call: ToolCall) -> dict[str, t.Any]:
    """One call for evidence and result."""
    return {
        "name": call.name,
        "toolset": call.toolset,
        "description": call.description[:200],
        "status": call.status,
        "error": call.error[:300],
        "hidden_error": hidden_error(call.data) if call.succeeded else "",
    }


def chat_result(chat: ChatAnswer, seconds: float, secrets: t.Iterable[str]) -> dict[str, t.Any]:
    """The ``chat`` of the module's result, without credentials."""
    result = {
        "seconds": round(seconds, 2),
        "analysis": chat.analysis[:CUT],
        "tools": [tool_row(call) for call in chat.tools],
        "limits": dict(chat.limits),
    }
    return t.cast("dict[str, t.Any]", mask_deep(result, list(secrets)))


def _planning(call: ToolCall) -> bool:
    return call.name == "TodoWrite" or call.toolset.startswith(PLANNING)

# SPDX-License-Identifier: GPL-3.0-or-later
# mypy: ignore-errors
# (the library is only in the image)
"""POST /api/chat of the full double: the question goes through the real library.

DOUBLE. Left out: frontend_tools, tracing back ends. Everything else of the request reaches the library as it came.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi.responses import StreamingResponse
from holmes.config import Config
from holmes.core.conversations import build_chat_messages
from holmes.core.models import ChatRequest, ChatResponse, FollowUpAction
from holmes.core.prompt import PromptComponent
from holmes.core.tool_calling_llm import ToolCallingLLM
from holmes.core.tools import PrerequisiteCacheMode, ToolsetTag
from holmes.core.tools_utils.filesystem_result_storage import tool_result_storage
from holmes.core.usage_recorder import (
    build_chat_recorder_state,
    record_error,
    record_from_llm_result,
    stream_with_usage_recording,
)
from holmes.utils.stream import stream_chat_formatter

from ..contract import follow_ups

log = logging.getLogger()


def chat(config: Config, question: ChatRequest, headers: dict[str, str]) -> ChatResponse | StreamingResponse:
    """Answer one question; `headers` are the request headers that the tools see. Library errors pass through."""
    log.info(
        "Received: /api/chat request: ask=%s, model=%s, images=%s, structured_output=%s, streaming=%s",
        question.ask,
        question.model,
        bool(question.images),
        bool(question.response_format),
        question.stream,
    )
    with contextlib.ExitStack() as stack:
        results = stack.enter_context(tool_result_storage())
        llm = _engine(config, question, results)
        messages = _messages(config, question, llm)
        context = _context(config, question, headers)
        if not question.stream:
            return _answer(config, question, llm, messages, context)
        # the files of tool results must live until the last event is sent
        events = _events(config, question, llm, messages, context, stack.pop_all())
        return StreamingResponse(events, media_type="text/event-stream")


def _engine(config: Config, question: ChatRequest, results: Path) -> ToolCallingLLM:
    return config.create_toolcalling_llm(
        dal=config.dal,
        toolset_tag_filter=[ToolsetTag.CORE, ToolsetTag.CLUSTER],
        enable_all_toolsets_possible=False,
        prerequisite_cache=PrerequisiteCacheMode.DISABLED,
        reuse_executor=True,
        model=question.model,
        tool_results_dir=results,
    )


def _messages(config: Config, question: ChatRequest, llm: ToolCallingLLM) -> list[dict[str, Any]]:
    history = question.conversation_history
    if history and not question.ask and question.tool_decisions:
        return list(history)
    return build_chat_messages(
        question.ask,
        history,
        ai=llm,
        config=config,
        global_instructions=config.dal.get_global_instructions_for_account(),
        additional_system_prompt=question.additional_system_prompt,
        skills=config.get_skill_catalog(),
        images=question.images,
        prompt_component_overrides=_components(question.behavior_controls),
    )


def _components(switches: dict[str, bool] | None) -> dict[PromptComponent, bool] | None:
    if not switches:
        return None
    log.info("Applying behavior_controls: %s", switches)
    found = {}
    for name, value in switches.items():
        try:
            found[PromptComponent(name.lower())] = value
        except ValueError:
            log.warning("Unknown behavior_controls key '%s', ignoring", name)
    return found


def _context(config: Config, question: ChatRequest, headers: dict[str, str]) -> dict[str, Any]:
    # the library refuses shell characters in every value of this, headers included (0.43 and newer)
    context: dict[str, Any] = {"headers": headers} if headers else {}
    extra = {"user_id": question.user_id, "conversation_id": question.conversation_id}
    extra["cluster_name"] = config.cluster_name
    return context | {key: value for key, value in extra.items() if value}


def _answer(
    config: Config, question: ChatRequest, llm: ToolCallingLLM, messages: list[dict[str, Any]], context: dict[str, Any]
) -> ChatResponse:
    usage = build_chat_recorder_state(question, llm, dal=config.dal, is_streaming=False)
    try:
        result = llm.call(messages=messages, response_format=question.response_format, request_context=context)
    except Exception as error:
        record_error(usage, error)
        raise
    record_from_llm_result(usage, result)
    log.info("Completed /api/chat request: ask=%s", question.ask)
    return ChatResponse(
        analysis=result.result,
        tool_calls=result.tool_calls,
        conversation_history=result.messages,
        follow_up_actions=[FollowUpAction(**entry) for entry in follow_ups(question.conversation_history)],
        metadata=dict(result.metadata or {}) | {"request_id": usage.request_id},
    )


def _events(
    config: Config,
    question: ChatRequest,
    llm: ToolCallingLLM,
    messages: list[dict[str, Any]],
    context: dict[str, Any],
    stack: contextlib.ExitStack,
) -> Iterator[str]:
    usage = build_chat_recorder_state(question, llm, dal=config.dal, is_streaming=True)
    with stack:
        events = llm.call_stream(
            msgs=messages,
            enable_tool_approval=question.enable_tool_approval or False,
            tool_decisions=question.tool_decisions,
            response_format=question.response_format,
            request_context=context,
        )
        recorded = stream_with_usage_recording(events, usage)
        yield from stream_chat_formatter(recorded, follow_ups(question.conversation_history), model=question.model)
        log.info("Stream request end: /api/chat request: ask=%s", question.ask)

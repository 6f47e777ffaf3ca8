# SPDX-License-Identifier: GPL-3.0-or-later
"""What the double says about itself: the model list and the metrics.

Facts: keys of vLLM's ModelCard and ModelPermission (``vllm/entrypoints/openai/engine/protocol.py``); the names of the
metrics are vLLM's.
"""

from __future__ import annotations

import uuid
from typing import Any

from .completions import Served


def models(served: Served, created: int) -> dict[str, Any]:
    """GET /v1/models: one model; ``created`` is a Unix time."""
    permission = {
        "id": f"modelperm-{uuid.uuid4().hex}",
        "object": "model_permission",
        "created": created,
        "allow_create_engine": False,
        "allow_sampling": True,
        "allow_logprobs": True,
        "allow_search_indices": False,
        "allow_view": True,
        "allow_fine_tuning": False,
        "organization": "*",
        "group": None,
        "is_blocking": False,
    }
    card = {
        "id": served.model,
        "object": "model",
        "created": created,
        "owned_by": "vllm",
        "root": f"/models/{served.model}",
        "parent": None,
        "max_model_len": served.max_model_len,
        "permission": [permission],
    }
    return {"object": "list", "data": [card]}


def metrics(model: str, prompt: int, generation: int, requests: int) -> str:
    """GET /metrics: a few of vLLM's metrics in Prometheus' text format."""
    label = f'model_name="{model}"'
    return (
        f"vllm:num_requests_running{{{label}}} 0.0\n"
        f"vllm:prompt_tokens_total{{{label}}} {prompt}.0\n"
        f"vllm:generation_tokens_total{{{label}}} {generation}.0\n"
        f'vllm:request_success_total{{finished_reason="stop",{label}}} {requests}.0\n'
    )

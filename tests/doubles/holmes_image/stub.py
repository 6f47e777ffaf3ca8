# SPDX-License-Identifier: GPL-3.0-or-later
"""DOUBLE for tests of these images: a tiny chat-completions server on loopback.

It answers in this order: the next of `replies` as it is; a tool call when tools are offered and no result is there
yet; else a text that repeats the tool result. The full model server double lives in its own folder.
"""

from __future__ import annotations

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

POD_QUERY = {
    "kind": "pods",
    "columns": "NAME:.metadata.name,STATUS:.status.phase",
    "namespace": "default",
    "label_selector": None,
    "field_selector": None,
    "filter_pattern": None,
}


class StubModel:
    """`with StubModel() as model:` serves at `model.url`; `requests` holds (headers, body) of every call."""

    def __init__(self, tool: str = "kubernetes_tabular_query", arguments: dict[str, Any] | None = None) -> None:
        self.tool = tool
        self.arguments: str | dict[str, Any] = POD_QUERY if arguments is None else arguments
        self.replies: list[tuple[int, Any]] = []
        self.requests: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.certificate: Path | None = None
        self.url = ""

    def __enter__(self) -> StubModel:
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                model.requests.append(({key.lower(): value for key, value in self.headers.items()}, body))
                status, answer = model.reply(body)
                data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        scheme = "http"
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://localhost:{self.server.server_address[1]}/v1"
        # a short poll, or every stop of the server costs half a second
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def reply(self, body: dict[str, Any]) -> tuple[int, Any]:
        """(status, body) for one request."""
        if self.replies:
            return self.replies.pop(0)
        last = body["messages"][-1]
        if body.get("tools") and last["role"] != "tool":
            arguments = self.arguments if isinstance(self.arguments, str) else json.dumps(self.arguments)
            call = {"id": "call-1", "type": "function", "function": {"name": self.tool, "arguments": arguments}}
            return 200, completion({"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls")
        text = last["content"] if isinstance(last["content"], str) else last["content"][0]["text"]
        return 200, completion({"role": "assistant", "content": f"Seen: {text}"}, "stop")


def completion(message: dict[str, Any], reason: str) -> dict[str, Any]:
    """A chat completion with one choice."""
    return {
        "id": "chatcmpl-stub",
        "object": "chat.completion",
        "created": 0,
        "model": "stub",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }


def error(message: str, code: int, kind: str = "BadRequestError") -> dict[str, Any]:
    """An error body as vLLM writes it."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}

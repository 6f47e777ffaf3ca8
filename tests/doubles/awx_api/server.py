# SPDX-License-Identifier: GPL-3.0-or-later
"""The API over HTTP. Every answer carries X-AWX-API-Double: 1."""

from __future__ import annotations

import json
import typing as t
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from . import refusals, survey
from .store import API, Object, Store

Answer = tuple[int, t.Any]
NOT_FOUND: Answer = (404, {"detail": "Not found."})


class Double(ThreadingHTTPServer):
    """Listens on a free port of the loopback; `writes` are the requests that changed something or tried to."""

    daemon_threads = True

    def __init__(self, token: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.store, self.token = Store(), token
        self.writes: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Double
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: t.Any) -> None:  # noqa: A002  # the name is the base class's
        """Says nothing: tests read `writes`."""

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def do_PATCH(self) -> None:
        self._answer(self._patch)

    def do_DELETE(self) -> None:
        self._answer(self._delete)

    def _answer(self, method: t.Callable[[list[str], Object], Answer]) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        address = urlsplit(self.path)
        if self.headers.get("Authorization") != f"Bearer {self.server.token}":
            status, told = 401, {"detail": "Authentication credentials were not provided."}
        elif not address.path.startswith(f"{API}/"):
            status, told = NOT_FOUND
        else:
            if self.command != "GET":
                self.server.writes.append(f"{self.command} {address.path}")
            status, told = method(address.path.removeprefix(f"{API}/").strip("/").split("/"), body)
        self._send(status, told)

    def _send(self, status: int, told: t.Any) -> None:
        content = b"" if status == 204 else json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-AWX-API-Double", "1")
        self.send_header("X-API-Product-Name", "AWX")
        self.send_header("X-API-Product-Version", "24.6.1")
        self.end_headers()
        self.wfile.write(content)

    def _list(self, kind: str, found: list[Object]) -> Answer:
        shown = [self.server.store.shown(kind, thing) for thing in found]
        return 200, {"count": len(shown), "next": None, "results": shown}

    def _get(self, parts: list[str], _body: Object) -> Answer:
        store = self.server.store
        if len(parts) == 1:
            known = parts[0] in store.kinds or parts[0] == "unified_job_templates"
            wanted = dict(parse_qsl(urlsplit(self.path).query))
            return self._list(parts[0], store.find(parts[0], wanted)) if known else NOT_FOUND
        thing = store.one(parts[0], int(parts[1]))
        if thing is None:
            return NOT_FOUND
        if len(parts) == 2:
            return 200, store.shown(parts[0], thing)
        if parts[2] == "survey_spec":
            return 200, store.surveys.get(thing["id"], {})
        return 200, {
            "count": len(store.linked(parts[0], thing["id"], parts[2])),
            "next": None,
            "results": [{"id": number} for number in store.linked(parts[0], thing["id"], parts[2])],
        }

    def _post(self, parts: list[str], body: Object) -> Answer:
        store = self.server.store
        if len(parts) == 1:
            reasons = refusals.refusal(store, parts[0], body)
            return (400, reasons) if reasons else (201, store.shown(parts[0], store.make(parts[0], body)))
        thing = store.one(parts[0], int(parts[1]))
        if thing is None:
            return NOT_FOUND
        if parts[2] == "survey_spec":
            reason = survey.refusal(body)
            if not reason:
                store.surveys[thing["id"]] = body
            return (400, {"error": reason}) if reason else (200, {})
        if parts[2] == "create_approval_template":
            made = store.make("workflow_approval_templates", body)
            thing["unified_job_template"] = made["id"]
            thing["related"]["unified_job_template"] = made["url"]
            return 201, made
        return self._link(parts[0], thing, parts[2], body)

    def _link(self, kind: str, thing: Object, name: str, body: Object) -> Answer:
        store = self.server.store
        linked = store.linked(kind, thing["id"], name)
        if body.get("disassociate"):
            linked.remove(body["id"])
            return 204, None
        reason = refusals.link_refusal(store, kind, linked, name, body["id"])
        if reason:
            return 400, {"detail": reason}
        linked.append(body["id"])
        return 204, None

    def _patch(self, parts: list[str], body: Object) -> Answer:
        store = self.server.store
        thing = store.one(parts[0], int(parts[1]))
        if thing is None:
            return NOT_FOUND
        reasons = refusals.refusal(store, parts[0], {**thing, **body})
        if reasons:
            return 400, reasons
        thing.update(body)
        return 200, store.shown(parts[0], thing)

    def _delete(self, parts: list[str], _body: Object) -> Answer:
        store = self.server.store
        if len(parts) == 3 and parts[2] == "survey_spec":
            store.surveys.pop(int(parts[1]), None)
            return 200, {}
        return (204, None) if store.kinds.get(parts[0], {}).pop(int(parts[1]), None) else NOT_FOUND

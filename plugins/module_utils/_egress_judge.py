# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``egress.blocked`` and ``egress.model`` from what was tried inside the pod. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_hosts as hosts
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_say import (
    BLOCKED,
    MODEL,
    failed,
    passed,
    unchecked,
    warned,
)

OUTSIDE, PROXY, SERVER = "outside", "proxy", "model"
_NETWORK = (
    "Close the way out with a NetworkPolicy or at the site's border. If it is meant to be open, accept "
    "egress.blocked in holmes_exceptions with a reason."
)


class Tried(t.NamedTuple):
    """One attempt; ``ok``: connected, ``answered``: something spoke there, ``peer``: with which address."""

    kind: str
    label: str
    host: str
    port: int
    ok: bool
    answered: bool
    peer: str
    error: str

    @property
    def place(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read(output: str) -> list[Tried] | None:
    """The program's one line of output; None if there is none. What a pod prints is not to be trusted."""
    for line in reversed(output.splitlines()):
        try:
            rows = json.loads(line)
            return [_tried(row) for row in rows]
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return None


def _tried(row: t.Mapping[str, t.Any]) -> Tried:
    texts = {name: " ".join(str(row[name]).split())[:200] for name in ("kind", "label", "host", "peer", "error")}
    return Tried(port=int(row["port"]), ok=row["ok"] is True, answered=row["answered"] is True, **texts)


def judge(rows: t.Sequence[Tried], pod: str) -> list[Check]:
    """Both checks."""
    asked = [row for row in rows if row.kind == SERVER]
    server = _model(asked, pod, any(not row.answered for row in _reached(rows)))
    return [_blocked(rows, pod, any(row.ok for row in asked)), server]


def _evidence(rows: t.Iterable[Tried], pod: str) -> dict[str, t.Any]:
    told = [
        {"host": row.host, "port": row.port, "connected": row.ok, "answered": row.answered, "error": row.error}
        for row in rows
    ]
    return {"pod": pod, "tried": told}


def _reached(rows: t.Iterable[Tried]) -> list[Tried]:
    """Addresses of the internet that took a connection; a name that leads to one of the site leads to a mirror."""
    return [row for row in rows if row.kind == OUTSIDE and row.ok and hosts.address(row.peer) is not False]


def _blocked(rows: t.Sequence[Tried], pod: str, control: bool) -> Check:
    """``control``: something could be connected to at all, without which silence proves nothing."""
    tried = [row for row in rows if row.kind in (OUTSIDE, PROXY)]
    evidence = _evidence(tried, pod)
    reached = _reached(rows)
    spoke = [row for row in reached if row.answered]
    proxied = [row for row in tried if row.kind == PROXY and row.ok]
    if spoke:
        told = ", ".join(row.place for row in spoke)
        return failed(BLOCKED, f"From inside pod {pod} the internet is reached: {told}.", _NETWORK, **evidence)
    if proxied:
        row = proxied[0]
        message = f"From inside pod {pod} the internet is reached through the proxy {row.place}: {row.label}."
        fix = "Have the proxy refuse it, or take the proxy out of holmes_env. If it is meant so, accept egress.blocked"
        return failed(BLOCKED, message, f"{fix} in holmes_exceptions with a reason.", **evidence)
    if reached:
        told = ", ".join(row.place for row in reached)
        message = (
            f"From inside pod {pod} connections to {told} are taken, but nobody speaks there: a sidecar or a firewall "
            "takes them, and whether it lets anything through was not seen."
        )
        return warned(BLOCKED, message, "Look at the rules of the service mesh or the firewall.", **evidence)
    if not control:
        message = (
            f"From inside pod {pod} nothing was reached at all, so this does not prove that the way out is closed."
        )
        return unchecked(BLOCKED, message, "See egress.model.", **evidence)
    told = ", ".join(row.place for row in tried if row.kind == OUTSIDE)
    return passed(BLOCKED, f"From inside pod {pod} the model server is reached, and not {told}.", **evidence)


def _model(asked: t.Sequence[Tried], pod: str, taken: bool) -> Check:
    """``taken``: something takes connections for others, so that one more is no sign of a server."""
    evidence = _evidence(asked, pod)
    if not asked:
        message = "No address of a model server stands in the live model list or the pod's variables."
        return unchecked(MODEL, message, "Set holmes_llm_api_base, or api_base in holmes_models.", **evidence)
    lost = [row for row in asked if not row.ok]
    if lost:
        told = "; ".join(f"{row.place if row.host else row.label} ({row.error or 'no reason given'})" for row in lost)
        message = f"From inside pod {pod} the model server cannot be connected to: {told}."
        fix = (
            "Look at the server, its Service and its pods, at NetworkPolicies of both namespaces, and at "
            "holmes_llm_api_base (or holmes_llm_service, holmes_models)."
        )
        return failed(MODEL, message, fix, **evidence)
    told = ", ".join(dict.fromkeys(row.place for row in asked))
    if taken:
        message = (
            f"From inside pod {pod} connections to {told} are taken, but so are those to where nobody speaks: a "
            "sidecar or a firewall may take them, and whether the model server is behind was not seen."
        )
        return unchecked(MODEL, message, "See verify.chat, which asks the model server.", **evidence)
    return passed(MODEL, f"From inside pod {pod} the model server can be connected to: {told}.", **evidence)

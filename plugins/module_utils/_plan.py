# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plan and apply: one token over what a run would do, so that a later run does exactly that or refuses.

Private to this collection: it may change in any release. Imports nothing of Ansible.

A token has a part for each thing that can move; a refusal says which one did. It stands in logs and with approvals,
so the content of Secrets goes through a slow digest: nobody tries passwords against it.
"""

from __future__ import annotations

import hashlib
import json
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, PASS, Check, digest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    CORE,
    KubeError,
    Object,
    Reader,
    meta,
    path_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import find
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import releases

ID, TITLE = "release.plan", "The plan still holds"
# The parts of a token in their order, as a refusal names them.
PARTS = ("chart", "values", "secrets", "cluster")
_TOKEN = re.compile(r"[0-9a-f]{12}(?:-[0-9a-f]{12}){3}\Z")
_MOVED = {
    "chart": "the chart archive",
    "values": "the values, or where and how they are deployed",
    "secrets": "the content of Secrets",
    "cluster": "the release or its Secrets on the cluster",
}
# The namespace that every cluster has and that is never made anew: its uid is that of the cluster.
CLUSTER = "kube-system"
# What stands for a host that was not part of the plan.
MISSING = "missing"
_AGAIN = "Run 'site.yml --check --diff' again, look at what it shows and give its holmes_plan."
# As OWASP advises for PBKDF2-HMAC-SHA256: about a third of a second.
_ROUNDS = 600_000


@dataclass(frozen=True)
class Inputs:
    """What a run is given. ``settings`` is whatever else decides what is deployed; ``secrets`` are in clear."""

    chart_sha256: str
    values_sha256: str
    settings: t.Mapping[str, t.Any]
    secrets: t.Any = None


def token(inputs: Inputs, live: t.Any) -> str:
    """Four times twelve hexadecimal digits; equal for equal inputs on an equal cluster."""
    parts = (
        inputs.chart_sha256,
        [inputs.values_sha256, dict(inputs.settings)],
        _slow(inputs.secrets),
        live,
    )
    return "-".join(digest(part)[:12] for part in parts)


def live_state(client: Reader, namespace: str, release: str, secrets: t.Iterable[str]) -> list[list[str]]:
    """Which cluster it is, and what it has of this installation: each object with its version. Raises KubeError."""
    found = [
        ["cluster", *_version(_readable(client, path_of(CORE, "namespaces", name=CLUSTER)), "uid")],
        ["namespace", *_version(_readable(client, path_of(CORE, "namespaces", name=namespace)), "uid")],
    ]
    history = releases(client, namespace, release)
    if history:
        newest = history[-1]
        found.append(["release", newest.secret_name, newest.resource_version])
    for name in sorted(set(secrets)):
        secret = find(client, path_of(CORE, "secrets", namespace, name))
        found.append(["secret", name, *_version(secret, "uid", "resourceVersion")])
    return found


def _readable(client: Reader, path: str) -> Object | None:
    """The object; None as well for an account that may not read it, then and now."""
    try:
        return find(client, path)
    except KubeError as error:
        if not error.forbidden:
            raise
        return None


def _version(thing: Object | None, *keys: str) -> list[str]:
    return [str(meta(thing).get(key, "")) for key in keys] if thing else []


def check(now: str, given: str) -> Check:
    """``release.plan``: whether the run is the one that was planned, or which plan it makes.

    ``now`` is the token of this run, ``given`` that of the plan; empty if this run makes one.
    """
    evidence = {"plan": now}
    if not given:
        message = f"The plan of this run is {now}. With holmes_plan={now} a later run does just this, or refuses."
        return Check(ID, TITLE, PASS, message, evidence=evidence)
    if given == MISSING:
        message = "holmes_plans has no plan for this host, so nobody has approved this change."
        return Check(ID, TITLE, FAIL, message, "Make the plan for all hosts, or leave this one out with --limit.")
    if not _TOKEN.match(given):
        message = f"holmes_plan is '{given[:60]}', which is no plan."
        return Check(ID, TITLE, FAIL, message, "Give the text that 'site.yml --check' shows at release.plan.")
    moved = [part for part, was, is_ in zip(PARTS, given.split("-"), now.split("-")) if was != is_]
    if not moved:
        return Check(ID, TITLE, PASS, "Nothing has moved since the plan was made.", evidence=evidence)
    told = "; ".join(_MOVED[part] for part in moved)
    message = f"Something has moved since the plan was made: {told}. Nothing was changed."
    return Check(ID, TITLE, FAIL, message, _AGAIN, {**evidence, "given": given, "moved": moved})


def only_for_site() -> Check:
    """A plan given to another playbook than site.yml."""
    message = "holmes_plan is what 'site.yml --check' shows, and says nothing of a rollback or a removal."
    return Check(ID, TITLE, FAIL, message, "Leave holmes_plan and holmes_plans out of this run.")


def _slow(secrets: t.Any) -> str:
    if not secrets:
        return ""
    text = json.dumps(secrets, sort_keys=True, default=str).encode("utf-8")
    return hashlib.pbkdf2_hmac("sha256", text, b"holmesgpt.onprem plan", _ROUNDS).hex()

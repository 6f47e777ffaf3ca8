# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks before an installation: the model server, asked in the way in which HolmesGPT will ask it.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import secrets
import typing as t
from dataclasses import asdict, replace
from functools import partial
from urllib.parse import urlsplit

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Task
from ansible_collections.holmesgpt.onprem.plugins.module_utils._endpoint_way import way_to
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Transport
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_budget import budget
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_checks import (
    ANSWERS,
    CONTEXT,
    IDS,
    KEY,
    MODELS,
    OFF,
    QUICK,
    STRICT,
    Speaker,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_client import Client, Patience
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_probe import probe
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_run import Run
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_target import Skipped, Target, targets
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_variables import Unknown, Variables, source
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context

__all__ = ["IDS", "budget", "learned", "models", "tasks"]

# How much of a model's time is for another host that asks already; the rest is for asking ourselves.
_OTHERS = 0.75
_LEGAL = re.compile(r"[\x20-\x7e]*\Z")


class Path(t.Protocol):
    """The way to a server, as _endpoint_way finds it: ``transport`` takes paths from the root on."""

    @property
    def transport(self) -> Transport: ...
    @property
    def where(self) -> str: ...
    @property
    def unproven(self) -> str: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def same(self) -> list[t.Any]: ...


Find = t.Callable[[Context, str], Path]


def models(context: Context) -> list[Target]:
    """The models that :func:`tasks` will probe, for :func:`budget`. Asks nobody."""
    return targets(context.values, context.server)[0]


def tasks(context: Context, profile: str = QUICK, patience: Patience | None = None, find: Find = way_to) -> list[Task]:
    """One task for each model server: its models come one after the other. ``profile``: none, quick or full."""
    if profile == OFF:
        return []
    found, skipped = targets(context.values, context.server)
    several = sum(len(target.aliases) for target in found) + len(skipped) > 1
    plan = Plan(context, profile, patience or Patience(listing=context.timeout), find, several)
    groups: dict[str, list[Target]] = {}
    for target in found:
        groups.setdefault(target.server, []).append(target)
    made = [_task(plan, group) for group in groups.values()]
    if skipped:
        made.append(Task(MODELS, IDS[MODELS], partial(_told, skipped, several)))
    return made


class Plan(t.NamedTuple):
    """What is the same for all models. ``several``: checks name their model."""

    context: Context
    profile: str
    patience: Patience
    find: Find
    several: bool

    @property
    def same(self) -> list[t.Any]:
        """What is equal for hosts that ask for the same."""
        return [self.profile, asdict(self.patience), self.several, str(self.context.server)]


def _task(plan: Plan, group: list[Target]) -> Task:
    # Beside the requests to the model server: Secrets and the way to it.
    deadline = len(group) * (plan.patience.total + 3 * plan.context.timeout)
    return Task(ANSWERS, IDS[ANSWERS], partial(_probed, plan, group), deadline, "Look at the load of the model server.")


def _probed(plan: Plan, group: list[Target]) -> t.Iterator[Check]:
    variables = Variables(plan.context)
    for target in group:
        speaker = Speaker(target.aliases, plan.several)
        try:
            yield from _one(plan, variables, target, speaker)
        except HolmesError as error:
            yield speaker.failed(ANSWERS, error.msg, error.fix)


def _one(plan: Plan, variables: Variables, target: Target, speaker: Speaker) -> t.Iterator[Check]:
    try:
        known = filled(target, variables)
    except Unknown as error:
        yield speaker.unchecked(KEY, f"The model was not probed. {error.msg}", error.fix)
        return
    # The server fills it in by a substitution that takes two backslashes for one, and ends at a single one.
    unescaped = "\\" in known.key.replace("\\\\", "")
    known = replace(known, key=known.key.replace("\\\\", "\\"))
    headers = headers_of(known)
    speaker = replace(speaker, secrets=tuple(filter(None, (known.key, *map(str, known.headers.values())))))
    origin = source(plan.context, target.key) if known.key else ""
    if not all(map(_LEGAL.match, (*headers, *headers.values()))):
        message = "The key or an extra header holds a line break or another character that no HTTP header may hold"
        fix = "Make the Secret anew without it, for example with 'printf %s' instead of 'echo'."
        yield speaker.failed(KEY, f"{message}: {origin or 'see extra_headers'}.", fix)
        return
    if unescaped:
        message = f"The key holds a backslash, at which HolmesGPT's server ends when it starts: {origin}."
        yield speaker.failed(
            KEY, message, "Write each backslash of it twice in the Secret, or issue a key without one."
        )
        return
    yield speaker.passed(KEY, f"The key is {origin}." if origin else "The model server is asked without a key.")
    try:
        way = plan.find(plan.context, known.base)
    except HolmesError:
        message = "There is no way to the model server from here, so it was not asked."
        yield speaker.unchecked(ANSWERS, message, "See llm.endpoint.")
        return
    speaker = replace(speaker, endpoint=way.endpoint)

    def asked() -> list[Check]:
        path = urlsplit(known.base).path.rstrip("/")
        client = Client(way.transport, path, headers, plan.patience, secrets=speaker.secrets)
        run = Run(known, client, speaker, origin, f"heron-{secrets.token_hex(4)}")
        return probe(run, plan.profile, plan.context.server, way.where, way.unproven)

    if not way.endpoint:
        yield from asked()
        return
    question = ["model", way.same, asdict(known), origin, *plan.same]
    yield from plan.context.shared.checks(question, asked, _OTHERS * plan.patience.total)


def filled(target: Target, variables: Variables) -> Target:
    """With the texts behind all variables; raises Unknown."""
    fill = variables.filled
    return replace(
        target,
        served=fill(target.served),
        base=str(fill(target.base)).strip(),
        key=str(fill(target.key)),
        headers=fill(target.headers),
        fields=fill(target.fields),
    )


def headers_of(target: Target) -> dict[str, str]:
    """The headers of each request: the key, then what the entry adds."""
    key = {"Authorization": f"Bearer {target.key}"} if target.key else {}
    return {**key, **{str(name): str(value) for name, value in target.headers.items()}}


def _told(skipped: list[Skipped], several: bool) -> list[Check]:
    return [Speaker((alias,), several).unchecked(MODELS, message, fix) for alias, message, fix in skipped]


def learned(checks: t.Iterable[Check]) -> dict[str, dict[str, t.Any]]:
    """{alias: {max_model_len: tokens or None, strict: accepted, refused or None for unknown}}."""
    found: dict[str, dict[str, t.Any]] = {}
    for check in checks:
        if check.id not in (CONTEXT, STRICT):
            continue
        for alias in check.evidence.get("aliases", ()):
            known = found.setdefault(alias, {"max_model_len": None, "strict": None})
            if check.id == CONTEXT:
                known["max_model_len"] = check.evidence.get("max_model_len")
            else:
                known["strict"] = check.evidence.get("strict_accepted")
    return found

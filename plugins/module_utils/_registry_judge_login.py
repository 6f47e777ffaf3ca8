# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judging the pods' log-ins: what their pull Secrets hold, and what the registry makes of it. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry_checks as checks
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry_error as registry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_checks import Finding, judged
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_judge import unasked
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_secrets import Pull
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_survey import Result, Survey

_TELLING = (
    *(registry.WRONG_LOGIN, registry.LOGIN_NEEDED, registry.DENIED, registry.TOKEN_SERVER, registry.PLAIN_HTTP),
    *(registry.NO_REPOSITORY, registry.NO_TAG, registry.MISMATCH),
)


def secrets(survey: Survey) -> Check | None:
    """``registry.pull_secret`` for one registry; None if no pod brings a Secret, or one was not readable."""
    named = [pull for pull in survey.pulls if pull.secrets and not pull.unread]
    if not named:
        return None
    # Without a log-in, an image has one result.
    needed = {result.name: _needs_login(result) for result in survey.results if not result.pulls[0].logins}
    found = [
        Finding(FAIL if needed.get(pull.image) else WARN, *_no_entry(survey.host, pull))
        for pull in named
        if not pull.logins and needed.get(pull.image) is not False
    ]
    used = sorted({entry.secret for pull in named for entry in pull.logins})
    good = f"{_listed('Secret', used)} holds a log-in for {survey.host}." if used else f"{survey.host} wants no log-in."
    return judged(checks.SECRET, found, good, host=survey.host, secrets=used)


def login(survey: Survey) -> Check:
    """``registry.login``: what the registry makes of the pods' log-ins."""
    found = [finding for result in survey.results for finding in _login(survey, result)]
    evidence = survey.evidence
    if survey.fault:
        return judged(checks.LOGIN, [unasked(survey)], "", **evidence)
    known = [result for result in survey.results if _tells(result)]
    if not known:
        message = f"No image could be asked for at {survey.host}, so nothing is known about log-ins."
        finding = Finding(NOT_CHECKED, message, "Repair what registry.image says first.")
        return judged(checks.LOGIN, [finding], "", **evidence)
    used = sorted({result.used.secret for result in known if result.used and survey.challenged})
    good = f"{survey.host} accepts the log-in of {_listed('Secret', used)}." if used else ""
    return judged(checks.LOGIN, found, good or f"{survey.host} wants no log-in.", secrets=used, **evidence)


def _needs_login(result: Result) -> bool | None:
    """Whether somebody without a log-in is sent away; None if nobody knows."""
    return result.kind == registry.LOGIN_NEEDED if _tells(result) else None


def _tells(result: Result) -> bool:
    """Whether the registry got so far as to judge a log-in, or to need none."""
    return bool(result.image) or result.kind in _TELLING


def _login(survey: Survey, result: Result) -> t.Iterator[Finding]:
    host, fault = survey.host, result.fault
    if result.kind == registry.WRONG_LOGIN and result.used:
        name = result.used.secret
        yield Finding(FAIL, f"{host} refuses the log-in of Secret {name}.", _correct(survey, name))
    elif result.kind == registry.DENIED:
        name = result.used.secret if result.used else ""
        message = f"{host} does not let the account in Secret {name} pull '{result.name}' ({fault})."
        yield Finding(FAIL, message, "Grant that account the right to pull at the registry, or use another one.")
    elif result.kind == registry.TOKEN_SERVER:
        yield Finding(FAIL, f"{host}: {fault}.", "Repair the token server, or the realm in the registry's settings.")
    elif result.kind == registry.PLAIN_HTTP:
        message = f"{host}: {fault}; so no log-in was sent."
        yield Finding(NOT_CHECKED, message, "Give the registry and its token server a certificate.")
    elif result.kind == registry.LOGIN_NEEDED:
        yield _needed(host, result)


def _needed(host: str, result: Result) -> Finding:
    """A log-in is wanted and none was there. The nodes may have one of their own, which nobody can see from here."""
    if result.pulls[0].secrets or result.pulls[0].unread:
        message = f"{host} wants a log-in, and none was found in the pull Secrets of {result.owners}."
        return Finding(NOT_CHECKED, message, "Repair what registry.pull_secret says first.")
    message = (
        f"{host} wants a log-in, but {result.owners} brings no pull Secret; only nodes that log in themselves can pull."
    )
    fix = (
        "Set holmes_registry_host, holmes_registry_username and holmes_registry_password, or "
        "holmes_image_pull_secrets. Leave it if the nodes have a log-in of their own (containerd, credential provider)."
    )
    return Finding(NOT_CHECKED, message, fix)


def _no_entry(host: str, pull: Pull) -> tuple[str, str]:
    has = ", ".join(entry.key + ("" if entry.usable else " (no user and password)") for entry in pull.entries)
    message = (
        f"{pull.owner} brings {_listed('Secret', pull.secrets)}, which has no log-in for '{pull.image}', only for: "
        f"{has or 'nothing'}."
    )
    fix = (
        f"The key in the Secret must be '{host}', its port included: set holmes_registry_host so, or correct the "
        "Secret. Nodes read no 'identitytoken' and no credential helper."
    )
    return message, fix


def _correct(survey: Survey, name: str) -> str:
    if name in survey.ours:
        return "Correct holmes_registry_username and holmes_registry_password."
    return f"Correct the log-in in Secret {name}, or name another Secret in holmes_image_pull_secrets."


def _listed(what: str, names: t.Sequence[str]) -> str:
    return f"{what} {', '.join(names)}"

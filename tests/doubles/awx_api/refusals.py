# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX refuses beside surveys, as far as objects like those of awx/ could meet it: field to sentence."""

from __future__ import annotations

import re
import typing as t

from .store import Object, Store

_START = re.compile(r"DTSTART(;TZID=[^:]+:\d{8}T\d{6}|:\d{8}T\d{6}Z)")


def refusal(store: Store, kind: str, thing: Object) -> dict[str, list[str]]:
    """The body of a 400."""
    checks: dict[str, t.Callable[[Store, Object], tuple[str, str] | None]] = {
        "credential_types": _credential_type,
        "job_templates": _job_template,
        "workflow_job_template_nodes": _node,
        "schedules": _schedule,
    }
    found = checks[kind](store, thing) if kind in checks else None
    return {found[0]: [found[1]]} if found else {}


def _credential_type(_store: Store, thing: Object) -> tuple[str, str] | None:
    if thing.get("kind") not in ("cloud", "net"):
        return "kind", f"Must be 'cloud' or 'net', not {thing.get('kind')}."
    for name in thing.get("injectors", {}).get("env", {}):
        if name.startswith("ANSIBLE_") or name in ("PATH", "PYTHONPATH", "VIRTUAL_ENV"):
            return "injectors", f"Environment variable {name} is not allowed to be used in credentials."
    for group in thing.get("injectors", {}).values():
        if not all(isinstance(value, str) for value in group.values()):
            return "injectors", "Schema validation failed: a leaf is not of type 'string'."
    return None


def _job_template(store: Store, thing: Object) -> tuple[str, str] | None:
    project = store.one("projects", int(thing.get("project") or 0))
    # The double never fetches, so no playbook of a project is known.
    if project is not None and not project["allow_override"]:
        return "playbook", "Playbook not found for project."
    if thing.get("job_type") not in ("run", "check"):
        return "job_type", f'"{thing.get("job_type")}" is not a valid choice.'
    return None


def _node(store: Store, thing: Object) -> tuple[str, str] | None:
    template = store.one("job_templates", int(thing.get("unified_job_template") or 0))
    if template and thing.get("limit") and not template.get("ask_limit_on_launch"):
        return "limit", "Field is not configured to prompt on launch."
    return None


def _schedule(_store: Store, thing: Object) -> tuple[str, str] | None:
    rule = str(thing.get("rrule"))
    if not _START.match(rule):
        return "rrule", "Valid DTSTART required in rrule."
    if "RRULE:" not in rule:
        return "rrule", "One or more rule required in rrule."
    if "INTERVAL" not in rule:
        return "rrule", "INTERVAL required in rrule."
    return None


def link_refusal(store: Store, kind: str, linked: list[int], name: str, other: int) -> str:
    """Why AWX does not link the other one, or an empty text."""
    if kind == "job_templates" and name == "credentials":
        types = [store.kinds["credentials"][number]["credential_type"] for number in [*linked, other]]
        if len(types) != len(set(types)):
            return "Cannot assign multiple credentials of the same type."
    return ""

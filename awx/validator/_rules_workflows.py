# SPDX-License-Identifier: GPL-3.0-or-later
"""Workflows, and what is launched without anybody who answers."""

from __future__ import annotations

import typing as t

from ._rules_templates import sliced
from ._world import Entry, Finding, World

LINKS = ("success_nodes", "failure_nodes", "always_nodes")


def _nodes(world: World, workflow: t.Any) -> dict[str, Entry]:
    return {
        str(node.data.get("identifier")): node
        for node in world.of("workflow_nodes")
        if node.data.get("workflow") == workflow
    }


def nodes(world: World) -> t.Iterator[Finding]:
    """A node launches something or waits for somebody, and the nodes after it exist."""
    for entry in world.of("workflow_nodes"):
        approval = entry.data.get("approval")
        if bool(entry.data.get("template")) == bool(approval):
            yield entry.wrong("a node has either a template or an approval.", "Give one of them.")
        if isinstance(approval, dict):
            yield from _approval(entry, approval)
        there = _nodes(world, entry.data.get("workflow"))
        for link in LINKS:
            for name in entry.data.get(link) or []:
                if name not in there:
                    yield entry.wrong(f"{link} names '{name}', which is no node.", f"There is: {', '.join(there)}.")


def _approval(entry: Entry, approval: dict[str, t.Any]) -> t.Iterator[Finding]:
    if not isinstance(approval.get("name"), str) or not approval["name"]:
        yield entry.wrong("the approval has no name.", "Give it one: it is the question that somebody answers.")
    timeout = approval.get("timeout")
    if not isinstance(timeout, int) or isinstance(timeout, bool) or timeout < 1:
        yield entry.wrong("the approval waits for ever.", "Set timeout, in seconds: a plan does not hold for ever.")
    for name in sorted(set(approval) - {"name", "description", "timeout"}):
        yield entry.wrong(f"the approval has '{name}'.", "It has name, description and timeout.")


def cycles(world: World) -> t.Iterator[Finding]:
    """AWX refuses a circle."""
    for workflow in world.of("workflows"):
        there = _nodes(world, workflow.name)
        for identifier in there:
            if identifier in _after(there, identifier):
                yield workflow.wrong(f"node '{identifier}' comes after itself.", "Take one of the links away.")
                break


def _after(there: dict[str, Entry], start: str) -> set[str]:
    found: set[str] = set()
    open_ = {start}
    while open_:
        node = there.get(open_.pop())
        following = _following(node) if node else set()
        open_ |= following - found
        found |= following
    return found


def _following(node: Entry) -> set[str]:
    return {str(name) for link in LINKS for name in (node.data.get(link) or [])}


def gate(world: World) -> t.Iterator[Finding]:
    """No way leads to a change without an approval on it."""
    for workflow in world.of("workflows"):
        there = _nodes(world, workflow.name)
        for name in sorted(_ungated(there)):
            template = world.one("job_templates", there[name].data.get("template"))
            if template and template.data.get("job_type") == "run" and _playbook(template) in CHANGING:
                yield there[name].wrong(
                    f"'{template.name}' changes clusters and nobody is asked before.",
                    "Put an approval on every way to it.",
                )


def _ungated(there: dict[str, Entry]) -> set[str]:
    """Nodes that are reached from a start without an approval."""
    following = {name: _following(node) for name, node in there.items() if not node.data.get("approval")}
    open_ = set(there) - {name for node in there.values() for name in _following(node)}
    found: set[str] = set()
    while open_:
        name = open_.pop()
        found.add(name)
        open_ |= following.get(name, set()) - found
    return found & set(there)


CHANGING = ("site.yml", "rollback.yml", "uninstall.yml")


def _playbook(template: Entry) -> str:
    return str(template.data.get("playbook")).rpartition("/")[2]


def limits(world: World) -> t.Iterator[Finding]:
    """A limit that reaches a sliced template leaves slices without a host."""
    for entry in [*world.of("workflow_nodes"), *world.of("schedules")]:
        template = world.one("job_templates", entry.data.get("template"))
        if not sliced(template):
            continue
        workflow = world.one("workflows", entry.data.get("workflow"))
        above = workflow.data if workflow else {}
        if entry.data.get("limit") or above.get("limit") or above.get("ask_limit_on_launch"):
            yield entry.wrong(
                f"a limit reaches '{entry.data['template']}', which is sliced.",
                "Choose clusters by holmes_hosts instead.",
            )
    for entry in [*world.of("workflow_nodes"), *world.of("schedules")]:
        template = world.one("job_templates", entry.data.get("template"))
        if entry.data.get("limit") and template and template.data.get("ask_limit_on_launch") is not True:
            yield entry.wrong(
                "its template does not ask for a limit, so AWX refuses one.", "Set ask_limit_on_launch: true."
            )


def answers(world: World) -> t.Iterator[Finding]:
    """Nobody answers a node or a schedule: what is required is given, what is given is asked for."""
    for entry in [*world.of("workflow_nodes"), *world.of("schedules")]:
        wanted = entry.data.get("template")
        template = world.one("job_templates", wanted) or world.one("workflows", wanted)
        if template is None:
            continue
        given = set(entry.data.get("extra_data") or {})
        workflow = world.one("workflows", entry.data.get("workflow"))
        from_above = set(_asked(workflow)) | set(workflow.data.get("extra_vars") or {}) if workflow else set()
        asked = _asked(template)
        for name, required in asked.items():
            if required and name not in given | from_above:
                yield entry.wrong(f"'{wanted}' requires '{name}', and nobody answers here.", "Give it in extra_data.")
        if template.data.get("ask_variables_on_launch") is not True:
            for name in sorted(given - set(asked)):
                yield entry.wrong(
                    f"'{wanted}' does not ask for '{name}', so AWX refuses it.", "Take it out of extra_data."
                )


def _asked(entry: Entry) -> dict[str, bool]:
    survey = entry.data.get("survey_spec")
    spec = survey.get("spec") if isinstance(survey, dict) else None
    questions = [item for item in spec if isinstance(item, dict)] if isinstance(spec, list) else []
    return {str(item.get("variable")): item.get("required") is True for item in questions}


RULES = (nodes, cycles, gate, limits, answers)

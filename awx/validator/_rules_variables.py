# SPDX-License-Identifier: GPL-3.0-or-later
"""Every variable that a job is given is one that the collection reads, in a type that it takes."""

from __future__ import annotations

import typing as t

from ._rules_survey import CHOICES, questions
from ._world import Entry, Finding, Variable, World

# Which questions fit a variable of which type. An answer to any but integer, float and multiselect is text.
_FITTING: t.Mapping[str, tuple[str, ...]] = {
    "str": ("text", "textarea", "multiplechoice"),
    "path": ("text", "multiplechoice"),
    "int": ("integer",),
    "bool": ("multiplechoice",),
    "list": ("multiselect",),
}
_BOOLEANS = {"true", "false"}
_SECRET = ("password", "secret", "api_key", "token")


def _known(world: World, entry: Entry, name: str, where: str) -> t.Iterator[Finding]:
    if name not in world.variables:
        yield entry.wrong(
            f"{where} '{name}' is read by no playbook and not by the role.",
            "Choose from docs/variables.md, or holmes_hosts.",
        )


def known(world: World) -> t.Iterator[Finding]:
    """Surveys, extra variables and injectors name variables that exist."""
    for entry, question in questions(world):
        yield from _known(world, entry, str(question.get("variable")), "question")
    for entry in world.entries:
        for field in ("extra_vars", "extra_data"):
            given = entry.data.get(field)
            for name in given if isinstance(given, dict) else ():
                yield from _known(world, entry, str(name), f"{field}:")
    for entry in world.of("credential_types"):
        injectors = entry.data.get("injectors")
        given = injectors.get("extra_vars") if isinstance(injectors, dict) else None
        for name in given if isinstance(given, dict) else ():
            yield from _known(world, entry, str(name), "injected variable")


def types(world: World) -> t.Iterator[Finding]:
    """A question's answers are of the variable's type."""
    for entry, question in questions(world):
        variable = world.variables.get(str(question.get("variable")))
        if variable is None:
            continue
        kind, fitting = str(question.get("type")), _FITTING.get(variable.type, ())
        if kind not in fitting:
            yield entry.wrong(
                f"question '{variable.name}': {kind} gives no {variable.type}.",
                f"Ask for it by {' or '.join(fitting)}." if fitting else "Set it in the inventory.",
            )
        elif kind in CHOICES:
            yield from _choices(entry, question, variable)


def _choices(entry: Entry, question: dict[str, t.Any], variable: Variable) -> t.Iterator[Finding]:
    allowed = _BOOLEANS if variable.type == "bool" else set(variable.choices)
    given = question.get("choices")
    if not allowed or not isinstance(given, list):
        return
    for choice in given:
        if choice not in allowed:
            yield entry.wrong(
                f"question '{variable.name}': the role knows no '{choice}'.",
                f"Choose from {', '.join(sorted(allowed))}.",
            )


def secrets(world: World) -> t.Iterator[Finding]:
    """Secrets come by credentials: extra variables and answers stand in the job, for everybody who may see it."""
    for entry, question in questions(world):
        if _is_secret(str(question.get("variable"))) or question.get("type") == "password":
            yield entry.wrong(
                f"question '{question.get('variable')}': a secret is asked for.", "Put it into a credential."
            )
    for entry in world.entries:
        for field in ("extra_vars", "extra_data", "variables"):
            given = entry.data.get(field)
            for name in given if isinstance(given, dict) else ():
                if _is_secret(str(name)):
                    yield entry.wrong(f"{field}: '{name}' is a secret.", "Put it into a credential.")


def _is_secret(name: str) -> bool:
    return any(word in name for word in _SECRET)


RULES = (known, types, secrets)

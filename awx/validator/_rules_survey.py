# SPDX-License-Identifier: GPL-3.0-or-later
"""Surveys: AWX's own rules, and what AWX accepts although no job could use it."""

from __future__ import annotations

import re
import typing as t
from collections import Counter

from ._world import Entry, Finding, World

TYPES: t.Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "textarea": (str,),
    "password": (str,),
    "multiplechoice": (str,),
    "multiselect": (str,),
    "integer": (int,),
    "float": (int, float),
}
CHOICES = ("multiplechoice", "multiselect")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_KNOWN = {
    "variable",
    "question_name",
    "question_description",
    "type",
    "required",
    "default",
    "choices",
    "min",
    "max",
}
Wrong = tuple[str, str]


def surveys(world: World) -> t.Iterator[tuple[Entry, dict[str, t.Any]]]:
    """The surveys of templates and workflows, each with its object."""
    for kind in ("job_templates", "workflows"):
        for entry in world.of(kind):
            survey = entry.data.get("survey_spec")
            if isinstance(survey, dict):
                yield entry, survey


def questions(world: World) -> t.Iterator[tuple[Entry, dict[str, t.Any]]]:
    """Every question that is an object at all."""
    for entry, survey in surveys(world):
        spec = survey.get("spec")
        for question in spec if isinstance(spec, list) else []:
            if isinstance(question, dict):
                yield entry, question


def _each(world: World, rule: t.Callable[[dict[str, t.Any]], t.Iterator[Wrong]]) -> t.Iterator[Finding]:
    for entry, question in questions(world):
        for problem, fix in rule(question):
            yield entry.wrong(f"question '{question.get('variable')}': {problem}", fix)


def frame(world: World) -> t.Iterator[Finding]:
    """The survey itself."""
    for entry, survey in surveys(world):
        if not survey:
            yield entry.wrong("an empty survey_spec deletes the survey.", "Leave survey_spec out, or ask something.")
            continue
        for name in ("name", "description"):
            if not isinstance(survey.get(name), str):
                yield entry.wrong(f"the survey has no text '{name}'.", "Give it one, '' is enough.")
        spec = survey.get("spec")
        if not isinstance(spec, list) or not spec or not all(isinstance(item, dict) for item in spec):
            yield entry.wrong("'spec' of the survey is no list of questions.", "Give at least one question, a mapping.")
        for name in sorted(set(survey) - {"name", "description", "spec"}):
            yield entry.wrong(f"the survey has '{name}', which AWX gives back differently.", "Take it out.")


def enabled(world: World) -> t.Iterator[Finding]:
    """A survey that is switched off is asked by nobody; one that is missing cannot be switched on."""
    for kind in ("job_templates", "workflows"):
        for entry in world.of(kind):
            switch, survey = entry.data.get("survey_enabled") is True, "survey_spec" in entry.data
            if switch != survey:
                yield entry.wrong("survey_enabled and survey_spec do not fit.", "Have both, or neither.")


def _fields(question: dict[str, t.Any]) -> t.Iterator[Wrong]:
    for name in ("type", "question_name", "variable"):
        if not isinstance(question.get(name), str):
            yield f"'{name}' is no text.", "Give it as text."
    if not isinstance(question.get("required"), bool):
        yield "'required' is not true or false.", "Write it out."
    for name in sorted(set(question) - _KNOWN):
        yield f"'{name}' is nothing that AWX knows.", f"Choose from {', '.join(sorted(_KNOWN))}."
    if question.get("type") not in TYPES:
        yield f"'{question.get('type')}' is no type.", f"Choose from {', '.join(TYPES)}."


def fields(world: World) -> t.Iterator[Finding]:
    """Every question has what AWX wants, and nothing else."""
    yield from _each(world, _fields)


def variables(world: World) -> t.Iterator[Finding]:
    """Names of variables: legal, and asked for once."""
    for entry, question in questions(world):
        name = question.get("variable")
        if isinstance(name, str) and not _NAME.match(name):
            yield entry.wrong(f"question '{name}': this is no name of a variable.", "Use letters, digits and '_'.")
    for entry, survey in surveys(world):
        spec = survey.get("spec")
        names = (
            [item.get("variable") for item in spec or [] if isinstance(item, dict)] if isinstance(spec, list) else []
        )
        for name, times in Counter(str(name) for name in names).items():
            if times > 1:
                yield entry.wrong(f"question '{name}': it is asked {times} times.", "Ask once.")


def _required(question: dict[str, t.Any]) -> t.Iterator[Wrong]:
    if question.get("required") is True and question.get("default") not in (None, ""):
        yield (
            "it is required and has a default, which AWX does not use where the answer is not sent.",
            "Make it required: false, or take the default away.",
        )


def required(world: World) -> t.Iterator[Finding]:
    """A default that never counts."""
    yield from _each(world, _required)


RULES = (frame, enabled, fields, variables, required)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Surveys: defaults, bounds and choices."""

from __future__ import annotations

import typing as t
from collections import Counter

from ._rules_survey import CHOICES, TYPES, Wrong, _each
from ._world import Finding, World

Question = dict[str, t.Any]
_BOUNDED = ("text", "textarea", "password", "integer", "float")


def _is_number(value: t.Any) -> t.TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _default(question: Question) -> t.Iterator[Wrong]:
    kind, default = str(question.get("type")), question.get("default")
    if "default" not in question or kind not in TYPES:
        return
    if default == "" and kind != "password":
        yield "an empty default becomes an empty answer, which beats the inventory.", "Take the default away."
    elif kind == "password":
        yield "a secret has no default, and a survey with one is changed by every run.", "Take the default away."
    elif kind == "multiselect":
        yield "AWX drops the default of every multiselect without a word.", "Take the default away."
    elif not isinstance(default, TYPES[kind]) or isinstance(default, bool):
        yield f"the default is not of type {kind}.", "Write it in that type; texts like 'yes' and 'true' in quotes."
    elif default == "$encrypted$":
        yield "AWX keeps this text for itself.", "Choose another default."


def default(world: World) -> t.Iterator[Finding]:
    """Defaults that AWX refuses, drops or never gives back as they were."""
    yield from _each(world, _default)


def _bounds(question: Question) -> t.Iterator[Wrong]:
    kind = question.get("type")
    given = [name for name in ("min", "max") if name in question]
    for name in given:
        if not _is_number(question[name]):
            yield f"'{name}' is no whole number.", "Give a whole number, also for float."
            return
    if given and kind not in _BOUNDED:
        yield f"'{given[0]}' says nothing for {kind}.", "Take it away."
        return
    low, high = question.get("min"), question.get("max")
    if low is not None and high is not None and low > high:
        yield f"min {low} is above max {high}.", "Exchange them."


def bounds(world: World) -> t.Iterator[Finding]:
    """Bounds that AWX refuses, or keeps although nothing fits them."""
    yield from _each(world, _bounds)


def _within(question: Question) -> t.Iterator[Wrong]:
    default, kind = question.get("default"), question.get("type")
    if default in (None, "") or kind not in ("text", "textarea", "integer", "float"):
        return
    size = len(default) if isinstance(default, str) else default
    if not isinstance(size, (int, float)):
        return
    for name, sign in (("min", 1), ("max", -1)):
        bound = question.get(name)
        if _is_number(bound) and sign * size < sign * bound:
            yield f"the default {default!r} is outside {name} {bound}, so AWX drops it.", "Change one of them."


def within(world: World) -> t.Iterator[Finding]:
    """A default that would fail as an answer is dropped without a word."""
    yield from _each(world, _within)


def _choices(question: Question) -> t.Iterator[Wrong]:
    kind, choices = question.get("type"), question.get("choices")
    if kind not in CHOICES:
        if "choices" in question:
            yield f"'choices' says nothing for {kind}.", "Take it away, or make it multiplechoice or multiselect."
        return
    if not isinstance(choices, list) or not choices:
        yield "'choices' is no list.", "Give a list of texts; in one text AWX finds parts of words."
        return
    if not all(isinstance(choice, str) for choice in choices):
        yield "a choice is no text.", "Put choices like yes, true and 1 into quotes."
        return
    for choice, times in Counter(choices).items():
        if times > 1:
            yield f"the choice '{choice}' stands {times} times.", "Name it once."
        if not choice or choice != choice.strip() or "\n" in choice:
            yield f"the choice {choice!r} is empty or has blanks around it.", "AWX gives it back differently; trim it."
        elif "," in choice:
            yield f"'{choice}' is one choice for AWX.", "Give a list with one item for each choice."
    default = question.get("default")
    if kind == "multiplechoice" and isinstance(default, str) and default and default not in choices:
        yield f"the default '{default}' is none of the choices.", f"Choose from {', '.join(choices)}."


def choices(world: World) -> t.Iterator[Finding]:
    """Choices that AWX refuses, changes or reads otherwise than they look."""
    yield from _each(world, _choices)


RULES = (default, bounds, within, choices)

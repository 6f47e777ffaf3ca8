# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX refuses in a survey: the first mistake, in its order. It accepts more than makes sense."""

from __future__ import annotations

import typing as t

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


def refusal(survey: t.Any) -> str:
    """Why AWX answers 400, or an empty text."""
    for name, kind in (("name", str), ("description", str), ("spec", list)):
        if name not in survey:
            return f"Field '{name}' is missing from survey spec."
        if not isinstance(survey[name], kind):
            return f"Expected {kind.__name__} for field '{name}'."
    if not survey["spec"]:
        return "'spec' doesn't contain any items."
    seen: set[str] = set()
    for index, question in enumerate(survey["spec"]):
        reason = _question(question, seen)
        if reason:
            return f"Survey question {index}: {reason}"
        seen.add(question["variable"])
    return ""


def _question(question: t.Any, seen: set[str]) -> str:
    if not isinstance(question, dict):
        return "is not a json object."
    for name in ("type", "question_name", "variable", "required"):
        kind = bool if name == "required" else str
        if not isinstance(question.get(name), kind):
            return f"'{name}' is missing or no {kind.__name__}."
    if question["type"] not in TYPES:
        return f"'{question['type']}' is not an allowed question type."
    if question["variable"] in seen:
        return f"'variable' '{question['variable']}' duplicated."
    return _default(question) or _bounds(question) or _choices(question)


def _default(question: dict[str, t.Any]) -> str:
    default, kind = question.get("default", ""), question["type"]
    if default == "":
        return ""
    if not isinstance(default, TYPES[kind]) or isinstance(default, bool):
        return f"Default value of type {type(default).__name__} for a question of type {kind}."
    if default == "$encrypted$":
        return "$encrypted$ is a reserved keyword."
    return ""


def _bounds(question: dict[str, t.Any]) -> str:
    wrong = [name for name in ("min", "max") if name in question and not isinstance(question[name], int)]
    return f"'{wrong[0]}' is no integer." if wrong else ""


def _choices(question: dict[str, t.Any]) -> str:
    if question["type"] not in CHOICES:
        return ""
    choices, default = question.get("choices"), question.get("default", "")
    if not choices or not isinstance(choices, (list, str)):
        return f"{question['type']} must specify choices."
    given = default.split("\n") if default else []
    if question["type"] == "multiplechoice" and len(given) > 1:
        return "multiple choice can only have one default value."
    if any(item not in choices for item in given):
        return "default choice must be answered from the choices listed."
    return ""

# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that are made from the sources."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import typing as t
from pathlib import Path

from tests.e2e import preflight_faults, verify_faults
from tests.tools.specs.source import ROOT, Option, Section, Variable, names, options, sections

ROLE = ROOT / "roles" / "holmes"
NOTICE = "Generated from the modules' documentation by tests/tools/specs/generate. Do not edit."
WIDTH = 150
# Checks that do not stand on the page of their first word.
PAGES = {"llm.endpoint": "endpoint", "release.conflict": "cluster"}
LICENCE = """\
# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
# Ansible wants to be told of each of these names that it is no secret. Everything here is a reference or a number.
SECRET_SOUNDING = re.compile(
    r"(?:pass(?!ive|ing)|secret|token|cryptkey|(?<!public_)(?:^|_)keys?$|api_key)", re.IGNORECASE
)


def generated() -> dict[Path, str]:
    """Every generated file with its text."""
    return {
        ROLE / "meta" / "argument_specs.yml": argument_specs(),
        ROLE / "defaults" / "main.yml": defaults(),
        ROOT / "plugins" / "module_utils" / "_values_arguments.py": arguments(),
        ROOT / "docs" / "variables.md": table(),
        ROOT / "docs" / "faults.md": faults(),
    }


def faults() -> str:
    """What the end-to-end tests break, before an installation and in a running one, and how it is told."""
    lines = [
        "# What each fault looks like before an installation",
        "",
        "<!-- Generated from tests/e2e/*_faults.py by tests/tools/specs/generate. Do not edit. -->",
        "",
        "Every row is broken in a lab by the end-to-end tests, which expect this check with these words.",
        "",
        *_told(preflight_faults.FAULTS),
        "",
        "# What each fault looks like on a running installation",
        "",
        "Every row is installed by plain `helm` and `kubectl`, and told by `playbooks/verify.yml` within 30 seconds.",
        "",
        *_told(verify_faults.FAULTS),
    ]
    return "\n".join(lines) + "\n"


def _told(broken: t.Iterable[preflight_faults.Fault | verify_faults.Fault]) -> list[str]:
    """The rows of one table."""
    lines = ["| broken | check | status | its message says | its fix says |", "| --- | --- | --- | --- | --- |"]
    for fault in broken:
        page = PAGES.get(fault.check) or fault.check.partition(".")[0]
        anchor = fault.check.replace(".", "")
        said = " | ".join(f"`{text}`" if text else "" for text in (fault.says, fault.fix))
        lines.append(f"| {fault.broken} | [{fault.check}](checks/{page}.md#{anchor}) | `{fault.status}` | {said} |")
    return lines


def _sentences(option: Option, own: str = "") -> str:
    """A description in one line, with the role's variables in place of the module's options."""
    given = option["description"]
    text = " ".join((" ".join(given) if isinstance(given, list) else given).split())
    known = names()

    def variable(match: re.Match[str]) -> str:
        name, _equals, value = match.group(1).partition("=")
        found = known.get(f"{own}.{name}", name)
        return f"C({found}: {value})" if value else f"C({found})"

    return re.sub(r"V\(([^)]*)\)", r"C(\1)", re.sub(r"O\(([^)]*)\)", variable, text))


def _text(value: t.Any) -> str:
    """A scalar or an empty container as YAML."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9~/][\w:/.~@-]*", value):
        return value
    return json.dumps(value)


def argument_specs() -> str:
    lines = [
        "---",
        f"# {NOTICE}",
        "argument_specs:",
        "  main:",
        "    short_description: Install, verify or remove HolmesGPT on one cluster",
        "    description:",
        "      - One host of the play is one cluster. See inventories/airgap for a worked example.",
        "    options:",
    ]
    for section in sections():
        for variable in section.variables:
            lines += _spec(variable)
    return "\n".join(lines) + "\n"


def _spec(variable: Variable) -> list[str]:
    option = variable.option
    lines = [f"      {variable.name}:", f"        type: {option['type']}"]
    if option.get("elements"):
        lines.append(f"        elements: {option['elements']}")
    if option.get("default") not in (None, "", [], {}):
        lines.append(f"        default: {_text(option['default'])}")
    if option.get("choices"):
        one_line = f"        choices: [{', '.join(option['choices'])}]"
        listed = ["        choices:", *(f"          - {choice}" for choice in option["choices"])]
        lines += [one_line] if len(one_line) <= WIDTH else listed
    lines.append("        description: >-")
    return lines + _wrapped(_sentences(option, variable.of.partition(".")[0]), "          ")


def _wrapped(text: str, indent: str) -> list[str]:
    lines, line = [], indent.rstrip("\n")
    for word in text.split():
        if len(line) + 1 + len(word) > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = indent
        line += word + " "
    return [*lines, line.rstrip()]


def defaults() -> str:
    lines = [
        "---",
        f"# {NOTICE}",
        "# Every variable of the role, with its default. What is commented out has no sensible default.",
        "# Meaning and types: docs/variables.md. A worked example: inventories/airgap.",
    ]
    for section in sections():
        lines += ["", *([f"# {section.title}"] if section.title else [])]
        lines += [_default(variable) for variable in section.variables]
    return "\n".join(lines) + "\n"


def _default(variable: Variable) -> str:
    if variable.example is None:
        return f"{variable.name}: {_text(variable.default)}"
    given = variable.example if isinstance(variable.example, str) else json.dumps(variable.example)
    return f"# {variable.name}: {given}"


def arguments() -> str:
    """The argument spec of holmes_values, formatted by ruff as all Python here."""
    spec = {name: _argument(name, option) for name, option in options("holmes_values").items()}
    text = (
        f'{LICENCE}\n"""{NOTICE}\n\nPrivate to this collection: it may change in any release.\n"""\n\n'
        f"from __future__ import annotations\n\nimport typing as t\n\nARGUMENTS: dict[str, t.Any] = {spec!r}\n"
    )
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", "arguments.py", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def _argument(name: str, option: Option) -> Option:
    kept = {key: option[key] for key in ("type", "elements", "required", "choices", "default") if key in option}
    if "suboptions" in option:
        kept["options"] = {inner: _argument(inner, given) for inner, given in option["suboptions"].items()}
    if SECRET_SOUNDING.search(name):
        kept["no_log"] = False
    return kept


def table() -> str:
    lines = [
        f"<!-- {NOTICE} -->",
        "# Variables of the role `holmes`",
        "",
        "Set them in the inventory. A variable in italics has no default. The last column is the same as an option",
        "of a module, for those who use the modules without the role. `raw` is checked by the module itself, because",
        "Ansible repeats a value of a wrong type, and it might be a secret.",
    ]
    for section in sections():
        lines += ["", *_part(section)]
    return "\n".join(lines) + "\n"


def _part(section: Section) -> list[str]:
    head = [
        f"## {section.title.rstrip('.').partition(':')[0] or 'State'}",
        "",
        "| variable | type | default | meaning | option |",
    ]
    return [*head, "| --- | --- | --- | --- | --- |", *(_row(variable) for variable in section.variables)]


def _row(variable: Variable) -> str:
    option = variable.option
    meaning = _sentences(option, variable.of.partition(".")[0])
    meaning = re.sub(r"[CM]\(([^)]*)\)", r"`\1`", meaning).replace("|", "\\|")
    if option.get("choices"):
        meaning += f" One of {', '.join(f'`{choice}`' for choice in option['choices'])}."
    kind = f"list of {option['elements']}" if option.get("elements") else option["type"]
    unset = variable.example is not None
    shown = "" if unset else f"`{json.dumps(variable.default)}`" if variable.default != "" else "empty"
    module, _dot, path = variable.of.partition(".")
    name = f"*`{variable.name}`*" if unset else f"`{variable.name}`"
    return f"| {name} | {kind} | {shown} | {meaning} | {f'`{module}`: `{path}`' if module else ''} |"

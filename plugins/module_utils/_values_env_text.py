# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How texts of values ask for a variable, and what comes of it.

Private to this collection: it may change in any release. Imports nothing of Ansible.

The server fills in ``{{ env.NAME }}`` in texts of the model list and of toolsets, and nothing else
(holmes/utils/env.py, the same in 0.16.0 and 0.45.0, run form by form). Kubernetes fills in ``$(NAME)`` in the value of
a variable.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Path, Values, strings

# What becomes of a form: the server fills it in, or ends over it; it is sent as it stands; a header fills it in.
FILLED, BREAKS, LEFT, HEADER = "filled", "breaks", "left", "header"
# The short form, which newer charts rewrite before the server sees it.
SHORT = "short"
# Where the server looks.
TEMPLATED = ("modelList", "toolsets", "mcp_servers")

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_BRACES = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_ENV = re.compile(r"\s*env\.(.*)\Z", re.DOTALL)
# Meant for a variable, in the language of Helm, Jinja, GitHub or a shell.
_ALIKE = re.compile(r"[\s\-]*[.$]?\s*(?:env|environ|os\.environ|secrets?)\s*[.\[(]", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?=[^A-Za-z0-9_]*\Z)")
_ONE_BRACE = re.compile(r"(?<!\{)\{\{?\s*env\.(\w+)\s*\}(?!\})")
_SHELL = re.compile(r"\$(?:\{(\w+)\}|\((\w+)\)|([A-Za-z_]\w*))\Z")
_GATEWAY = re.compile(r"os\.environ/(\w+)\Z")
_SHORT = re.compile(r"envRef:(.*)\Z", re.DOTALL)
_INSIDE = re.compile(r"\benvRef:\w")
_RENAMED = re.compile(r"secretRef:\s*(\w*)\Z")
_HEADER = re.compile(r"\benv(?:\.(\w+)|\[[\"'](\w+)[\"']\])")
# Kubernetes' own form; "$$(NAME)" stays "$(NAME)".
_DEPENDENT = re.compile(r"(?<!\$)(?:\$\$)*\$\(([A-Za-z_][\w.\-]*)\)")


class Use(t.NamedTuple):
    """A form that asks for a variable. ``name`` is empty if it names none; ``whole``: no other text is beside it."""

    path: str
    kind: str
    name: str
    form: str
    whole: bool = True


def uses(values: Values) -> list[Use]:
    """Every form in the texts at which the server looks."""
    data = {key: values.get(key) for key in TEMPLATED}
    return [use for path, text in strings(data) for use in _in_text(path, text)]


def dependents(text: str) -> list[str]:
    """The variables that Kubernetes is asked to fill in."""
    return _DEPENDENT.findall(text)


def asks_server(text: str) -> bool:
    """Whether a text has a form that only the server fills in."""
    return bool(_SHORT.match(text)) or any(_ENV.match(inner) for inner in _BRACES.findall(text))


def shell_name(text: str) -> str:
    """The name in a text that is nothing but "${NAME}" or "$NAME"."""
    found = _SHELL.match(text.strip())
    return (found.group(1) or found.group(3) or "") if found else ""


def _in_text(path: Path, text: str) -> t.Iterator[Use]:
    where = ".".join(path)
    if path[0] == "mcp_servers" and "extra_headers" in path:
        yield from _in_header(where, text)
        return
    # The tools of a toolset are commands and templates of their own: braces and "$" have a meaning there.
    is_command = path[0] != "modelList" and "tools" in path
    found = list(_in_braces(where, text, path[0] == "modelList"))
    found += [Use(where, LEFT, name, f"{{ env.{name} }}") for name in _ONE_BRACE.findall(text)]
    found += _other(path, text.strip())
    yield from (use for use in found if use.kind != LEFT or not is_command)


def _in_header(where: str, text: str) -> t.Iterator[Use]:
    """Headers of servers of tools are Jinja, filled in for each request."""
    for found in _HEADER.finditer(" ".join(_BRACES.findall(text))):
        name = found.group(1) or found.group(2)
        yield Use(where, HEADER, name, f"{{{{ env.{name} }}}}")


def _in_braces(where: str, text: str, all_of_them: bool) -> t.Iterator[Use]:
    """``all_of_them``: also what does not look like a variable; a toolset may have its own meaning for that."""
    whole = not _BRACES.sub("", text).strip()
    for inner in _BRACES.findall(text):
        asked = _ENV.match(inner)
        if asked:
            yield _asked(where, asked.group(1), whole)
        elif _ALIKE.match(inner):
            named = _NAME.search(inner)
            yield Use(where, LEFT, named.group(0) if named else "", "{{ … }}")
        elif all_of_them:
            # Nothing of it is repeated: it may hold a default that is secret.
            yield Use(where, LEFT, "", "{{ … }}")


def _asked(where: str, rest: str, whole: bool) -> Use:
    """What stands behind "env." in braces."""
    name = rest.strip()
    if not re.fullmatch(r"[\w.\-]+", name):
        first = re.match(r"\w*", name)
        return Use(where, BREAKS, first.group(0) if first else "", "{{ env.NAME … }}" if name else "{{ env. }}")
    if rest[0].isspace():
        # The server's search finds it, its replacement does not.
        return Use(where, LEFT, name, f"{{{{ env. {name} }}}}")
    return Use(where, FILLED, name, f"{{{{ env.{name} }}}}", whole)


def _other(path: Path, text: str) -> t.Iterator[Use]:
    """Forms of charts, shells and gateways, which stand alone in a text."""
    where, short = ".".join(path), _SHORT.match(text)
    if short:
        # Charts rewrite it where it is the value of a key.
        kind = SHORT if path[0] == "modelList" and not path[-1].isdigit() else LEFT
        yield Use(where, kind, short.group(1), f"envRef:{short.group(1)}")
    elif _INSIDE.search(text):
        yield Use(where, LEFT, "", "envRef: in a longer text")
    for pattern, form in ((_RENAMED, "secretRef:, an old name of envRef:,"), (_SHELL, text), (_GATEWAY, text)):
        found = pattern.match(text)
        if found and (pattern is not _GATEWAY or path[0] == "modelList"):
            yield Use(where, LEFT, next((part for part in found.groups() if part), ""), form)

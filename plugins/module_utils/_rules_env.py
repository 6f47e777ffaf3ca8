# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rule about references to variables: each exists, and is written in a form that somebody fills in.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    listed,
    rule,
    unclear,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_env_text import (
    BREAKS,
    FILLED,
    HEADER,
    IDENTIFIER,
    LEFT,
    SHORT,
    Use,
    asks_server,
    dependents,
    shell_name,
    uses,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import env_entries, env_entry, get
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

# What becomes of a variable that does not exist.
_CONSEQUENCES = {
    "modelList": "the server would die at start",
    "toolsets": "that toolset would not work",
    "mcp_servers": "that server's tools would not work",
}
# Kubernetes makes variables for the Services of the namespace, and always for the API server.
_OF_SERVICES = ("_SERVICE_HOST", "_SERVICE_PORT", "_PORT")


class Known(t.NamedTuple):
    """The variables of the container; ``more`` come from whole Secrets or ConfigMaps, whose keys are not known."""

    names: frozenset[str]
    more: bool


@rule("values.env_reference", "Every variable that is referred to exists")
def env_reference(case: Case) -> t.Iterator[Finding]:
    found, known = uses(case.values), _known(case)
    for use in found:
        if use.kind in (BREAKS, LEFT):
            yield _wrong_form(use)
    short = [use for use in found if use.kind == SHORT]
    if short and not case.keys.writes("envRef:"):
        places = listed(sorted(use.path for use in short))
        message = f"Chart {case.chart} does not know the short form envRef: ({places}); the text itself would be used."
        yield fail(message, "Write '{{ env.NAME }}' instead.")
    asked = {use.name: use for use in reversed(found) if use.kind in (FILLED, SHORT, HEADER)}
    for name, use in sorted(asked.items(), key=lambda item: found.index(item[1])):
        yield from _missing(use, known) if name not in known.names else _content(case, use)
    yield from _between_variables(case, known)
    if asked and all(name in known.names for name in asked):
        yield good(listed(sorted(asked)))


def _known(case: Case) -> Known:
    rendered, more = _render_view.environment(case.rendered, case.request)
    names = frozenset([*(entry["name"] for entry in env_entries(case.values)), *rendered])
    return Known(names, more or any(case.values.get(key) for key in ("extraEnvVarsSecrets", "additional_env_froms")))


def _wrong_form(use: Use) -> Finding:
    name = use.name or "NAME"
    fix = f"Write '{{{{ env.{name} }}}}' there, and nothing else between the braces."
    if use.kind == BREAKS:
        consequence = _CONSEQUENCES[use.path.partition(".")[0]]
        return fail(f"{use.path} has '{use.form}', but a name alone may follow 'env.': {consequence}.", fix)
    return fail(f"{use.path} has '{use.form}', which nobody fills in: the text itself would be used.", fix)


def _missing(use: Use, known: Known) -> t.Iterator[Finding]:
    """A variable that is not among those of the container."""
    name = use.name
    if not IDENTIFIER.match(name):
        message = f"{use.path} refers to '{name}', which cannot be the name of a variable."
        yield fail(message, "Use letters, digits and '_' only.")
    elif known.more:
        message = f"{use.path} refers to {name}, which may come from a whole Secret that the values name."
        yield unclear(message, f"See that the Secret has the key {name}.")
    else:
        consequence = _CONSEQUENCES[use.path.partition(".")[0]]
        then = "the header would be empty" if use.kind == HEADER else consequence
        message = f"{use.path} refers to the variable {name}, which nothing defines: {then}.{_hint(name, known)}"
        yield fail(message, f"Define it in holmes_env: {{{name}: {{secret: NAME, key: KEY}}}}")


def _hint(name: str, known: Known) -> str:
    same = [other for other in sorted(known.names) if other.lower() == name.lower()]
    close = same or difflib.get_close_matches(name, sorted(known.names), 1, 0.7)
    return f" Did you mean '{close[0]}'?" if close else ""


def _content(case: Case, use: Use) -> t.Iterator[Finding]:
    """A variable that exists, but may be empty, absent after all, or hold what the server cannot fill in."""
    entry = env_entry(case.values, use.name) or {}
    text, source = entry.get("value"), entry.get("valueFrom")
    consequence = _CONSEQUENCES[use.path.partition(".")[0]]
    if text == "" and use.whole and use.kind != HEADER:
        message = f"{use.path} refers to {use.name}, which is empty: then '{use.form}' itself is sent."
        yield fail(message, f"Give {use.name} a text; 'none' if the server wants no key.")
    elif isinstance(text, str) and "\\" in text and use.kind != HEADER:
        message = f"{use.path} refers to {use.name}, whose value has a backslash: {consequence}."
        yield fail(message, "Write each backslash of it twice, or choose a text without one.")
    for kind in ("secretKeyRef", "configMapKeyRef"):
        if get(source, (kind, "optional")) is True:
            message = f"{use.path} refers to {use.name}, whose {kind} is optional: if it is missing, {consequence}."
            yield warn(message, f"Remove 'optional' from {use.name}; then the pod waits and says what is missing.")


def _between_variables(case: Case, known: Known) -> t.Iterator[Finding]:
    """References in the values of variables: Kubernetes fills in $(NAME), if NAME stands before."""
    entries = env_entries(case.values)
    own = {entry["name"] for entry in entries}
    seen: set[str] = set()
    for entry in entries:
        name, text = entry["name"], entry.get("value")
        if isinstance(text, str):
            yield from _in_value(name, text, known)
            for other in dependents(text):
                late, missing = other in own - seen, other not in known.names and not other.endswith(_OF_SERVICES)
                if late or (missing and not known.more):
                    why = f"stands at or after {name}" if late else "nothing defines"
                    message = f"The value of {name} refers to $({other}), which {why}: the text itself would be used."
                    fix = f"Put {other} before {name}." if late else f"Define {other} before {name}."
                    # A lower-case one may be a command for a shell, which this is left to.
                    told = fail if other.isupper() else warn
                    yield told(message, f"{fix} For a '$(' that is meant as such write '$$('.")
        seen.add(name)


def _in_value(name: str, text: str, known: Known) -> t.Iterator[Finding]:
    """Forms that mean nothing in the value of a variable."""
    shell = shell_name(text)
    if asks_server(text):
        message = f"The value of {name} has a form that is filled in only in modelList, toolsets and mcp_servers."
        yield fail(message, f"Write '$(OTHER)' there, with OTHER defined before {name}.")
    elif shell and (shell in known.names or shell.isupper()):
        message = f"The value of {name} is '{text.strip()}', which Kubernetes does not fill in."
        yield warn(message, f"Write '$({shell})' there, with {shell} defined before {name}.")

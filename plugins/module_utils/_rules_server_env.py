# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rule about the server's own variables: names, types, the port.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import difflib
import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_no_proxy as no_proxy
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_server_env as server
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import Finding, fail, listed, rule, warn
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_env_text import dependents, uses
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import (
    Values,
    env_entries,
    env_entry,
    get,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import (
    SENDS_NO_TEMPERATURE,
    SERVES_TLS,
    text,
)

_PORT = "5050"
_ANYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - what the server listens on in its pod
_PROXIES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
_SCHEMES = ("http", "https", "socks5", "socks5h")
_LOOPBACK = re.compile(r"127\.|localhost\Z|::1\Z")
_TRUE = re.compile(r"\s*(?:true|[1-9]\d*)\s*\Z", re.IGNORECASE)


@rule("values.server_variable", "The server understands the variables that are meant for it")
def server_variable(case: Case) -> t.Iterator[Finding]:
    literals = _literals(case.values)
    for name, value in literals.items():
        yield from _typed(name, value)
    yield from _temperature(case, literals.get("TEMPERATURE"))
    yield from _address(literals)
    yield from _tls(case)
    yield from _log_level(case)
    yield from _proxies(literals)
    if _TRUE.match(literals.get("USE_LITELLM_PROXY", "")):
        message = "USE_LITELLM_PROXY makes LiteLLM take every model for one of a gateway: the others would fail."
        yield fail(message, "Remove it; write 'model: litellm_proxy/NAME' for the models of a gateway.")
    yield from _unknown(case)


def _literals(values: Values) -> dict[str, str]:
    """The variables with a text, by name; the last entry of a name wins."""
    found = {entry["name"]: entry.get("value") for entry in env_entries(values)}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _typed(name: str, value: str) -> t.Iterator[Finding]:
    variable = server.VARIABLES.get(name)
    if not variable or variable.kind.fits(value) or dependents(value) or (not value and name in server.MAY_BE_EMPTY):
        return
    shown = f"'{value}'" if name not in server.MAY_BE_EMPTY else "no such text"
    told = warn if variable.then == server.IGNORED else fail
    message = f"{name} must be {variable.kind.wanted}, but is {shown}: {variable.then}."
    yield told(message, f"Set holmes_env: {{{name}: '{variable.kind.example}'}}, or remove {name}.")


def _temperature(case: Case, value: str | None) -> t.Iterator[Finding]:
    if value is None or server.NUMBER.fits(value) or dependents(value):
        return
    if value.strip().lower() not in ("", "none", "null"):
        message = f"TEMPERATURE must be a number or none, but is '{value}': {server.CRASH}."
        yield fail(message, "Set temperature in holmes_models instead, as a number.")
    elif not SENDS_NO_TEMPERATURE.holds(case.server):
        message = f"HolmesGPT {text(case.server)} takes only a number as TEMPERATURE: {server.CRASH}."
        yield fail(message, "Set temperature in holmes_models instead, as a number.")


def _address(literals: dict[str, str]) -> t.Iterator[Finding]:
    """Where the server listens: the chart's Service and probes expect port 5050 at the pod's address."""
    port, host = literals.get("HOLMES_PORT", _PORT), literals.get("HOLMES_HOST", "")
    if not server.WHOLE.fits(port):
        yield fail(f"HOLMES_PORT must be a whole number, but is '{port}': {server.CRASH}.", "Remove HOLMES_PORT.")
    elif int(port) != int(_PORT):
        message = f"HOLMES_PORT is {port}, but the chart's Service and probes ask port {_PORT}: nobody would reach it."
        yield fail(message, "Remove HOLMES_PORT.")
    if _LOOPBACK.match(host):
        message = f"HOLMES_HOST is '{host}', so only the pod itself reaches the server, and the probes fail."
        yield fail(message, "Remove HOLMES_HOST.")
    elif host not in _ANYWHERE:
        message = f"HOLMES_HOST is '{host}': the server starts only if this is an address of its pod."
        yield warn(message, "Remove HOLMES_HOST.")


def _tls(case: Case) -> t.Iterator[Finding]:
    given = [name for name in ("HOLMES_SSL_CERTFILE", "HOLMES_SSL_KEYFILE") if env_entry(case.values, name)]
    if not given:
        return
    both = " and ".join(given)
    fix = f"Remove {both}, and set tls.enabled: true and tls.secretName."
    if not SERVES_TLS.holds(case.server):
        verb = "has" if len(given) == 1 else "have"
        yield warn(f"{both} {verb} no effect on HolmesGPT {text(case.server)}.", f"Remove {both}.")
    elif len(given) == 1:
        yield fail(f"{given[0]} stands alone, without the other half: {server.CRASH}.", fix)
    elif get(case.values, ("tls", "enabled")) is not True:
        yield fail("The server would speak TLS, but the chart's probes do not know it and ask by HTTP.", fix)


def _log_level(case: Case) -> t.Iterator[Finding]:
    level = case.values.get("logLevel", case.chart.values.get("logLevel"))
    if level is not None and level not in server.LOG_LEVELS:
        close = str(level).upper() if str(level).upper() in server.LOG_LEVELS else "INFO"
        yield fail(f"logLevel is '{level}', which Python does not know: {server.CRASH}.", f"Set logLevel: {close}.")


def _proxies(literals: dict[str, str]) -> t.Iterator[Finding]:
    """What LiteLLM's library cannot read ends every chat, whatever is asked; the rest is values.proxy."""
    for name in _PROXIES:
        scheme, found, _rest = literals.get(name, "").partition("://")
        if found and scheme.lower() not in _SCHEMES:
            message = f"{name} starts with '{scheme}://', which is no kind of proxy: {server.CHAT}."
            yield fail(message, f"Write {name} as http://HOST:PORT.")
    for name in ("no_proxy", "NO_PROXY"):
        wrong = no_proxy.broken(literals.get(name, ""))
        if wrong:
            message = f"{name} holds {listed(wrong)}, which the library for chats cannot read: {server.CHAT}."
            yield fail(message, "Remove it; name IPv6 addresses one by one, without brackets.")


def _unknown(case: Case) -> t.Iterator[Finding]:
    """Names that nearly are the server's. What a reference uses is the user's own."""
    used = {use.name for use in uses(case.values)}
    used |= {name for value in _literals(case.values).values() for name in dependents(value)}
    for name in sorted({entry["name"] for entry in env_entries(case.values)} - used - server.NAMES):
        meant = _meant(name)
        if meant:
            yield warn(f"{name} is no variable of HolmesGPT. Did you mean '{meant}'?", f"Rename it to {meant}.")


def _meant(name: str) -> str:
    folded = {known.replace("_", ""): known for known in server.NAMES}
    same = folded.get(re.sub(r"[-_.]", "", name).upper()) or server.OTHER_NAMES.get(name.upper(), "")
    # Short names are near to everything.
    close = difflib.get_close_matches(name.upper(), sorted(server.NAMES), 1, 0.9) if len(name) > 9 else []
    return same or (close[0] if close else "")

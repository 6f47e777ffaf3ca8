# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rule about the environment's entries: names, shapes, sources.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import difflib
import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import Finding, fail, rule, warn
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_env_text import IDENTIFIER
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import ENV_LISTS, env_entries, get, items
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

_KUBERNETES = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*\Z")
# Names of Secrets and ConfigMaps, and of the keys in them.
_OBJECT = re.compile(r"[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\Z")
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}\Z")
_LISTS = (*ENV_LISTS, ("operator", "additionalEnvVars"))

_FIELDS = re.compile(
    r"(?:metadata\.(?:name|namespace|uid|labels\['[^']+'\]|annotations\['[^']+'\])|spec\.(?:nodeName|serviceAccountName)"
    r"|status\.(?:hostIPs?|podIPs?))\Z"
)
# The sources that a variable can have, and what each must name.
_SOURCES = {
    "secretKeyRef": ("name", "key"),
    "configMapKeyRef": ("name", "key"),
    "fieldRef": ("fieldPath",),
    "resourceFieldRef": ("resource",),
}
# Variables that the chart makes from keys of its own.
_OF_THE_CHART = {
    "CERTIFICATE": "holmes_ca_file",
    "ENABLE_JSON_LOGS_FORMAT": "enableJsonLogsFormat",
    "ENABLE_TELEMETRY": "enableTelemetry",
    "HOLMES_SSL_CERTFILE": "tls.secretName",
    "HOLMES_SSL_KEYFILE": "tls.secretName",
    "IS_OPENSHIFT": "holmes_openshift",
    "LOG_LEVEL": "logLevel",
    "SENTRY_DSN": "sentryDSN",
}


@rule("values.env_name", "Variables have legal names and forms")
def env_name(case: Case) -> t.Iterator[Finding]:
    told: set[str] = set()
    for layer in case.layers:
        for path in _LISTS:
            given, where = get(layer.values, path), f"{'.'.join(path)} ({layer.label})"
            # Of other lists values.type tells it.
            if path in ENV_LISTS and given is not None and not isinstance(given, list):
                other = "holmes_env takes 'NAME: text'; here write" if isinstance(given, dict) else "Write"
                yield fail(f"{where} must be a list.", f"{other} '- name: NAME' and, indented, 'value: \"text\"'.")
            for entry in items(given):
                yield from _entry(entry, where)
            for name in _repeated(_names(given)):
                told.add(name)
                message = f"{where}: {name} stands there twice; Kubernetes keeps only the last."
                yield fail(message, "Remove one of them.")
        yield from _whole_sources(layer.values, layer.label)
    yield from _set_twice(case, told)


def _entry(entry: t.Any, where: str) -> t.Iterator[Finding]:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        yield fail(f"{where} has an entry without a name.", "Every entry needs 'name' and 'value' or 'valueFrom'.")
        return
    name, value = entry["name"], entry.get("value")
    yield from _name(name, where)
    for key in sorted(str(key) for key in entry if key not in ("name", "value", "valueFrom")):
        close = difflib.get_close_matches(key, ("value", "valueFrom"), 1, 0.6)
        hint = f" Did you mean '{close[0]}'?" if close else ""
        yield fail(f"{where}: {name} has the key '{key}', which no variable has.{hint}", "Correct or remove it.")
    if value is not None and not isinstance(value, str):
        message = f"{where}: the value of {name} is a {_kind(value)}, but Kubernetes takes only text."
        yield fail(message, "Put it in quotes.")
    elif isinstance(value, str) and value != value.rstrip("\r\n"):
        message = f"{where}: the value of {name} ends with a line break, which no address and no key may have."
        yield warn(message, "Write it on one line, in quotes.")
    if entry.get("valueFrom") is not None:
        yield from _source(entry, name, where)
    elif value is None:
        yield warn(f"{where}: {name} has neither 'value' nor 'valueFrom', so it is empty.", "Give it one of them.")


def _name(name: str, where: str) -> t.Iterator[Finding]:
    if not _KUBERNETES.match(name):
        yield fail(f"{where}: '{name}' is no legal name of a variable.", "Use letters, digits and '_', no digit first.")
    elif not IDENTIFIER.match(name):
        message = f"{where}: '{name}' cannot be used by shells or as '{{{{ env.… }}}}'."
        yield warn(message, "Use letters, digits and '_' only.")


def _source(entry: dict[str, t.Any], name: str, where: str) -> t.Iterator[Finding]:
    """``valueFrom``: exactly one source, complete, and no value beside it."""
    source = entry["valueFrom"]
    if entry.get("value") is not None:
        yield fail(f"{where}: {name} has 'value' and 'valueFrom'; Kubernetes refuses that.", "Keep one of them.")
        return
    kinds = [str(key) for key in source] if isinstance(source, dict) else []
    if len(kinds) != 1 or kinds[0] not in _SOURCES:
        message = f"{where}: valueFrom of {name} must be a mapping with one of {', '.join(_SOURCES)}."
        yield fail(message, "For a Secret write 'secretKeyRef: {name: SECRET, key: KEY}'.")
        return
    kind, reference = kinds[0], source[kinds[0]]
    lacking = [part for part in _SOURCES[kind] if not isinstance(get(reference, (part,)), str) or not reference[part]]
    if lacking:
        wanted = " and ".join(f"'{part}'" for part in _SOURCES[kind])
        lacks = f"the {kind} of {name} lacks {' or '.join(repr(part) for part in lacking)}"
        yield fail(f"{where}: {lacks}.", f"It needs {wanted}, as text.")
    else:
        yield from _target(kind, reference, f"{where}: the {kind} of {name}")


def _target(kind: str, reference: dict[str, t.Any], told: str) -> t.Iterator[Finding]:
    """What a source names must be something that Kubernetes can have."""
    if kind == "fieldRef" and not _FIELDS.match(reference["fieldPath"]):
        message = f"{told} names '{reference['fieldPath']}', which is no field that a variable can have."
        yield fail(message, "Use for example metadata.namespace or spec.nodeName.")
    if "name" in _SOURCES[kind] and not _OBJECT.match(reference["name"]):
        message = f"{told} names '{reference['name']}', which no object can be called."
        yield fail(message, "Use lower-case letters, digits, '-' and '.'.")
    if "key" in _SOURCES[kind] and not _KEY.match(reference["key"]):
        yield fail(f"{told} names a key that no object can have.", "Use letters, digits, '-', '_' and '.'.")


def _whole_sources(values: dict[str, t.Any], label: str) -> t.Iterator[Finding]:
    """Whole Secrets and ConfigMaps: names in one list, references in the other."""
    names, froms = get(values, ("extraEnvVarsSecrets",)), get(values, ("additional_env_froms",))
    for name in items(names):
        if not isinstance(name, str) or not _OBJECT.match(name):
            message = f"extraEnvVarsSecrets ({label}) has an entry that is no name of a Secret."
            yield fail(message, "List the names alone: '- holmes-secrets'.")
    for source in items(froms):
        kinds = [key for key in source if key != "prefix"] if isinstance(source, dict) else []
        named = [get(source, (kind, "name")) for kind in kinds if kind in ("secretRef", "configMapRef")]
        if len(kinds) != 1 or not named or not isinstance(named[0], str) or not _OBJECT.match(named[0]):
            message = f"additional_env_froms ({label}) has an entry that names no whole Secret or ConfigMap."
            yield fail(message, "Write '- secretRef: {name: SECRET}' or '- configMapRef: {name: CONFIG}'.")


def _set_twice(case: Case, told: t.Container[str]) -> t.Iterator[Finding]:
    """The same variable in both lists, or from a key of the chart as well."""
    rendered, _more = _render_view.environment(case.rendered, case.request)
    for name in _repeated(rendered or [entry["name"] for entry in env_entries(case.values)]):
        if name not in told:
            message = (
                f"{name} is set twice: in additionalEnvVars and in additional_env_vars, or by the chart itself. "
                "Kubernetes keeps only the last."
            )
            own = _OF_THE_CHART.get(name)
            yield fail(message, f"Use {own} for it." if own else "Keep one of the two lists, or the chart's own key.")


def _kind(value: t.Any) -> str:
    """How a value that is no text is called."""
    names = {"bool": "yes/no value", "int": "number", "float": "number", "dict": "mapping"}
    return names.get(type(value).__name__, type(value).__name__)


def _names(given: t.Any) -> list[str]:
    found = [entry.get("name") for entry in items(given) if isinstance(entry, dict)]
    return [name for name in found if isinstance(name, str)]


def _repeated(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})

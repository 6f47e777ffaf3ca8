# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text from outside made fit for a report: no credential, no control character, plain types.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._mask import mask
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secret_mask import SHORTEST, hide
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secret_shapes import is_nothing

# Variables of the role whose texts are secrets, and the role's copy of the key that it read from the cluster.
SECRET_VARIABLES = (
    "holmes_secrets",
    "holmes_registry_password",
    "holmes_chart_repo_password",
    "holmes_kube_api_key",
    "__holmes_own_key",
)
# Of a kubeconfig only some keys are secret.
KUBECONFIG = "holmes_kubeconfig"
HIDING_VARIABLES = (*SECRET_VARIABLES, KUBECONFIG)
# What is secret in a kubeconfig that was given as a mapping.
_IN_KUBECONFIG = frozenset(("token", "password", "client-key-data"))

# An escape sequence of a terminal, and everything that XML or a terminal cannot take, or that turns the direction of
# reading. Tab and line feed are text.
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)")
_UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\xa0-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: str) -> str:
    """Without what would steer a terminal or is no character of XML."""
    return _UNPRINTABLE.sub("", _ESCAPE.sub("", str(text)))


def one_line(text: str, longest: int = 600) -> str:
    """Printable, in one line, without anything that looks like a credential; cut if it is too long for a sentence."""
    line = mask(" ".join(printable(text).split()))
    return line if len(line) <= longest else f"{line[: longest - 4]} ..."


def plain(value: t.Any) -> t.Any:
    """The same as types of JSON: what comes from Ansible is text of its own types."""
    return json.loads(json.dumps(value, default=str))


def secrets_of(variables: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    """The texts that are secret in the role's variables (already templated)."""
    found = {text for name in SECRET_VARIABLES for text in _texts(variables.get(name))}
    found |= set(_of_kubeconfig(variables.get(KUBECONFIG)))
    return tuple(sorted(text for text in found if len(text.strip()) >= SHORTEST and not is_nothing(text)))


def _texts(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, str):
        yield str(value)
    elif isinstance(value, t.Mapping):
        for entry in value.values():
            yield from _texts(entry)
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from _texts(entry)


def _of_kubeconfig(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, t.Mapping):
        for key, entry in value.items():
            yield from _texts(entry) if key in _IN_KUBECONFIG else _of_kubeconfig(entry)
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from _of_kubeconfig(entry)


def cleaned(checks: t.Iterable[t.Mapping[str, t.Any]], secrets: tuple[str, ...]) -> list[dict[str, t.Any]]:
    """Checks as a report may show them.

    A fix is our own sentence and may say ``api_key: {secret: ...}``, so only known secrets are hidden in it.
    """
    return [_cleaned(plain(check), secrets) for check in checks]


def _cleaned(check: dict[str, t.Any], secrets: tuple[str, ...]) -> dict[str, t.Any]:
    told = {key: _deep(check.get(key, ""), lambda text: hide(mask(text), secrets)) for key in ("title", "message")}
    return {
        **check,
        **told,
        "fix": _deep(check.get("fix") or "", lambda text: hide(text, secrets)),
        "evidence": _deep(check.get("evidence") or {}, lambda text: hide(mask(text), secrets)),
    }


def _deep(value: t.Any, change: t.Callable[[str], str]) -> t.Any:
    if isinstance(value, str):
        return change(printable(value))
    if isinstance(value, dict):
        return {change(printable(key)): _deep(entry, change) for key, entry in value.items()}
    if isinstance(value, list):
        return [_deep(entry, change) for entry in value]
    return value

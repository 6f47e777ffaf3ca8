# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Literal secrets in values: finding them and hiding them.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Values end in the pod's specification, in a ConfigMap that HolmesGPT itself may read, and in Helm's release Secret. So
they carry references only. What is written in clear is found by the name of its key or by its own shape.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import ENV_LISTS, Path, Values

MASK = "********"

# Names whose content is secret. "key" alone names a key of a Secret.
_NAME = re.compile(
    r"(?:^|[_.\-\s]|(?<=[a-z]))(?:(?:api|access|private|secret)[_-]?key|token|secret|password|passwd|passphrase"
    r"|credentials?|authorization)$",
    re.IGNORECASE,
)
_ENV_NAME = re.compile(
    r"(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|AUTHORIZATION)$", re.IGNORECASE
)
# Names that look alike but hold numbers or names of Secrets and of their keys.
_HARMLESS = re.compile(
    r"(?:max[_-]?(?:output[_-]?)?tokens?|secret[_-]?key|existing\w*secret|secret[_-]?name|\w+SecretKey)$", re.IGNORECASE
)
# Shapes of keys, whatever they are called.
_SHAPE = re.compile(
    r"(?:^|[\s\"'=:])(?:sk-[A-Za-z0-9_\-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|glpat-[\w\-]{16,}|xox[abp]-[\w\-]{10,}"
    r"|hf_[A-Za-z0-9]{20,}|AKIA[0-9A-Z]{16}|glsa_\w{20,}|eyJ[\w\-]{10,}\.eyJ[\w\-]{10,})"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----|://[^/\s:@]+:[^/\s@]+@"
)
# Placeholders for servers that want no key (facts: the guide's "none"), and references the server resolves.
_NOTHING = frozenset(
    {
        "",
        "none",
        "null",
        "empty",
        "dummy",
        "no-key",
        "no-key-required",
        "not-needed",
        "not-required",
        "unused",
        "false",
        "true",
    }
)
_REFERENCE = re.compile(
    r"(?:bearer\s+|basic\s+|token\s+)?(?:\{\{.*\}\}|envRef:\w+|\$[{(]\w+[)}]|os\.environ/\w+)\Z",
    re.IGNORECASE | re.DOTALL,
)


class Literal(t.NamedTuple):
    """A secret in clear: where it stands and, for hiding it, what it is. Never print ``text``."""

    path: Path
    text: str
    label: str


def literals(values: Values) -> list[Literal]:
    """Every literal secret of the values."""
    return list(_walk(values, ()))


def masked(values: Values) -> Values:
    """A copy in which literal secrets are stars."""
    hidden = {literal.path for literal in literals(values)}
    return t.cast(Values, _masked(values, (), hidden)) if hidden else values


def mask_text(text: str, secrets: t.Iterable[Literal]) -> str:
    """Free text, such as Helm's error, without the secrets or a line of them. Very short ones would only destroy it."""
    parts = {part for literal in secrets for part in (literal.text, *literal.text.splitlines()) if len(part) > 3}
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, MASK)
    return text


def is_secret(name: str, text: str) -> bool:
    """Whether text under this name is a secret in clear."""
    bare = text.strip()
    if bare.lower() in _NOTHING or _REFERENCE.match(bare):
        return False
    if _SHAPE.search(text):
        return True
    return bool(_NAME.search(name)) and not _HARMLESS.search(name)


def _walk(data: t.Any, path: Path, name: str = "") -> t.Iterator[Literal]:
    """``name`` is the nearest key; items of a list have that of the list."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _walk(value, (*path, str(key)), str(key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            step = (*path, str(index))
            if isinstance(value, dict) and _is_environment(path) and isinstance(value.get("name"), str):
                yield from _entry(value, step)
            else:
                yield from _walk(value, step, name)
    elif (
        isinstance(data, (str, int))
        and is_secret(name, str(data))
        and (isinstance(data, str) or "pass" in name.lower())
    ):
        # A number that is not called a password is a limit: "max_tokens: 4096".
        yield Literal(path, str(data), ".".join(path))


def _entry(entry: dict[str, t.Any], path: Path) -> t.Iterator[Literal]:
    """One variable: its name says what it holds, even if "value" is misspelled. A key in its place is not told."""
    name = entry["name"]
    if is_secret("", name):
        yield Literal((*path, "name"), name, f"{path[0]}: the name of a variable")
        name = "?"
    named = bool(_ENV_NAME.search(name)) and not _HARMLESS.search(name)
    for key, value in entry.items():
        if key == "name" or isinstance(value, bool):
            continue
        if not isinstance(value, (str, int)):
            yield from _walk(value, (*path, key), key)
        elif is_secret("password" if named else name, str(value)):
            yield Literal((*path, key), str(value), f"{path[0]}: {name}")


def _is_environment(path: Path) -> bool:
    return path in ENV_LISTS or path[-1:] in (("additionalEnvVars",), ("env",))


def _masked(data: t.Any, path: Path, hidden: set[Path]) -> t.Any:
    if isinstance(data, dict):
        return {key: _masked(value, (*path, str(key)), hidden) for key, value in data.items()}
    if isinstance(data, list):
        return [_masked(value, (*path, str(index)), hidden) for index, value in enumerate(data)]
    return MASK if path in hidden else data

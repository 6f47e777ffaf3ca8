# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Literal secrets in values: finding them and hiding them.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Values end in the pod's specification, in a ConfigMap that HolmesGPT itself may read, and in Helm's release Secret. So
they carry references only. What is written in clear is found by the name of its key, by its own shape, or inside a
longer text.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_secret_names as names
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_secret_shapes as shapes
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import ENV_LISTS, Path, Values
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secret_mask import MASK, hide
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secret_text import flag, inside

__all__ = ["MASK", "Literal", "is_secret", "literals", "mask_text", "masked"]

_SCHEME = re.compile(r"(?:bearer|basic|token|apikey|splunk)\s+", re.IGNORECASE)
_SEVERAL = re.compile(r"\s|://")
# Of names of objects in Kubernetes.
_OBJECT = re.compile(r"[a-z0-9](?:[a-z0-9.\-]*[a-z0-9])?\Z")
# A shorter secret is a word that may stand elsewhere by right.
_TELLING = 8


class Literal(t.NamedTuple):
    """A secret in clear. ``path`` and ``label`` tell where it stands; never print ``text`` and ``parts``.

    ``text`` is the whole text at that place, ``parts`` what is secret of it. A ``placeholder`` waits for its secret.
    ``is_key`` tells that it stands where the name of a key belongs, ``is_guess`` that only its look speaks for it.
    """

    path: Path
    text: str
    label: str
    parts: tuple[str, ...] = ()
    placeholder: bool = False
    is_key: bool = False
    is_guess: bool = False


def literals(values: Values) -> list[Literal]:
    """Every literal secret of the values."""
    return list(_walk(values, ()))


def masked(values: Values) -> Values:
    """A copy in which literal secrets are stars, also where one of them stands a second time under another name."""
    found = literals(values)
    if not found:
        return values
    telling = [part for literal in found for part in literal.parts if len(part) >= _TELLING]
    return t.cast(Values, _masked(values, (), {literal.path for literal in found if not literal.is_key}, telling))


def mask_text(text: str, secrets: t.Iterable[Literal]) -> str:
    """Free text, such as Helm's error, without the secrets or a line of them. Very short ones would only destroy it."""
    return hide(text, [part for literal in secrets for part in literal.parts])


def is_secret(name: str, text: str, variable: bool = False) -> bool:
    """Whether text under this name is a secret in clear, as a whole or in part."""
    return bool(_secret_parts(name, text, variable)[0])


def _secret_parts(name: str, text: str, variable: bool = False) -> tuple[tuple[str, ...], bool]:
    """What of a text under this name is secret, and whether that is only a guess."""
    bare, said = text.strip(), names.says(name, variable)
    found = shapes.shaped(text)
    if not found and shapes.is_nothing(bare):
        return (), False
    found = found or inside(text)
    named = said == names.YES and not _is_harmless(name, bare)
    named = named or (said == names.NAME_OF_SECRET and not _OBJECT.match(bare))
    # Of an address only a part can be secret, and shapes know it.
    guess = not found and not named and said != names.NO and shapes.is_random(bare) and not _SEVERAL.search(bare)
    if named or guess:
        found = [text, _SCHEME.sub("", bare, 1), *found]
    return tuple(dict.fromkeys(found)), guess


def _is_harmless(name: str, text: str) -> bool:
    """What stands under the name of a secret and is none: an address without a password, a limit."""
    if text.isdigit():
        return not names.is_password(name) and len(text) < _TELLING
    return text.startswith(("http://", "https://")) and not shapes.is_random(text)


def _walk(data: t.Any, path: Path, name: str = "") -> t.Iterator[Literal]:
    """``name`` is the nearest key; items of a list have that of the list, or of the option in front of them."""
    if isinstance(data, dict):
        for key, value in data.items():
            step = (*path, str(key))
            yield from _key(str(key), step)
            yield from _walk(value, step, "" if key == "secret" and _refers(data) else _below(name, str(key)))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            step = (*path, str(index))
            if isinstance(value, dict) and isinstance(value.get("name"), str):
                yield from _entry(value, step, _is_environment(path))
            else:
                yield from _walk(value, step, flag(data[index - 1]) if index and flag(data[index - 1]) else name)
    elif isinstance(data, str) or (isinstance(data, int) and names.is_password(name)):
        yield from _literal(path, str(data), _label(path), name)


def _below(name: str, key: str) -> str:
    """What a key says of its content: ``value`` below ``secret`` or ``apiKey`` is the secret itself."""
    return "password" if key == "value" and names.says(name) in (names.YES, names.NAME_OF_SECRET) else key


def _refers(data: dict[t.Any, t.Any]) -> bool:
    """Whether a mapping names a Secret and a key of it: {secret: NAME, key: KEY}."""
    name, key = data["secret"], data.get("key")
    return isinstance(name, str) and isinstance(key, str) and bool(_OBJECT.match(name)) and not shapes.is_random(name)


def _literal(path: Path, text: str, label: str, name: str, variable: bool = False) -> t.Iterator[Literal]:
    parts, guess = _secret_parts(name, text, variable)
    if parts:
        waits = all(shapes.is_placeholder(part) for part in parts)
        yield Literal(path, text, label, parts, placeholder=waits, is_guess=guess)


def _key(key: str, path: Path) -> t.Iterator[Literal]:
    """A secret where the name of a key belongs."""
    parts = tuple(shapes.shaped(key))
    if parts:
        yield Literal(path, key, _label(path), parts, is_key=True)


def _is_environment(path: Path) -> bool:
    return path in ENV_LISTS or path[-1:] in (("additionalEnvVars",), ("env",))


def _entry(entry: dict[str, t.Any], path: Path, variable: bool) -> t.Iterator[Literal]:
    """A named entry: a variable, whose name says what it holds even if "value" is misspelled, or such as a header."""
    name, place = entry["name"], _label(path[:-1])
    parts = tuple(shapes.shaped(name))
    if parts:
        yield Literal((*path, "name"), name, f"{place}: the name of {'a variable' if variable else 'an entry'}", parts)
    shown = "?" if parts else name
    for key, value in entry.items():
        step = (*path, str(key))
        yield from _key(str(key), step)
        told = (variable or key == "value") and isinstance(value, (str, int)) and not isinstance(value, bool)
        found = list(_literal(step, str(value), f"{place}: {shown}", name, variable)) if told and key != "name" else []
        yield from found or (_walk(value, step, str(key)) if key != "name" else ())


def _label(path: Path) -> str:
    """A path for a message; of a secret that stands where a key belongs only its place is told."""
    return ".".join("?" if shapes.shaped(step) else step for step in path)


def _masked(data: t.Any, path: Path, hidden: set[Path], telling: list[str]) -> t.Any:
    if isinstance(data, dict):
        return {
            hide(key, telling) if isinstance(key, str) else key: _masked(value, (*path, str(key)), hidden, telling)
            for key, value in data.items()
        }
    if isinstance(data, list):
        return [_masked(value, (*path, str(index)), hidden, telling) for index, value in enumerate(data)]
    if path in hidden:
        return MASK
    return hide(data, telling) if isinstance(data, str) else data

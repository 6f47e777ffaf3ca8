# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a live object contradicts what Helm recorded of it. Pure functions; no value that may be a secret comes out.

Private to this collection: it may change in any release. Imports nothing of Ansible.

What the API server fills in is no difference: of a mapping only what the record says counts. But where one more entry
is a change (data, rights, variables, selectors, ...), it is told.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._drift_strict import POWERS, counted, filled
from ansible_collections.holmesgpt.onprem.plugins.module_utils._drift_words import shown, words
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_compare import (
    ADDED,
    CHANGED,
    MISSING,
    covers,
    is_empty,
)

Path = tuple[str, ...]

# What an entry of these lists is known by.
_NAMES = {
    **dict.fromkeys(("containers", "initContainers", "env", "volumes", "imagePullSecrets"), "name"),
    "volumeMounts": "mountPath",
}
_ORDERED = ("args", "command")
# Text, in which "1000m" is not "1".
_TEXT = {"data", "binaryData", "labels", "annotations", "value", *_ORDERED}
# Stakater's Reloader restarts pods by such a variable of their template.
_RELOADER = re.compile(r"STAKATER_\w+\Z")


@dataclass(frozen=True)
class Change:
    """One contradiction: ``what`` in words, ``how``; a merge patch puts ``wanted`` (None: nothing) at ``where``."""

    where: Path
    wanted: t.Any
    what: str
    how: str

    @property
    def told(self) -> str:
        return f"{self.what} {self.how}"


@dataclass(frozen=True)
class _Place:
    """Where the comparison is: ``path`` of keys and entries; ``anchor`` is the list that a merge patch replaces."""

    path: Path = ()
    anchor: tuple[Path, t.Any] | None = None

    def key(self, name: str) -> _Place:
        return _Place((*self.path, name), self.anchor)

    def entry(self, name: str, whole: t.Any) -> _Place:
        return _Place((*self.path, name), self.anchor or (self.path, whole))

    def change(self, how: str, said: t.Any, live: t.Any = None) -> Change:
        where, wanted = self.anchor or (self.path, said)
        told = shown(self.path, said, live) if how == CHANGED else ""
        return Change(where, wanted, words(self.path), told or how)

    @property
    def keys(self) -> list[str]:
        return [step for step in self.path if not step.startswith("[")]


def differences(said: Object, live: Object) -> list[Change]:
    """What ``live`` has other than the recorded object ``said``, in the order of the record."""
    return list(_compare(_judged(said), _judged(live), _Place()))


def _judged(thing: Object) -> Object:
    notes = thing.get("metadata") or {}
    kept = {key: value for key, value in thing.items() if key not in ("apiVersion", "kind", "status", "metadata")}
    if kept.get("aggregationRule"):
        # A controller of the API server writes them.
        kept.pop("rules", None)
    return {"metadata": {key: notes.get(key) or {} for key in ("labels", "annotations")}, **kept}


def _compare(said: t.Any, live: t.Any, place: _Place) -> t.Iterator[Change]:
    strict = POWERS in place.keys
    if said is None or (said == "" and not _TEXT & set(place.keys)):
        return  # as good as unsaid: the API server fills it in
    if live is None and not is_empty(said, strict=strict):
        yield place.change(MISSING, said)
    elif isinstance(said, dict) and isinstance(live or {}, dict):
        yield from _mappings(said, live or {}, place)
    elif isinstance(said, list) and isinstance(live or [], list):
        yield from _lists(said, live or [], place)
    elif not _same(said, live, place):
        yield place.change(CHANGED, said, live)


def _same(said: t.Any, live: t.Any, place: _Place) -> bool:
    if _TEXT & set(place.keys):
        return str(said) == str("" if live is None else live)
    return covers(said, live, strict=POWERS in place.keys)


def _mappings(said: Object, live: Object, place: _Place) -> t.Iterator[Change]:
    for key, value in said.items():
        yield from _compare(value, live.get(key), place.key(str(key)))
    more = counted(place.keys, said, live)
    for key, value in live.items():
        if said.get(key) is None and (more is None or key in more) and not filled(place.keys, key, value):
            yield place.key(str(key)).change(ADDED, None)


def _lists(said: list[t.Any], live: list[t.Any], place: _Place) -> t.Iterator[Change]:
    last = place.keys[-1] if place.keys else ""
    if last in _ORDERED:
        if [str(one) for one in said] != [str(one) for one in live]:
            yield place.change(CHANGED, said, live)
        return
    name = _NAMES.get(last)
    pairs = _by_name(said, live, name) if name else _by_content(said, live, place)
    for entry, ours, theirs in pairs:
        here = place.entry(f"[{entry}]", said)
        if theirs is None:
            yield here.change(MISSING, ours)
        elif ours is not None:
            yield from _compare(ours, theirs, here)
        elif not (last == "env" and _RELOADER.match(entry)):
            yield here.change(ADDED, None)


Pair = tuple[str, t.Any, t.Any]


def _by_name(said: list[t.Any], live: list[t.Any], name: str) -> list[Pair]:
    """Of several with one name the last one counts, as for Kubernetes."""
    ours, theirs = ({str(one.get(name)): one for one in some if isinstance(one, dict)} for some in (said, live))
    return [(key, ours.get(key), theirs.get(key)) for key in dict.fromkeys([*ours, *theirs])]


def _by_content(said: list[t.Any], live: list[t.Any], place: _Place) -> list[Pair]:
    """Entries that are equal find each other wherever they stand; what remains is compared place by place."""
    ours, theirs = dict(enumerate(said)), dict(enumerate(live))
    for number, one in list(ours.items()):
        for other, candidate in theirs.items():
            if not any(_compare(one, candidate, place.entry(f"[{number}]", said))):
                del ours[number], theirs[other]
                break
    return [(str(number), ours.get(number), theirs.get(number)) for number in sorted({*ours, *theirs})]

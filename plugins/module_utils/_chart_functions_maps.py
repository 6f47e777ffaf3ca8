# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the functions of a Helm template do with maps and lists.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_flow import Flow
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_reads import ANY
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_refs import (
    FILE,
    LITERAL,
    NOTHING,
    NUMBER,
    OBJECT,
    OPAQUE,
    PART,
    PATTERN,
    UNKNOWN,
    VALUE,
    Ref,
    Refs,
    joined,
    place,
)

Args = list[Refs]
_ANY_KEY = (ANY,)
# From the arguments to the result; the last argument names the object that the function makes, if it makes one.
Function = t.Callable[[Flow, Args, Ref], Refs]


def literals(refs: Refs) -> list[str] | None:
    """The texts that this can be, or None if they are not known. No reference at all means: nothing so far."""
    return sorted(ref[1] for ref in refs) if all(ref[0] == LITERAL for ref in refs) else None


def keys(refs: Refs) -> list[str]:
    """The keys that this can be."""
    if all(ref[0] in (LITERAL, NUMBER) for ref in refs):
        return sorted(place(ref[1]) if ref[0] == NUMBER else str(ref[1]) for ref in refs)
    return [ANY]


def key_names(flow: Flow, refs: Refs) -> Refs:
    """The keys of a map as they come out of ``keys`` and ``range``; those of files are their names."""
    found: set[Ref] = {(PATTERN, ref[1]) for ref in refs if ref[0] == FILE}
    for ref in flow.spread(refs):
        flow.note(ref)
        known = flow.fields.get(ref, _ANY_KEY) if ref[0] == OBJECT else () if ref[0] == FILE else _ANY_KEY
        found.update((OPAQUE,) if key == ANY or key.startswith(place("")) else (LITERAL, key) for key in known)
    return frozenset(found)


def below(flow: Flow, refs: Refs, names: Refs) -> Refs:
    if all(ref[0] in (LITERAL, PART) for ref in names) and any(ref[0] == PART for ref in names):
        # Only some parts belong together, but it is not known which: what the chart ships tells.
        maps = frozenset(ref for ref in refs if ref[0] != VALUE or ref in flow.maps)
        return joined([flow.step(maps, ref[1]) for ref in names])
    return joined([flow.step(refs, key) for key in keys(names)])


def index(flow: Flow, args: Args, _site: Ref) -> Refs:
    found = joined(args[:1])
    for names in args[1:]:
        flow.use(names)
        found = below(flow, found, names)
    return found


def dig(flow: Flow, args: Args, site: Ref) -> Refs:
    found = index(flow, [joined(args[-1:]), *args[:-2]], site)
    flow.touch(found)
    return found | joined(args[-2:-1])


def has_key(flow: Flow, args: Args, site: Ref) -> Refs:
    flow.touch(index(flow, args, site))
    return UNKNOWN


def pick(flow: Flow, args: Args, site: Ref) -> Refs:
    flow.use(joined(args[1:]))
    for names in args[1:]:
        for key in keys(names):
            flow.store(site, key, flow.step(args[0], key))
    return frozenset({site})


def pluck(flow: Flow, args: Args, site: Ref) -> Refs:
    return gathered(flow, index(flow, [joined(args[1:]), *args[:1]], site), site)


def make_dict(flow: Flow, args: Args, site: Ref) -> Refs:
    flow.fields.setdefault(site, {})
    for names, value in zip(args[::2], args[1::2]):
        flow.use(names)
        for key in keys(names):
            flow.store(site, key, value)
    return frozenset({site})


def put(flow: Flow, args: Args, _site: Ref) -> Refs:
    target, names, value = [*args, NOTHING, NOTHING, NOTHING][:3]
    flow.use(names)
    for ref in target:
        if ref[0] in (VALUE, OBJECT):
            for key in keys(names):
                flow.store(ref, key, value)
    return target


def merge(flow: Flow, args: Args, _site: Ref) -> Refs:
    target, others = joined(args[:1]), joined(args[1:])
    for ref in target:
        if ref[0] in (VALUE, OBJECT):
            flow.merge(ref, others - {ref})
    followed = target and all(ref[0] in (VALUE, OBJECT) for ref in target)
    return target if followed else target | others


def copy(flow: Flow, args: Args, site: Ref) -> Refs:
    """Its own object, so that what is written to it does not show in the original."""
    refs = joined(args[:1])
    containers = frozenset(ref for ref in refs if ref[0] in (VALUE, OBJECT))
    flow.merge(site, containers)
    return refs - containers | ({site} if containers else NOTHING)


def make_list(flow: Flow, args: Args, site: Ref) -> Refs:
    flow.fields.setdefault(site, {})
    for number, value in enumerate(args):
        flow.store(site, place(number), value)
    return frozenset({site})


def gathered(flow: Flow, refs: Refs, site: Ref) -> Refs:
    """A list of all these, in any order."""
    flow.store(site, ANY, refs)
    return frozenset({site})


def append(flow: Flow, args: Args, site: Ref) -> Refs:
    return gathered(flow, flow.step(joined(args[:1]), ANY) | joined(args[1:]), site)


def concat(flow: Flow, args: Args, site: Ref) -> Refs:
    """A list of what stands in all arguments."""
    inner = flow.step(joined(args), ANY)
    flow.touch(inner)
    return gathered(flow, inner, site)


def chosen(flow: Flow, args: Args, site: Ref) -> Refs:
    """A list of some elements of the first argument."""
    flow.use(joined(args[1:]))
    return concat(flow, args[:1], site)


def chunk(flow: Flow, args: Args, site: Ref) -> Refs:
    flow.use(joined(args[:-1]))
    return gathered(flow, joined(args[-1:]), site)


def list_keys(flow: Flow, args: Args, site: Ref) -> Refs:
    flow.touch(flow.step(joined(args), ANY))
    return gathered(flow, key_names(flow, joined(args)), site)


def element(flow: Flow, args: Args, _site: Ref) -> Refs:
    flow.touch(joined(args))
    return flow.step(joined(args), ANY)


MAPS: dict[str, Function] = {
    **dict.fromkeys(("index", "get"), index),
    **dict.fromkeys(("first", "last"), element),
    **dict.fromkeys(("list", "tuple"), make_list),
    **dict.fromkeys(("append", "push", "prepend"), append),
    **dict.fromkeys(("concat", "values", "rest", "reverse", "uniq", "compact", "sortAlpha"), concat),
    **dict.fromkeys(("slice", "without"), chosen),
    **dict.fromkeys(("merge", "mergeOverwrite"), merge),
    "dig": dig,
    "hasKey": has_key,
    "pick": pick,
    "pluck": pluck,
    "dict": make_dict,
    "set": put,
    "chunk": chunk,
    "deepCopy": copy,
    "keys": list_keys,
}

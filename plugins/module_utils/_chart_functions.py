# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the functions of a Helm template do with what is given to them.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Names and meanings are those of Helm's engine, of sprig 3 and of Go's text/template. A function that is not listed uses
up its arguments and makes a text of them.
"""

from __future__ import annotations

import itertools
import math
import re

from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_flow import Flow
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_functions_maps import (
    MAPS,
    Args,
    Function,
    literals,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_reads import ANY
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_refs import (
    LITERAL,
    NUMBER,
    PART,
    PATTERN,
    UNKNOWN,
    Ref,
    Refs,
    joined,
)

# Ways to put a text together.
_MOST = 64
_VERB = re.compile(r"%(%|[-+# 0-9.]*[a-zA-Z])")


def apply(flow: Flow, name: str, args: Args, site: Ref) -> Refs:
    """The result of a function; ``site`` names the object that it makes, if it makes one."""
    short = name[4:5].lower() + name[5:] if name.startswith("must") else name
    return FUNCTIONS.get(short, _text)(flow, args, site)


def _text(flow: Flow, args: Args, _site: Ref) -> Refs:
    flow.use(joined(args))
    return flow.text(joined(args)) if args else UNKNOWN


def _used(flow: Flow, args: Args, _site: Ref) -> Refs:
    flow.use(joined(args))
    return UNKNOWN


def _choose(flow: Flow, args: Args, _site: Ref) -> Refs:
    """One of the arguments, by what they are."""
    flow.touch(joined(args))
    return joined(args)


def _ternary(flow: Flow, args: Args, _site: Ref) -> Refs:
    flow.touch(joined(args[2:]))
    return joined(args[:2])


def _required(flow: Flow, args: Args, _site: Ref) -> Refs:
    flow.use(joined(args[:-1]))
    flow.touch(joined(args[-1:]))
    return joined(args[-1:])


def _ask(flow: Flow, args: Args, _site: Ref) -> Refs:
    """A question about a value that does not use what is below it."""
    flow.touch(joined(args))
    return UNKNOWN


def _length(flow: Flow, args: Args, site: Ref) -> Refs:
    flow.touch(flow.step(joined(args), ANY))
    return _ask(flow, args, site)


def _first_argument(flow: Flow, args: Args, _site: Ref) -> Refs:
    flow.use(joined(args[1:]))
    return joined(args[:1])


def _split(flow: Flow, args: Args, site: Ref) -> Refs:
    """Texts that are known stay known: charts walk along "a.b.c" in the values this way."""
    signs, texts = (literals(joined(args[place : place + 1])) for place in (0, 1))
    if signs is None or texts is None:
        return _text(flow, args, site)
    pieces = (piece for text in texts for sign in signs for piece in (text.split(sign) if sign else text))
    flow.store(site, ANY, frozenset((PART, piece) for piece in pieces))
    return frozenset({site})


def _printf(flow: Flow, args: Args, site: Ref) -> Refs:
    formats = literals(joined(args[:1]))
    if formats is None:
        return _text(flow, args, site)
    rows: list[list[str]] = []
    for text in formats:
        words = [_words(arg) for arg in reversed(args[1:])]
        pieces = [[piece] for piece in _VERB.split(text)]
        # Between the pieces stand the verbs.
        for at in range(1, len(pieces), 2):
            pieces[at] = ["%"] if pieces[at] == ["%"] else words.pop() if words else ["*"]
        rows += _combined(pieces)
    return _written(flow, rows, args)


def _print(flow: Flow, args: Args, _site: Ref) -> Refs:
    return _written(flow, _combined([_words(arg) for arg in args]), args)


def _words(refs: Refs) -> list[str]:
    """The texts and patterns that this can be, as a part of longer ones."""
    known = all(ref[0] in (LITERAL, PATTERN) for ref in refs)
    return sorted({str(ref[1]) for ref in refs}) if known else ["*"]


def _combined(parts: list[list[str]]) -> list[list[str]]:
    """Every way to choose one of each; with too many of them, what has a choice counts as unknown."""
    many = math.prod(map(len, parts)) > _MOST
    return [list(row) for row in itertools.product(*([["*"] if many and len(part) > 1 else part for part in parts]))]


def _written(flow: Flow, rows: list[list[str]], args: Args) -> Refs:
    """Texts, put together; a * stands for what is not known of them."""
    flow.use(joined(args))
    texts = map("".join, rows)
    # An argument that is nothing so far will be something when this is asked again.
    found = frozenset((PATTERN if "*" in text else LITERAL, text) for text in texts if all(args))
    return found | flow.text(frozenset(ref for ref in joined(args) if ref[0] not in (LITERAL, PATTERN, NUMBER)))


FUNCTIONS: dict[str, Function] = {
    **MAPS,
    **dict.fromkeys(("default", "or", "and", "coalesce"), _choose),
    **dict.fromkeys(("not", "empty", "all", "any", "eq", "ne", "lt", "le", "gt", "ge"), _ask),
    **dict.fromkeys(("kindIs", "kindOf", "typeIs", "typeIsLike", "typeOf", "hasPrefix", "hasSuffix"), _ask),
    **dict.fromkeys(("lookup", "fail", "has", "deepEqual", "until", "untilStep", "seq", "now", "uuidv4"), _used),
    **dict.fromkeys(("omit", "unset", "initial"), _first_argument),
    **dict.fromkeys(("split", "splitList"), _split),
    "ternary": _ternary,
    "required": _required,
    "len": _length,
    "printf": _printf,
    "print": _print,
}

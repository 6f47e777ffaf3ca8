# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an upgrade changes in the objects, as lines of a unified diff without secrets. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import base64
import difflib
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._mask import mask
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_view import Manifest, title_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._upgrade_objects import compare
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secret_mask import hide
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secrets import masked

# As much as a person reads; a longer line is a certificate or a script.
MOST, LONGEST = 400, 240
_HIDDEN = "(hidden)"
_HOLDERS = ("data", "stringData")


def lines(
    old: t.Iterable[Manifest], new: t.Iterable[Manifest], namespace: str = "", known: t.Iterable[str] = ()
) -> list[str]:
    """Both manifests object by object; what is equal is left out, and at most :data:`MOST` lines are shown.

    The texts of Secrets and the ``known`` ones are hidden wherever they stand, also encoded.
    """
    old, new = list(old), list(new)
    secret = sorted({*known, *(text for manifest in (*old, *new) for text in _texts(manifest))} - {""})
    found: list[str] = []
    objects = compare(old, new, namespace)
    pairs: list[tuple[Manifest | None, Manifest | None]] = [*objects.changed]
    pairs += [(None, one) for one in objects.added]
    pairs += [(one, None) for one in objects.removed]
    for before, after in pairs:
        found += _of_object(before, after, secret)
    left = len(found) - MOST
    return [*found[:MOST], f"... {left} lines more are left out"] if left > 0 else found


def _of_object(before: Manifest | None, after: Manifest | None, secret: t.Sequence[str]) -> list[str]:
    title = title_of(after or before or {})
    names = (title if before else "/dev/null", title if after else "/dev/null")
    one, two = _shown(before, secret), _shown(after, secret)
    found = list(difflib.unified_diff(one, two, *names, lineterm="", n=2))
    return [_cut(line) for line in found] or [f"--- {names[0]}", f"+++ {names[1]}", "  (only hidden texts differ)"]


def _shown(manifest: Manifest | None, secret: t.Sequence[str]) -> list[str]:
    if manifest is None:
        return []
    text = _yaml_text.dump(masked(_without_data(manifest)))
    return [mask(hide(line, secret)) for line in text.splitlines()]


def _without_data(manifest: Manifest) -> Manifest:
    """A Secret with its keys only."""
    if manifest.get("kind") != "Secret":
        return manifest
    held = {key: manifest[key] for key in _HOLDERS if isinstance(manifest.get(key), dict)}
    return {**manifest, **{key: dict.fromkeys(data, _HIDDEN) for key, data in held.items()}}


def _texts(manifest: Manifest) -> t.Iterator[str]:
    """What a Secret holds, in clear and as it stands there."""
    for key in _HOLDERS if manifest.get("kind") == "Secret" else ():
        data = manifest.get(key)
        for text in data.values() if isinstance(data, dict) else ():
            yield str(text)
            if key == "data":
                try:
                    yield base64.b64decode(str(text), validate=True).decode()
                except ValueError:
                    continue


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``upgrade.images``: which images come, change and go. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import listed
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_view import Manifest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._upgrade_say import IMAGES, passed
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered


def judge(old: t.Sequence[Manifest], new: t.Sequence[Manifest]) -> Check:
    """Images of containers, and of pods that are started later, before and after."""
    before, after = _images(old), _images(new)
    gone, come = set(before.values()) - set(after.values()), set(after.values()) - set(before.values())
    changed = {
        f"{before[place]} -> {after[place]}": (before[place], after[place])
        for place in before
        if before[place] in gone and after.get(place) in come
    }
    added = sorted(come - {new_one for _old, new_one in changed.values()})
    removed = sorted(gone - {old_one for old_one, _new in changed.values()})
    sentences = [
        f"{verb}: {listed(sorted(names))}."
        for verb, names in (("Changed", changed), ("New", added), ("No longer used", removed))
        if names
    ]
    evidence = {"before": sorted(set(before.values())), "after": sorted(set(after.values()))}
    return passed(IMAGES, " ".join(sentences) or "The images stay the same.", **evidence)


def _images(manifests: t.Sequence[Manifest]) -> dict[str, str]:
    """Image by where it runs: object and container, or what names it for later."""
    rendered = Rendered(manifests=tuple(manifests))
    found = {
        f"{view.title_of(manifest)}: {container.get('name')}": str(container.get("image"))
        for manifest, container in view.running(rendered)
        if container.get("image")
    }
    return {**{f"later: {image}": image for image in view.later_images(rendered)}, **found}

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What going back would change, and what it does not bring back.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions over revisions.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import listed
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import DEPLOYED, Release
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollback_choose import chart_of, table, told
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_mark import ROLLOUT_ANNOTATION, unmarked
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secrets import literals, mask_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import Voice

ROLLBACK = "release.rollback"
IMAGES = "release.images"
TITLES = {ROLLBACK: "The revision to go back to", IMAGES: "Images of the revision to go back to"}
SAY = Voice(TITLES)
_KEEP = ("metadata", "annotations", "helm.sh/resource-policy")
_SECRETS = (
    "Secrets were changed since that revision, and their present content stays: a key or password that was replaced "
    "does not come back."
)
_SECRETS_FIX = "If the new content is at fault, correct holmes_secrets (or holmes_registry_password) and run site.yml."


def rollback_check(newest: Release, chosen: Release, revisions: t.Sequence[Release]) -> Check:
    """``release.rollback`` for a revision that may be gone back to; ``newest`` is Helm's newest one."""
    evidence: dict[str, t.Any] = {"from": _row(newest), "to": _row(chosen)}
    if chosen.revision == newest.revision and newest.status == DEPLOYED:
        message = (
            f"Nothing to do: revision {newest.revision} ({chart_of(newest)}) is deployed and is what was asked for."
        )
        more = f" To go further back, choose one with holmes_rollback_revision: {table(revisions)}."
        return SAY.passed(ROLLBACK, message + more, **evidence)
    keys, gone = changed_keys(newest, chosen), vanishing(newest, chosen)
    evidence.update(values=keys, vanish=gone)
    message = (
        f"From revision {newest.revision} ({chart_of(newest)}, {told(newest)}) back to {chosen.revision} "
        f"({chart_of(chosen)}, of {chosen.last_deployed[:19] or 'an unknown time'}). "
        f"Values that change: {listed(keys) or 'none'}. Objects that vanish: {listed(gone) or 'none'}. "
        "Custom resource definitions stay as they are."
    )
    if _token(newest) != _token(chosen):
        return SAY.warned(ROLLBACK, f"{message} {_SECRETS}", _SECRETS_FIX, **evidence)
    return SAY.passed(ROLLBACK, message, **evidence)


def changed_keys(newest: Release, chosen: Release) -> list[str]:
    """Dotted paths of values that differ, without the annotation that is made from the Secrets. No value is in them."""
    before, after = dict(_leaves(unmarked(newest.config))), dict(_leaves(unmarked(chosen.config)))
    paths = sorted(path for path in {*before, *after} if path not in before or before.get(path) != after.get(path, ...))
    secrets = [*literals(newest.config), *literals(chosen.config)]
    return [mask_text(path, secrets) for path in paths]


def vanishing(newest: Release, chosen: Release) -> list[str]:
    """Objects of the newest revision that the chosen one does not have; Helm deletes them, unless they say keep."""
    have = {_title(thing) for thing in objects(chosen)}
    return sorted({_title(thing) for thing in objects(newest) if get(thing, _KEEP) != "keep"} - have)


def objects(release: Release) -> list[dict[str, t.Any]]:
    """The recorded objects (without hooks); none if the manifest is not readable."""
    try:
        documents = _yaml_text.load_all(release.manifest, "The recorded manifest")
    except HolmesError:
        return []
    return [document.data for document in documents if isinstance(document.data, dict)]


def _title(thing: t.Mapping[str, t.Any]) -> str:
    namespace = str(get(dict(thing), ("metadata", "namespace")) or "")
    where = f" in {namespace}" if namespace else ""
    return f"{thing.get('kind')}/{get(dict(thing), ('metadata', 'name'))}{where}"


def _leaves(value: t.Any, path: str = "") -> t.Iterator[tuple[str, t.Any]]:
    if isinstance(value, dict) and value:
        for key, entry in value.items():
            yield from _leaves(entry, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def _token(release: Release) -> str:
    return str(get(release.config, ("podAnnotations", ROLLOUT_ANNOTATION)) or "")


def _row(release: Release) -> dict[str, t.Any]:
    return {"revision": release.revision, "status": release.status, "chart": chart_of(release)}

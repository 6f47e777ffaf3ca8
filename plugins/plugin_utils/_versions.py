# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ran and what runs, as the evidence of the checks has it. Private to this collection.

Imports nothing of Ansible.
"""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import yaml

_ROOT = Path(__file__).resolve().parents[2]

# The name in the report, and where to look, best first: check, then keys of its evidence.
_PLACES: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    ("helm", (("host.helm", "version"),)),
    ("kubernetes", (("cluster.version", "version"), ("cluster.api", "version"))),
    ("chart", (("verify.release", "chart"),)),
    ("chart_sha256", (("verify.chart", "live", "sha256"),)),
    ("holmesgpt", (("verify.release", "app_version"),)),
    ("revision", (("verify.release", "revision"),)),
    ("values_sha256", (("verify.values", "live"),)),
)


def collection_version() -> str:
    """The version of this collection: of the built one, else of the checkout; empty if neither says it."""
    try:
        manifest = json.loads((_ROOT / "MANIFEST.json").read_text(encoding="utf-8"))
        return str(manifest["collection_info"]["version"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    try:
        return str(yaml.safe_load((_ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"])
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return ""


def versions_of(checks: t.Iterable[t.Mapping[str, t.Any]], ansible_core: str) -> dict[str, t.Any]:
    """Versions by name, as text; what nobody found out is left out. ``images`` has each running image with digest."""
    evidence = {check["id"]: check.get("evidence") or {} for check in checks}
    found = {"ansible_core": ansible_core, "collection": collection_version()}
    for name, places in _PLACES:
        value = next(filter(None, (_at(evidence, place) for place in places)), None)
        found[name] = "" if value is None else str(value)
    versions: dict[str, t.Any] = {name: value for name, value in found.items() if value}
    images = _images(_at(evidence, ("verify.image", "images")) or _of_pods(_at(evidence, ("verify.rollout", "pods"))))
    return {**versions, "images": images} if images else versions


def _at(value: t.Any, keys: tuple[str, ...]) -> t.Any:
    for key in keys:
        value = value.get(key) if isinstance(value, t.Mapping) else None
    return value


def _of_pods(pods: t.Any) -> list[t.Any]:
    found = [pod.get("images") for pod in pods or () if isinstance(pod, t.Mapping)]
    return [image for images in found if isinstance(images, list) for image in images]


def _images(listed: t.Any) -> list[dict[str, str]]:
    """Each image once, however many pods run it."""
    found = {}
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, t.Mapping):
            image = {key: str(entry.get(key) or "") for key in ("container", "image")}
            image["digest"] = str(entry.get("image_id") or "").rpartition("@")[2]
            found[tuple(image.values())] = image
    return [found[key] for key in sorted(found)]

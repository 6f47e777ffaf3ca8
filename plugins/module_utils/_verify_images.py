# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``verify.image``: which images the pods run, and whether they come from the mirror.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._image_reference import from_registry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object
from ansible_collections.holmesgpt.onprem.plugins.module_utils._podstate import statuses
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_checks import (
    Intent,
    failed,
    passed,
    unchecked,
    warned,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import Workload, pod_spec

CHECK = "verify.image"
# OpenShift's runtime: from 1.28 on it tells its own number of every image, and no digest.
CRI_O = "cri-o"
Image = dict[str, str]
_NO_DIGEST = "Give 'image_registry' (holmes_image_registry), too, to have the references judged."


def images_of(pod: Object) -> list[Image]:
    """``{container, image, image_id, runtime}`` for each container, those before the start included."""
    seen = {str(status.get("name")): status for status in statuses(pod)}
    return [_image(entry, seen.get(str(entry.get("name"))) or {}) for entry in _containers(pod.get("spec") or {})]


def own_containers(workload: Workload) -> set[str]:
    """The containers that the Deployment itself asks for. A pod may have more: admission webhooks add theirs."""
    return {str(entry.get("name")) for entry in _containers(pod_spec(workload.deployment))}


def judge_images(images: list[Image], intent: Intent, own: t.Collection[str] | None = None) -> Check:
    """``verify.image``: references and digests of all containers, against the mirror and against what is locked.

    ``own``: the Deployment's containers, all if None. Nobody's variables decide about others, so they never fail.
    """
    mine = [entry for entry in images if own is None or entry["container"] in own]
    registry = intent.image_registry
    other = _other_content(mine, intent.image_digests)
    if other:
        fix = "Restart the pods if the image was pushed again under the same tag, or correct holmes_image_digests."
        return failed(CHECK, f"{'; '.join(other)}.", fix, images=images)
    if not registry and not intent.image_digests:
        fix = "Give 'image_registry' (holmes_image_registry)."
        return unchecked(CHECK, "No registry was expected.", fix, images=images)
    foreign = _foreign(mine, registry)
    if foreign:
        message = f"Not from {registry}: {', '.join(sorted({entry['image'] for entry in foreign}))}."
        fix = (
            "Set holmes_image_registry and holmes_image (and the image of each add-on in holmes_values) to the mirror."
        )
        return failed(CHECK, message, fix, images=images)
    injected = [entry for entry in images if entry not in mine]
    told = [found for found in (_unproven(mine, registry), _added(injected, registry)) if found]
    if told:
        message, fix = " ".join(one[0] for one in told), " ".join(one[1] for one in told)
        return warned(CHECK, message, fix, images=images)
    silent = sorted({entry["image"] for entry in mine if not _digest(entry)})
    if silent and not registry:
        return unchecked(CHECK, f"The runtime tells no digest of {', '.join(silent)}.", _NO_DIGEST, images=images)
    return passed(CHECK, _all_well(mine, intent, silent), images=images)


def _containers(spec: Object) -> list[Object]:
    return list(spec.get("initContainers") or []) + list(spec.get("containers") or [])


def _image(container: Object, status: Object) -> Image:
    return {
        "container": str(container.get("name", "")),
        "image": str(container.get("image", "")),
        "image_id": str(status.get("imageID") or ""),
        "runtime": str(status.get("containerID") or "").partition("://")[0],
    }


def _foreign(images: list[Image], registry: str) -> list[Image]:
    return [entry for entry in images if registry and not from_registry(entry["image"], registry)]


def _unproven(images: list[Image], registry: str) -> tuple[str, str] | None:
    """Images whose reference is right, but whose content the node has from elsewhere, or may have."""
    if not registry:
        return None
    named = {entry["image_id"] for entry in images if "@" in entry["image_id"]}
    elsewhere = sorted(one for one in named if not _id_fits(one, registry))
    # containerd and Docker name the registry of what they pulled; without it nothing is known, for CRI-O least of all.
    nameless = sorted({entry["image"] for entry in images if not _digest(entry) and entry["runtime"] != CRI_O})
    told = (
        [f"the node knows the content as {', '.join(elsewhere)}: loaded by hand, or pulled from elsewhere"]
        if elsewhere
        else []
    )
    if nameless:
        told.append(f"the runtime tells no digest of {', '.join(nameless)}, as of images that were loaded by hand")
    if not told:
        return None
    return (
        f"The references name {registry}, but {'; '.join(told)}. This does not prove a pull from the mirror.",
        "Remove the image from the node and restart the pod, if the mirror must be proven.",
    )


def _added(injected: list[Image], registry: str) -> tuple[str, str] | None:
    """Containers that only the pods have, with images from elsewhere."""
    foreign = sorted({f"{entry['container']} ({entry['image']})" for entry in _foreign(injected, registry)})
    if not foreign:
        return None
    return (
        f"Not from {registry}, but not of the Deployment either: {', '.join(foreign)}. A webhook put it into the pods.",
        "Point what adds these containers (service mesh, agent) to the mirror, or have it leave out this namespace.",
    )


def _all_well(images: list[Image], intent: Intent, silent: list[str]) -> str:
    """What was found right, and what the runtime does not tell."""
    registry = intent.image_registry
    digests = sorted({digest[:19] for digest in (_digest(entry) for entry in images) if digest})
    locks = intent.image_digests
    compared = {
        entry["image"] for entry in images if _digest(entry) and _digest(entry) == _locked(entry["image"], locks)
    }
    told = f", {len(compared)} of them by digest" if compared else ""
    where = f" come from {registry}" if registry else " are the expected ones"
    listed = f" ({', '.join(digests)})" if digests else ""
    if not silent:
        return f"All images{where}{told}{listed}."
    unknown = f"the runtime does not tell digests of {', '.join(silent)}, so their content was not compared"
    return f"All references name {registry}{told}{listed}; {unknown}."


def _other_content(images: list[Image], digests: t.Mapping[str, str]) -> list[str]:
    """Images whose running content is not what the reference or ``digests`` says; runtimes may tell no digest."""
    told = []
    for entry in images:
        wanted, runs = _locked(entry["image"], digests), _digest(entry)
        # CRI-O may tell the digest of the platform's image where an index was asked for.
        if wanted and runs and runs != wanted and entry["runtime"] != CRI_O:
            told.append(f"{entry['image']} runs as {runs[:19]}, {wanted[:19]} was expected")
    return sorted(set(told))


def _digest(entry: Image) -> str:
    """The manifest's digest. Without an "@" it is none: loaded by hand, or the runtime tells only its own number."""
    _name, at, digest = entry["image_id"].rpartition("@")
    return digest if at else ""


def _locked(image: str, digests: t.Mapping[str, str]) -> str:
    """The digest that an image must have: its reference's own, else the one given for the reference; or none."""
    return image.partition("@")[2] or str(digests.get(image) or "")


def _id_fits(image_id: str, registry: str) -> bool:
    """An identity as runtimes write it: "host/name@digest", with "docker-pullable://" in front or not."""
    return from_registry(image_id.rpartition("://")[2], registry)

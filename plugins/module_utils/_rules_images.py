# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about the images in the rendered chart: legal references, and where they come from.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _image_reference as reference
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._profile import AIRGAP
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_origin import origin
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    listed,
    rule,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_render import on_manifests
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

# The tag in HolmesGPT's source tree; its release job writes the real one.
_PLACEHOLDER = "0.0.0"
_ALWAYS = "Always"


@rule("render.image_reference", "Every image is named by a legal reference with a version")
@on_manifests
def image_reference(case: Case) -> t.Iterator[Finding]:
    found = view.images(case.rendered)
    for image, owner in found.items():
        parts = reference.parse(image)
        if parts is None:
            message = f"{owner} names the image '{image}', which is no legal reference."
            yield fail(message, "Write holmes_image_registry without a scheme and holmes_image as NAME:TAG.")
        elif not parts.digest and parts.tag == _PLACEHOLDER:
            message = f"{owner} runs '{image}': {_PLACEHOLDER} stands in HolmesGPT's source and was never published."
            yield fail(message, _tag_fix(case, owner))
        elif not parts.digest and parts.tag in ("", "latest"):
            message = f"{owner} runs '{image}', which may be another image tomorrow."
            yield warn(message, _tag_fix(case, owner))
    yield good(listed(found) or "No images")


def _tag_fix(case: Case, owner: str) -> str:
    return f"Set {_option(case, owner)} to NAME:TAG with a released version, or to NAME@sha256:DIGEST."


@rule("render.images", "Every image comes from the site's registry", excusable=True)
@on_manifests
def images(case: Case) -> t.Iterator[Finding]:
    found, pulled = view.images(case.rendered), _pulled(case)
    for image, owner in found.items():
        if reference.parse(image):  # render.image_reference speaks of the others
            yield from _source(case, image, owner, _option(case, owner), image in pulled)
    for image, owner in view.later_images(case.rendered).items():
        if image not in found and reference.parse(image):
            source = origin(case, owner.partition("/")[2])
            option = f"the images in {source}.config" if source else "the value it is in"
            yield from _source(case, image, owner, option, False)
    yield good(listed(found) or "No images", images=list(found))


def _source(case: Case, image: str, owner: str, option: str, pulled: bool) -> t.Iterator[Finding]:
    """Where an image comes from. ``option`` is what to set otherwise; ``pulled``: at every start."""
    registry, airgap = _registry(case), case.request.profile == AIRGAP
    host = reference.host_of(image)
    if registry and not reference.from_registry(image, registry):
        told = fail if airgap else warn
        message = f"{owner} names '{image}', which does not come from {registry.partition('/')[0]}."
        yield told(message, f"Set {option} to the mirror.", subject=image, image=image)
    elif airgap and reference.is_public(host):
        told = fail if pulled else warn
        message = f"{owner} runs '{image}' from {host}, a public registry; " + (
            "it is pulled at every start (imagePullPolicy Always), so even the image on the node does not help."
            if pulled
            else "a cut-off cluster has it only if it was loaded on every node by hand."
        )
        fix = f"Set {option} to the site's mirror; its host has a dot or a port."
        yield told(message, fix, subject=image, image=image)


def _pulled(case: Case) -> set[str]:
    """Images that have to be pulled at every start."""
    running = [container for _owner, container in view.running(case.rendered)]
    return {str(container.get("image") or "") for container in running if _always(container)}


def _always(container: t.Mapping[str, t.Any]) -> bool:
    """Whether Kubernetes pulls the image at every start; ``latest`` it does, unless told otherwise."""
    parts = reference.parse(str(container.get("image") or ""))
    moving = parts is not None and not parts.digest and parts.tag in ("", "latest")
    return (container.get("imagePullPolicy") or (_ALWAYS if moving else "")) == _ALWAYS


def _registry(case: Case) -> str:
    return case.request.registry or str(case.values.get("registry") or "")


def _option(case: Case, owner: str) -> str:
    """What to set for the image of an object."""
    source = origin(case, owner.partition("/")[2])
    return f"{source}.registry and .image" if source else "holmes_image_registry and holmes_image"

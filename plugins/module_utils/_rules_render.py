# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about what Helm makes of the values: rights, images, outside hosts.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._profile import AIRGAP
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rbac_rules import violation
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    listed,
    rule,
    unclear,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, get, strings
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

# Roles of Kubernetes itself that only read; "view" leaves Secrets out.
_READING_ROLES = ("view", "cluster-monitoring-view", "system:discovery", "system:basic-user")

# What HolmesGPT, its chart and its libraries are known to name, and the usual hosted providers.
PUBLIC = (
    *("anthropic.com", "api.groq.com", "azure.com", "googleapis.com", "huggingface.co", "mistral.ai", "openai.com"),
    *("docker.io", "ghcr.io", "pkg.dev", "quay.io"),
    *("github.com", "githubusercontent.com", "gitlab.com", "openrouter.ai", "simpleicons.org", "slack.com"),
    *("robusta.dev", "sentry.io", "supabase.co"),
)
_HOST = re.compile(r"\b(?:https?|wss?)://(?:[^/\s@\"']*@)?([A-Za-z0-9.\-]+)")
# Pictures for a user interface: named, never fetched by the server.
_ICONS = re.compile(r"icon_url:\s*\S+")
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"[a-z0-9]+(?:[._\-]+[a-z0-9]+)*(?::\d+)?(?:/{_PART})*(?::\w[\w.\-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}})?\Z"
)


def _unrendered() -> list[Finding]:
    return [unclear("The chart could not be rendered, so this was not looked at.", "See render.failed.")]


@rule("render.failed", "Helm renders the chart with these values")
def failed(case: Case) -> t.Iterator[Finding]:
    if case.rendered.error:
        yield fail(f"helm template failed: {case.rendered.error}", "Correct the value that the message names.")
    elif case.rendered.missing:
        yield unclear(case.rendered.missing, "Set holmes_helm_binary to Helm 3 or 4.")
    elif not case.rendered.done:
        yield unclear(
            "The chart was not rendered, because the release or the namespace has an illegal name.", "See values.names."
        )
    else:
        yield good(f"{len(case.rendered.manifests)} objects")


@rule("render.rbac_read_only", "No rendered role may write or read Secrets")
def rbac_read_only(case: Case) -> t.Iterator[Finding]:
    if not case.rendered.done:
        yield from _unrendered()
        return
    found = view.rules(case.rendered)
    grants: dict[tuple[str, str], list[str]] = {}
    for given in found:
        wrong = violation(given)
        if wrong:
            grants.setdefault((given["kind"], given["name"]), []).append(wrong)
    for (kind, name), wrongs in grants.items():
        message = f"{kind}/{name} grants {'; '.join(wrongs)}. HolmesGPT may only read, and no Secrets."
        yield fail(message, _origin(case, name), roles=[f"{kind}/{name}"])
    for binding in view.of_kind(case.rendered, *view.BINDING_KINDS):
        yield from _binding(case, binding)
    yield good(f"{len(found)} rules, all of them get, list and watch", rules=len(found))


def _binding(case: Case, binding: Values) -> t.Iterator[Finding]:
    role = str(get(binding, ("roleRef", "name"), ""))
    made = {view.name_of(item) for item in view.of_kind(case.rendered, *view.ROLE_KINDS)}
    if role in made or role in _READING_ROLES:
        return
    title = view.title_of(binding)
    if role in ("cluster-admin", "admin", "edit"):
        yield fail(f"{title} gives the role '{role}', which may write.", "Bind 'view' instead.")
    else:
        yield warn(
            f"{title} gives the role '{role}', which is not part of the chart; its rules are unknown here.",
            "See that it only reads.",
        )


def _origin(case: Case, role: str) -> str:
    if get(case.values, ("operator", "enabled")) is True and role.endswith("-operator"):
        return "Set operator.enabled: false."
    if role == f"{case.request.release_name}-holmes-cluster-role" or role.endswith("-holmes-role"):
        return (
            "Correct holmes_custom_cluster_role_rules (customClusterRoleRules): only get, list and watch, no '*', no "
            "secrets."
        )
    return "Turn the add-on off that brings this role (mcpAddons.NAME.enabled: false)."


@rule("render.images", "Every image is legal and comes from the site's registry")
def images(case: Case) -> t.Iterator[Finding]:
    if not case.rendered.done:
        yield from _unrendered()
        return
    found = view.images(case.rendered)
    registry = case.request.registry or str(case.values.get("registry") or "")
    for image, owner in found.items():
        if not _REFERENCE.match(image):
            yield fail(
                f"{owner} names the image '{image}', which is no legal reference.",
                "Write holmes_image_registry without a scheme and holmes_image as NAME:TAG.",
            )
        elif registry and _host(image) != _host(f"{registry}/x"):
            told = fail if case.request.profile == AIRGAP else warn
            yield told(
                f"{owner} runs '{image}', which does not come from {_host(registry + '/x')}.",
                _image_fix(owner),
                image=image,
            )
        elif not registry and case.request.profile == AIRGAP:
            message = (
                f"{owner} runs '{image}' from a public registry; a cut-off cluster has it only if it was loaded on "
                "every node by hand."
            )
            yield warn(message, "Set holmes_image_registry and holmes_image to the site's mirror.", image=image)
    yield good(listed(found), images=list(found))


def _image_fix(owner: str) -> str:
    if owner.endswith("-operator"):
        return "Set operator.registry to the mirror, or operator.enabled: false."
    if "-mcp-" in owner:
        return "Set mcpAddons.NAME.registry to the mirror, or turn the add-on off."
    return "Set holmes_image_registry and holmes_image to the mirror; correct the images of initContainers."


def _host(image: str) -> str:
    """The registry's host, as the container runtime understands a reference."""
    first = image.split("/", 1)[0] if "/" in image else ""
    return first if "." in first or ":" in first or first == "localhost" else "docker.io"


@rule("render.outside_hosts", "Nothing rendered names a well-known host on the internet")
def outside_hosts(case: Case) -> t.Iterator[Finding]:
    if not case.rendered.done:
        yield from _unrendered()
        return
    seen: dict[str, str] = {}
    for manifest in case.rendered.manifests:
        for _path, text in strings(manifest):
            for host in _HOST.findall(_ICONS.sub("", text)):
                if any(host.lower() == public or host.lower().endswith(f".{public}") for public in PUBLIC):
                    seen.setdefault(host.lower(), view.title_of(manifest))
    for host, owner in sorted(seen.items()):
        yield warn(
            f"{owner} names {host}, which cannot be reached from a cut-off cluster.",
            "Remove it, or name a host of the site.",
            host=host,
        )

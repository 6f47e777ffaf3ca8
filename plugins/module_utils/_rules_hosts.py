# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rule about hosts outside the site that the rendered chart names.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_hosts as hosts
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_origin import origin
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import Finding, good, rule, warn
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_render import on_manifests
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import strings
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case


@rule("render.outside_hosts", "Nothing rendered names a host outside the site", excusable=True)
@on_manifests
def outside_hosts(case: Case) -> t.Iterator[Finding]:
    """What the user gave is the user's to know, unless it is a well-known public host; what the chart brings is not."""
    given = "\n".join(text for _path, text in strings(case.values)).lower()
    seen: dict[str, str] = {}
    for manifest in case.rendered.manifests:
        for host in hosts.named(manifest):
            if _outside(case, host, _names(given, host)):
                seen.setdefault(host, view.title_of(manifest))
    for host, owner in sorted(seen.items()):
        if _names(given, host):
            message = f"{owner} names {host}, which cannot be reached from a cut-off cluster."
            fix = "Remove it, or name a host of the site."
        else:
            message = f"{owner} names {host}, which the chart brings and no given value."
            fix = _fix(case, owner)
        yield warn(message, fix, subject=host, host=host)
    yield good("No hosts outside the site")


def _names(text: str, host: str) -> bool:
    """Whether a text names just this host, not one that ends or begins with it."""
    return bool(re.search(rf"(?<![\w.\-]){re.escape(host)}(?![\w\-])", text))


def _outside(case: Case, host: str, given: bool) -> bool:
    public = hosts.address(host)
    if public is not None:
        return public
    if hosts.is_inside(host, case.request.cluster_domain, case.request.namespace):
        return False
    return hosts.is_public(host) or not given


def _fix(case: Case, owner: str) -> str:
    source = origin(case, owner.partition("/")[2])
    if source:
        return f"Set {source}.enabled: false, or give it a host of the site."
    return "Give the value that holds it a host of the site, or empty it; 'helm show values' shows which one it is."

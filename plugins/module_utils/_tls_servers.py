# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The servers around an installation that speak TLS, and by whose authorities each is judged.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import ssl
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view, _tls_trust
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_source_wanted import OCI
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._image_reference import DOCKER_HUB, host_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_check import API, CHARTS, REGISTRY
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_fault import Party
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_line import Line, Straight
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_trust import Trust
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_endpoints import Target, target

HERE = "from this host"
# What image names call Docker Hub is not the name of its server.
_HUB_SERVER = "registry-1.docker.io"
_PORTS = {"http": 80, "https": 443}


class Server(t.NamedTuple):
    """Somebody who speaks TLS, and who is trusted there. ``elsewhere``: what to do if it is not reached."""

    check: str
    party: Party
    line: Line
    trust: Trust
    elsewhere: str


def api(settings: t.Any) -> Server | None:
    """The API server of a configuration of the Kubernetes client; None for plain HTTP."""
    goal = target(str(settings.host))
    if goal is None or goal.scheme != "https":
        return None
    variable, name = "holmes_kube_ca_cert", "the settings of this account"
    data = getattr(settings, "ca_cert_data", None)
    given = str(settings.ssl_ca_cert or "")
    trust = _tls_trust.of_data(data, variable, name) if data else _tls_trust.of_file(given, variable, name)
    line = straight(goal, trust.context, str(getattr(settings, "tls_server_name", None) or ""))
    party = Party(f"the API server at {line.authority}", line.host, "holmes_kube_host (or the kubeconfig)")
    return Server(API, party, line, trust, "See cluster.api.")


def registries(context: Context) -> list[str]:
    """The hosts that images are pulled from, with their ports; raises HolmesError if the chart cannot be rendered."""
    given = str(context.registry.get("host") or "")
    if given:
        return [host_of(f"{given.rstrip('/')}/")]
    return sorted({host_of(image) for image in _render_view.images(context.rendered()) if image})


def registry_target(host: str) -> Target:
    """Where a registry's host is asked."""
    goal = target(f"https://{_HUB_SERVER if host == DOCKER_HUB else host}")
    if goal is None:
        raise HolmesError(f"'{host}' is no host of a registry.", "Correct holmes_image_registry.")
    return goal


def registry(context: Context, host: str) -> Server:
    """A registry, as a node would trust it that has the site's authorities beside the public ones."""
    goal = registry_target(host)
    path = context.registry_ca_file or context.ca_file
    trust = _tls_trust.of_file(path, "holmes_registry_ca_file", "the authorities of this host", system=True)
    if not context.registry_ca_file:
        trust = trust._replace(doubt="no authority was given for it, and the nodes have their own trust")
    line = straight(goal, trust.context)
    party = Party(f"the registry {line.authority}", goal.host, "holmes_image_registry")
    return Server(REGISTRY, party, line, trust, "See the checks of the images in the registry.")


def charts_url(context: Context) -> str:
    """Where charts come from, as a URL that is spoken: a registry (oci://) speaks HTTPS."""
    url = context.chart_repo_url
    return f"https://{url[len(OCI) :]}" if url.startswith(OCI) else url


def charts(context: Context) -> Server:
    """The chart repository or registry. Helm trusts the authorities of a given file and no others (its --ca-file)."""
    goal = target(charts_url(context))
    if goal is None:
        raise HolmesError("holmes_chart_repo_url is no URL with a host.", "Correct holmes_chart_repo_url.")
    trust = _tls_trust.of_file(context.chart_repo_ca_file, "holmes_chart_repo_ca_file", "the authorities given to Helm")
    line = straight(goal, trust.context)
    kind = "registry" if context.chart_repo_url.startswith(OCI) else "repository"
    party = Party(f"the chart {kind} {line.authority}", goal.host, "holmes_chart_repo_url")
    fix = "Make it reachable from this host, or correct holmes_chart_repo_url."
    return Server(CHARTS, party, line, trust, fix)


def straight(goal: Target, trust: ssl.SSLContext | None, host: str = "") -> Straight:
    """From this host to a URL's host; ``host`` is the name to verify if it is another."""
    name, port = f"[{goal.host}]" if ":" in goal.host else goal.host, goal.port or _PORTS[goal.scheme]
    return Straight(HERE, host or goal.host, f"{name}:{port}", trust, (goal.host, port))

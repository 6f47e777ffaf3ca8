# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to HolmesGPT's own certificate, if it serves TLS.

Private to this collection: it may change in any release.
"""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _live_pod, _tls_servers, _tls_trust
from ansible_collections.holmesgpt.onprem.plugins.module_utils._endpoint_way import Forwards
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, items, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._portforward import PodTransport
from ansible_collections.holmesgpt.onprem.plugins.module_utils._service import pick_service, target_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_line import Line
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_trust import Trust
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_endpoints import target
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import env_entry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene

# From 0.36 on (package): this variable makes the API speak TLS, whatever probes the chart has.
_SWITCH = "HOLMES_SSL_CERTFILE"


def line_to_holmes(scene: Scene, forwards: Forwards) -> tuple[Line, Trust] | None:
    """At its URL, else by a port-forward; None for plain HTTP. Raises HolmesError."""
    intent = scene.intent
    trust = _tls_trust.of_file(intent.ca_file, "holmes_ca_file", "this host", system=not intent.ca_file)
    if intent.url:
        goal = target(intent.url)
        return (_tls_servers.straight(goal, trust.context), trust) if goal and goal.scheme == "https" else None
    services = items(scene.reader, path_of(CORE, "services", intent.namespace))
    found = target_of(pick_service(services, intent.release, intent.namespace), scene.pods, intent.namespace)
    own = {"additionalEnvVars": _live_pod.container(scene).get("env") or []}
    if not found.secure and not env_entry(own, _SWITCH):
        return None
    line = PodTransport(replace(found, secure=True), forwards(scene.reader), trust=trust.context)
    return line, trust

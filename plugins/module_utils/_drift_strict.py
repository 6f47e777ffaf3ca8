# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where one more entry than the record has is a change, and where it is a default of the API server.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_compare import is_empty

# Below these every entry counts.
_WHOLE = {
    "data",
    "binaryData",
    "rules",
    "subjects",
    "selector",
    "matchLabels",
    "nodeSelector",
    "ingress",
    "egress",
    "env",
    "envFrom",
    "volumes",
    "resources",
    "securityContext",
}
# ... but for what the API server puts there.
_FILLED: dict[str, t.Any] = {
    "procMount": "Default",
    "defaultMode": 420,
    "expirationSeconds": 3600,
    "apiVersion": "v1",
    "apiGroup": "rbac.authorization.k8s.io",
    "protocol": "TCP",
    "emptyDir": {},
}
POWERS = "securityContext"
_OF_POD = {
    *("hostNetwork", "hostPID", "hostIPC", "hostAliases", "nodeName", "nodeSelector", "tolerations", "affinity"),
    *("initContainers", "imagePullSecrets", "volumes", "runtimeClassName", "priorityClassName", "securityContext"),
    *("shareProcessNamespace", "topologySpreadConstraints"),
}
_OF_CONTAINER = {
    *("env", "envFrom", "args", "command", "volumeMounts", "ports", "workingDir", "resources", "securityContext"),
    *("lifecycle", "livenessProbe", "readinessProbe", "startupProbe", "stdin", "tty"),
}
_OF_SPEC = {
    *("selector", "ports", "externalIPs", "externalName", "loadBalancerIP", "loadBalancerSourceRanges"),
    *("paused", "suspend", "rules", "tls", "defaultBackend", "ingress", "egress"),
}
_OF_OBJECT = {"data", "binaryData", "rules", "subjects", "aggregationRule"}
_UNIONS = ("strategy", "updateStrategy")


def counted(keys: t.Sequence[str], said: Object, live: Object) -> set[str] | None:
    """The keys of the mapping at ``keys`` that count if the record does not say them; None: all of them."""
    if "metadata" in keys[-2:]:
        return set()
    if _WHOLE & set(keys):
        return None
    last = keys[-1] if keys else ""
    if last in _UNIONS:
        return None if said.get("type") != live.get("type") else set()
    if last in ("containers", "initContainers"):
        return _OF_CONTAINER
    if tuple(keys[-2:]) == ("template", "spec"):
        return _OF_POD
    return {"": _OF_OBJECT, "spec": _OF_SPEC}.get(last, set())


def filled(keys: t.Sequence[str], key: str, value: t.Any) -> bool:
    """Whether the API server puts this entry there, or would drop it."""
    if tuple(keys) in (("data",), ("binaryData",)):
        return False
    return is_empty(value, strict=POWERS in keys) or (key in _FILLED and value == _FILLED[key])

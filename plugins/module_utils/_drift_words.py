# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where an object differs, in words, and which values may be shown.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._mask import mask

# Fields whose values are no secrets and say at once what was done.
_SHOWN = {
    *("replicas", "minReplicas", "maxReplicas", "image", "imagePullPolicy", "type", "port", "targetPort", "nodePort"),
    *("serviceAccountName", "paused", "suspend", "hostNetwork", "hostPID", "hostIPC", "privileged", "runAsUser"),
    *("allowPrivilegeEscalation", "runAsNonRoot", "readOnlyRootFilesystem", "cpu", "memory", "schedule", "dnsPolicy"),
}
_HIDDEN = {"data", "binaryData", "env", "args", "command", "annotations", "labels"}
# Longer than the name of an image is no short value.
_LONGEST = 160
_PREFIXES = (("spec", "template", "spec"), ("spec",))
_CONTAINERS = ("containers", "initContainers")


def words(path: t.Sequence[str]) -> str:
    """``("spec", "template", "spec", "containers", "[web]", "env", "[A]")`` is ``container web: env A``."""
    path = tuple(path)
    for prefix in _PREFIXES:
        if path[: len(prefix)] == prefix and len(path) > len(prefix):
            path = path[len(prefix) :]
            break
    before = ""
    if len(path) > 1 and path[0] in _CONTAINERS:
        before, path = f"container {path[1][1:-1]}", path[2:]
    if path[:1] == ("env",) and path[2:] == ("value",):
        path = path[:2]
    text = ""
    for step in path:
        if not step.startswith("["):
            text += f".{step}" if text else step
        else:
            text += step if step[1:-1].isdigit() else f" {step[1:-1]}"
    return f"{before}: {text}" if before and text else before or text


def shown(path: t.Sequence[str], said: t.Any, live: t.Any) -> str:
    """``2 -> 1`` where the values are harmless, else empty."""
    keys = [step for step in path if not step.startswith("[")]
    if not keys or keys[-1] not in _SHOWN or _HIDDEN & set(keys):
        return ""
    texts = [_plain(said), _plain(live)]
    return " -> ".join(texts) if all(texts) else ""


def _plain(value: t.Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value) if isinstance(value, (int, float, str)) else ""
    return mask(text) if len(text) <= _LONGEST else ""

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control-node half of our modules that talk to a cluster. Private to this collection.

kubernetes.core's action looks a kubeconfig up on the control node for a local connection; on a bastion it is a path
there. It also puts the task's arguments into the result, secrets in clear (``-vvv`` shows them), because it does not
know which options a module keeps out of logs. Here the arguments stay out of the result.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._in_process import OurAction
from ansible_collections.kubernetes.core.plugins.action.k8s_info import ActionModule as KubernetesActionModule


class ClusterAction(OurAction, KubernetesActionModule):  # type: ignore[misc]
    """Base of the action plugins beside the modules of the same name."""

    def _ensure_invocation(self, result: dict[str, t.Any]) -> dict[str, t.Any]:
        result.pop("invocation", None)
        return result

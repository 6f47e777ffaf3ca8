# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks the kubeconfig up on the control node and keeps the arguments out of the result."""

from __future__ import annotations

from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._cluster_action import ClusterAction


class ActionModule(ClusterAction):
    """Runs the module of the same name on the host."""

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of the cluster by id, and how they are said.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import Voice

IDS = {
    "cluster.version": "The cluster serves what the chart needs",
    "cluster.rights": "Rights of this account to install",
    "cluster.verify_rights": "Rights of this account to verify",
    "cluster.namespace": "The namespace can be used",
    "cluster.pod_security": "Pod Security of the namespace allows the pods",
    "cluster.quota": "Quota and limits of the namespace leave room",
    "cluster.nodes": "A node has room for each pod",
    "cluster.admission": "Admission accepts the objects",
    "cluster.proxy": "The way to the API server needs no proxy",
    "release.conflict": "Nothing else owns these names",
    "cluster.release": "Release before this run",
    "release.gitops": "Nobody else manages the release",
}
# More names than these make no sentence; the evidence has them all.
MOST = 6


_VOICE = Voice(IDS)
passed, warned, failed, unchecked = _VOICE.passed, _VOICE.warned, _VOICE.failed, _VOICE.unchecked


def listed(names: t.Iterable[str], most: int = MOST) -> str:
    """Names with commas, the first few of them."""
    names = list(dict.fromkeys(names))
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")

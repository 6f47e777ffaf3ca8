# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether nothing is left to be done: then a run takes no lock, writes nothing, and goes on to the verification.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Anything that is not known, or that only a change could tell, means that there is something to be done: the longer way
decides the same with the lock held.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _lease, _lease_say, _recovery, _secret
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError, digest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, Reader, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import find
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context, Secrets
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import releases
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release_record import unproven
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_mark import marked


@dataclass(frozen=True)
class Settled:
    """``values_sha256`` is that of the values that are wanted and deployed; empty if something is to be done."""

    values_sha256: str = ""
    checks: list[Check] = field(default_factory=list)

    def as_result(self) -> dict[str, t.Any]:
        """What the module returns; empty if something is to be done."""
        if not self.values_sha256:
            return {}
        return {"values_sha256": self.values_sha256, "checks": [check.as_dict() for check in self.checks]}


def settled(context: Context, chart: t.Mapping[str, t.Any]) -> Settled:
    """Compare Secrets, release and lock with what this run wants. ``chart`` is the archive's name and version."""
    try:
        return _compared(context.cluster(), context, chart)
    except HolmesError:  # the checks say why; it is tried again with the lock held
        return Settled()


def _compared(reader: Reader, context: Context, chart: t.Mapping[str, t.Any]) -> Settled:
    namespace, release = context.namespace, context.release_name
    token = _token(reader, namespace, context.secrets)
    revisions = releases(reader, namespace, release)
    newest = revisions[-1] if revisions else None
    # A lock that a killed run has left is for the longer way to remove.
    if token is None or newest is None or unproven(newest) or _lease.look(reader, namespace, release):
        return Settled()
    wanted = digest(marked(context.values, token))
    decision = _recovery.decide(newest, chart, wanted)
    if decision.apply:
        return Settled()
    return Settled(wanted, [_lease_say.needless_check(namespace), _recovery.state_check(newest, decision)])


def _token(reader: Reader, namespace: str, secrets: Secrets) -> str | None:
    """The token of the Secrets, as the role puts it together; None if one of them has to be written."""
    tokens = []
    for name, texts in secrets.items():
        existing = find(reader, path_of(CORE, "secrets", namespace, name))
        if existing is None or _secret.patch_for(existing, _secret.opaque_data(texts)):
            return None
        tokens.append(_secret.rollout_token(existing["metadata"]["uid"], _secret.merged(existing, {})))
    return "-".join(tokens)

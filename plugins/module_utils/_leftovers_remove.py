# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removing what Helm leaves: what the user asks for, and of that only what is ours or this release's.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock
from ansible_collections.holmesgpt.onprem.plugins.module_utils._drift_record import recorded_objects
from ansible_collections.holmesgpt.onprem.plugins.module_utils._drift_write import delete
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster, KubeError, meta, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import find
from ansible_collections.holmesgpt.onprem.plugins.module_utils._leftovers import (
    CLUSTER_ROLES,
    CUSTOM,
    NAMESPACE,
    SECRETS,
    Identity,
    Left,
    Search,
    removed_check,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._leftovers_use import content, users_of_crds
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import listed
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import SECRET_TYPE, releases

LEFTOVERS, TITLE = "release.leftovers", "What Helm leaves behind"
# The order in which they go.
KINDS = (SECRETS, CLUSTER_ROLES, CUSTOM, NAMESPACE)
# Seconds that a namespace is given to empty itself.
PATIENCE, POLL = 120.0, 2.0
_RIGHT = "Grant this right to the account, use another one (holmes_kubeconfig), or take '{}' out of holmes_remove."


@dataclass
class Removal:
    """One removal. Run it; then read ``removed``, ``left`` and ``checks``."""

    cluster: Cluster
    search: Search
    remove: t.Sequence[str] = ()
    check_mode: bool = False
    clock: Clock = field(default_factory=Clock)
    removed: list[Left] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    before: list[Left] = field(default_factory=list)
    _kept: list[str] = field(default_factory=list)
    _errors: list[tuple[str, KubeError]] = field(default_factory=list)

    def run(self) -> None:
        """Look, remove, say. As long as Helm knows the release, nothing is removed. Raises KubeError."""
        first = removed_check(self.cluster, self.search.namespace, self.search.release, self.check_mode)
        self.checks = [first]
        if self.check_mode and first.status == NOT_CHECKED:
            self.search.going = going(self.search)
        self.before = self.search.run()
        for kind in KINDS if first.status != FAIL else ():
            if kind in self.remove:
                self._remove_kind(kind)
        gone = {one.what for one in self.removed}
        emptied = f"namespace/{self.search.namespace}" in gone
        self.left = [one for one in self.before if one.what not in gone and not (emptied and one.namespace)]
        self.checks.append(self._judge())

    def _remove_kind(self, kind: str) -> None:
        if kind in self.search.unseen:
            self._errors.append((kind, self.search.unseen[kind]))
            return
        some = [one for one in self.before if one.asked == kind]
        try:
            mine = self._allowed(kind, some)
            for one in mine:
                if meta(one.thing).get("deletionTimestamp"):
                    continue
                if self.check_mode or delete(self.cluster, one.path, one.thing):
                    self.removed.append(one)
            if kind == NAMESPACE and mine and not self.check_mode:
                self._wait(mine[0])
        except KubeError as error:
            self._errors.append((kind, error))

    def _allowed(self, kind: str, some: list[Left]) -> list[Left]:
        """What may go; the rest is remembered with a sentence."""
        foreign = [one for one in some if not one.mine or one.thing.get("type") == SECRET_TYPE]
        self._kept += [f"{one.what} ({one.why})" for one in foreign]
        mine = [one for one in some if one not in foreign]
        why = ""
        if mine and kind == CUSTOM:
            why = users_of_crds(self.search, list(some))
        elif mine and kind == NAMESPACE:
            names = content(self.search)
            why = f"in it is what this collection did not make: {listed(names, 10)}" if names else ""
        if why:
            self._kept.append(f"{', '.join(one.what for one in mine)} ({why})")
            return []
        return mine

    def _wait(self, namespace: Left) -> None:
        end = self.clock.now() + PATIENCE
        while find(self.cluster, namespace.path) is not None:
            if self.clock.now() >= end:
                self._kept.append(f"{namespace.what} (it is still being deleted after {PATIENCE:.0f} s)")
                return
            self.clock.sleep(POLL)

    def _judge(self) -> Check:
        done = [one.what for one in self.removed]
        evidence = {
            "removed": done,
            "left": rows(self.left),
            "left_alone": self._kept,
            "unseen": {kind: error.msg for kind, error in self.search.unseen.items()},
        }
        told = f"{'Would be removed' if self.check_mode else 'Removed'}: {', '.join(done)}. " if done else ""
        if self._errors:
            message = told + " ".join(error.msg for _kind, error in self._errors)
            fix = " ".join(error.fix or _RIGHT.format(kind) for kind, error in self._errors)
            return Check(LEFTOVERS, TITLE, FAIL, message, fix, evidence)
        if self._kept:
            fix = "Look at it; 'kubectl delete' removes what nobody needs."
            return Check(LEFTOVERS, TITLE, WARN, f"{told}Left alone: {'; '.join(self._kept)}.", fix, evidence)
        rest = f"Helm leaves {_named(self.left)}." if self.left else "Nothing is left."
        if self.search.unseen:
            message = told + rest + " " + " ".join(error.msg for error in self.search.unseen.values())
            return Check(
                LEFTOVERS, TITLE, NOT_CHECKED, message, "Grant the right, or look with another account.", evidence
            )
        possible = [kind for kind in KINDS if any(one.mine and one.asked == kind for one in self.left)]
        more = f" 'holmes_remove: [{', '.join(possible)}]' removes what is ours." if possible else ""
        return Check(LEFTOVERS, TITLE, PASS, f"{told}{rest}{more}", evidence=evidence)


def _named(left: t.Sequence[Left]) -> str:
    return ", ".join(one.what if one.mine else f"{one.what} ({one.owner})" for one in left)


def rows(left: t.Sequence[Left]) -> list[dict[str, str]]:
    """``{what, owner, why}`` of each."""
    return [{"what": one.what, "owner": one.owner, "why": one.why} for one in left]


def going(search: Search) -> set[Identity]:
    """Kinds and names of what Helm will remove with the release: the objects of its newest revision."""
    newest = releases(search.reader, search.namespace, search.release)[-1]
    return {(str(thing.get("kind")).lower(), name_of(thing)) for thing in recorded_objects(newest)}

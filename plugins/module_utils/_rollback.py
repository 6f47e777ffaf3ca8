# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Going back to a revision by choice: which one, what it changes, and whether its images are still there.

Private to this collection: it may change in any release. Imports nothing of Ansible.

`helm rollback` makes a new revision with the objects, values and hooks that the old one recorded; it renders nothing,
touches no CRDs, runs only pre- and post-rollback hooks, and deletes the oldest revisions beyond --history-max (10). A
revision that was pending before it stays pending in the history.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, Check, HolmesError, digest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import Exceptions, accepted, offered
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import DEPLOYED, Release, releases
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollback_check import (
    IMAGES,
    ROLLBACK,
    SAY,
    TITLES,
    rollback_check,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollback_choose import FailedRevision, choose
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollback_images import images
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secrets import masked

__all__ = ["EXCUSABLE", "IDS", "Going", "choose", "images", "plan", "rollback_check"]

IDS: dict[str, str] = TITLES
# A revision that failed, or images that the registry has lost but the nodes may still have, can be meant.
EXCUSABLE = (ROLLBACK, IMAGES)


@dataclass(frozen=True)
class Going:
    """Whether and where to go back. ``apply`` is False if there is nothing to do or a check failed.

    ``chart`` is {name, version, sha256} and ``values`` (secrets as stars) what runs then; ``values_sha256`` is over the
    real values. ``revision`` is 0 if none could be chosen.
    """

    apply: bool
    revision: int
    checks: list[Check]
    chart: dict[str, str] = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    values_sha256: str = ""


def plan(
    cluster: Cluster,
    namespace: str,
    name: str,
    wanted: int,
    registry_options: t.Mapping[str, t.Any],
    exceptions: Exceptions,
) -> Going:
    """Everything before `helm rollback`; changes nothing. Raises KubeError if Helm's record cannot be read.

    ``wanted`` is a revision, or 0; ``registry_options`` as in :func:`_rollback_images.images`. An interrupted newest
    revision has to be recovered before (_recovery).
    """
    found = releases(cluster, namespace, name)
    checks: list[Check] = []
    try:
        chosen = choose(found, wanted)
    except FailedRevision as error:
        chosen, checks = error.release, [_judged(SAY.failed(ROLLBACK, error.msg, error.fix), exceptions)]
    except HolmesError as error:
        return Going(False, 0, [SAY.failed(ROLLBACK, error.msg, error.fix)])
    if any(check.status == FAIL for check in checks):
        return _going(False, chosen, checks)
    newest = found[-1]
    news = newest.status != DEPLOYED or chosen.revision != newest.revision
    checks.append(rollback_check(newest, chosen, found))
    if news:
        checks.append(_judged(images(cluster, namespace, chosen, registry_options), exceptions))
    return _going(news and all(check.status != FAIL for check in checks), chosen, checks)


def _judged(check: Check, exceptions: Exceptions) -> Check:
    return offered(accepted(check, exceptions))


def _going(apply: bool, chosen: Release, checks: list[Check]) -> Going:
    chart = {"name": chosen.chart_name, "version": chosen.chart_version, "sha256": chosen.chart_sha256}
    return Going(apply, chosen.revision, checks, chart, masked(chosen.config), digest(chosen.config))

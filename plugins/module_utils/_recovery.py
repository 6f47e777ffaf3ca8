# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a release has to be applied, and how one that an interrupted run left behind is recovered.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import time
import typing as t
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import PASS, Check, digest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, Object, Reader, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import patch
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import (
    DEPLOYED,
    FAILED,
    PENDING,
    Release,
    decode_payload,
    encode_payload,
    releases,
)

POLL = 2.0
# RFC 3339 as Helm writes it: Python before 3.11 reads neither nanoseconds nor Z.
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)\Z")
DESCRIPTION = "Interrupted as {status}; marked failed by holmesgpt.onprem so that Helm can go on"


@dataclass(frozen=True)
class Decision:
    """``apply``: Helm has to run; ``reason`` says why, or why not."""

    apply: bool
    reason: str


def decide(newest: Release | None, chart: t.Mapping[str, t.Any], values_sha256: str) -> Decision:
    """Compare the newest revision with what is wanted.

    ``chart`` needs ``name`` and ``version``; ``values_sha256`` is the digest of the wanted values, in which a rebuilt
    archive shows (``global.onprem.chartSha256``).
    """
    if newest is None:
        return Decision(True, "there is no release yet")
    if newest.status != DEPLOYED:
        return Decision(True, f"revision {newest.revision} is {newest.status}")
    if (newest.chart_name, newest.chart_version) != (chart["name"], chart["version"]):
        return Decision(
            True, f"chart {newest.chart_name}-{newest.chart_version} becomes {chart['name']}-{chart['version']}"
        )
    if digest(newest.config) != values_sha256:
        return Decision(True, "the values or the chart archive differ")
    return Decision(False, f"revision {newest.revision} is deployed with this chart and these values")


def age_of(release: Release, now: float) -> float:
    """Seconds since Helm began the revision; 0 if that is unknown or in the future (clocks differ).

    Helm's label ``modifiedAt`` will not do: Helm 3 copies it from the revision before (seen with 3.22).
    """
    found = _TIME.match(release.last_deployed)
    if not found:
        return 0.0
    zone = found.group(2).replace("Z", "+00:00")
    return max(0.0, now - datetime.fromisoformat(found.group(1) + zone).timestamp())


def settle(
    client: Reader,
    namespace: str,
    name: str,
    grace: float,
    clock: Clock | None = None,
    wall: t.Callable[[], float] = time.time,
) -> Release | None:
    """The newest revision, after giving a pending one up to ``grace`` seconds to finish.

    This role's own Helm does not wait for pods and leaves that state within seconds; somebody else's ``helm --wait``
    stays in it for up to its timeout, five minutes unless told otherwise. What is older has lost its process.
    """
    clock = clock or Clock()
    newest = _newest(client, namespace, name)
    if newest is None or newest.status not in PENDING:
        return newest
    end = clock.now() + max(0.0, grace - age_of(newest, wall()))
    while newest is not None and newest.status in PENDING and clock.now() < end:
        clock.sleep(POLL)
        newest = _newest(client, namespace, name)
    return newest


def _newest(client: Reader, namespace: str, name: str) -> Release | None:
    found = releases(client, namespace, name)
    return found[-1] if found else None


def mark_failed(cluster: t.Any, release: Release) -> None:
    """Record what Helm itself would have recorded, had it been told: this revision failed. Nothing is deleted.

    Refused by the API server (409) if somebody else has written the revision since it was read.
    """
    path = path_of(CORE, "secrets", release.namespace, release.secret_name)
    secret: Object = cluster.get(path)
    payload = decode_payload(secret["data"]["release"])
    payload["info"]["status"] = FAILED
    payload["info"]["description"] = DESCRIPTION.format(status=release.status)
    patch(
        cluster,
        path,
        {
            "metadata": {"resourceVersion": release.resource_version, "labels": {"status": FAILED}},
            "data": {"release": encode_payload(payload)},
        },
    )


def recovered_check(release: Release, check_mode: bool) -> Check:
    """What was done about an interrupted run."""
    done = "would be marked" if check_mode else "was marked"
    message = (
        f"Revision {release.revision} was left {release.status} by a run that ended early; it {done} failed,"
        " so that Helm goes on from the last good one. Nothing is deleted."
    )
    evidence = {"revision": release.revision, "was": release.status, "since": release.last_deployed}
    return Check("release.recovered", "Interrupted release", PASS, message, evidence=evidence)


def state_check(newest: Release | None, decision: Decision) -> Check:
    """The state of the release before this run."""
    evidence: dict[str, t.Any] = {"apply": decision.apply}
    if newest:
        evidence.update(
            revision=newest.revision, status=newest.status, chart=f"{newest.chart_name}-{newest.chart_version}"
        )
    verb = "Helm applies it" if decision.apply else "Nothing to apply"
    return Check("release.state", "Release before this run", PASS, f"{verb}: {decision.reason}.", evidence=evidence)

# SPDX-License-Identifier: GPL-3.0-or-later
"""The account of the run loses its rights in the namespace half-way through an upgrade.

Before Helm, or before the verification: the operator reads which account may not do what, and where. Nothing is taken
back, because nothing can be. With the rights back the next run of the same account takes over the lock that could not
be given back, recovers what is left, ends READY, and the pods served all the time.
"""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.e2e.site_run import Place
from tests.faults.deployer import Deployer
from tests.faults.fault_run import changed, plain, ready, report, reporting, run_with
from tests.faults.probes import Probes


@pytest.fixture
def deployer(place: Place) -> t.Iterator[Deployer]:
    made = Deployer(place)
    yield made
    made.remove()


@pytest.mark.parametrize(
    "at",
    [
        "Release | Install or upgrade",
        "Verify | Rollout, read-only access, API and an answer with known content",
    ],
    ids=["before-helm", "before-verification"],
)
def test_rights_are_revoked_half_way(place: Place, deployer: Deployer, at: str) -> None:
    account = deployer.variables()
    ready(place, **account, **changed(0))
    with Probes(place) as probes:
        fault = {"at": at, "command": deployer.revocation()}
        run = run_with(place, fault, **reporting(place), **account, **changed(1))
        told = plain(run)
        place.site.say(f"  exit {run.code}, {report(place)['verdict']}")
        assert "Traceback" not in told
        subject = f"system:serviceaccount:{place.namespace}:{deployer.name}"
        assert subject in told and "cannot " in told and f'in the namespace "{place.namespace}"' in told
        assert report(place)["verdict"] != "ready" and "Revision 0 " not in told
        deployer.grant()
        run = ready(place, **account, **changed(1))
        assert "was taken over from a run that ended early" in plain(run)
        (env,) = {json.dumps(pod["spec"]["containers"][0]["env"]) for pod in place.pods()}
        assert '"name": "HOLMES_FAULTS_ROUND", "value": "1"' in env
        probes.expect_served()

# SPDX-License-Identifier: GPL-3.0-or-later
"""An upgrade whose pods never come up, or that Helm itself cannot apply.

The run goes back to the last good revision by itself and verifies it; it stays failed, and release.returned tells all
of this. Requests are answered all the time. With holmes_rollback_on_failure: false the bad revision stays, and the
operator reads how to go back. A first installation that failed is left for inspection. Each time the next site.yml,
with what is right, ends READY.
"""

from __future__ import annotations

import shutil
import typing as t

import pytest

from tests.e2e.site_run import ROOT, Place, Vars
from tests.e2e.test_repeat import package
from tests.faults.fault_run import NOTHING, TWO_PODS, changed, checks, left_behind, plain, ready, reporting, run_with
from tests.faults.probes import Probes

# Nothing looks before the change, so the change itself has to show it.
UNCHECKED = {"holmes_preflight_gate": "none"}
NO_IMAGE = {**UNCHECKED, "holmes_image": "holmes:never-pushed", **TWO_PODS}
# Helm applies it after the Deployment, and the API server refuses a port with two names.
REFUSED = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: refused}
spec: {defaultBackend: {service: {name: nobody, port: {number: 80, name: http}}}}
"""


def pods_of(place: Place) -> set[str]:
    return {pod["metadata"]["uid"] for pod in place.pods()}


def with_refused_object(place: Place) -> Vars:
    chart = place.folder / "holmes"
    shutil.copytree(ROOT / "tests" / "doubles" / "charts" / "holmes-0.45.0", chart)
    (chart / "templates" / "refused.yaml").write_text(REFUSED)
    return {**UNCHECKED, **changed(1), "holmes_chart_archive": package(place, chart)}


BAD: dict[str, t.Callable[[Place], Vars]] = {"pods-never-start": lambda _place: NO_IMAGE, "helm": with_refused_object}


@pytest.mark.parametrize("bad", BAD)
def test_goes_back(place: Place, bad: str) -> None:
    ready(place, **changed(0))
    served = pods_of(place)
    with Probes(place) as probes:
        run = run_with(place, {}, **reporting(place), **BAD[bad](place))
        assert run.code != 0 and "Traceback" not in run.output
        told = checks(place)["release.returned"]
        place.site.say(f"  {told['message']}")
        assert told["status"] == "fail"
        assert "Revision 2 does not serve, so Helm went back to revision 1, which runs now" in told["message"]
        assert "was verified (ready" in told["message"]
        assert place.revisions() == [
            (1, "superseded"),
            (2, "failed" if bad == "helm" else "superseded"),
            (3, "deployed"),
        ]
        assert left_behind(place) == NOTHING
        if bad == "pods-never-start":
            assert pods_of(place) == served, "they were never touched"
        ready(place, **changed(3))
        probes.expect_served()


def test_stays_if_nobody_wants_to_go_back(place: Place) -> None:
    ready(place, **changed(0))
    served = pods_of(place)
    with Probes(place) as probes:
        run = place.play("site.yml", **reporting(place), holmes_rollback_on_failure=False, **NO_IMAGE)
        assert run.code != 0
        told = checks(place)["release.returned"]
        assert told["status"] == "fail"
        assert "Revision 2 does not serve (verify.rollout" in told["message"]
        assert "and stays, marked failed, because holmes_rollback_on_failure is false." in told["message"]
        assert "playbooks/rollback.yml goes back to revision 1" in told["fix"]
        assert place.revisions() == [(1, "superseded"), (2, "failed")]
        assert served < pods_of(place), "the old ones serve beside the new one that cannot start"
        ready(place, **changed(1))
        probes.expect_served()


def test_a_failed_first_installation_is_left_for_inspection(place: Place) -> None:
    run = place.play("site.yml", **reporting(place), **NO_IMAGE)
    assert run.code != 0
    told = checks(place)["release.returned"]
    assert told["status"] == "fail"
    assert "no good revision before it: it is left as it is for inspection, marked failed." in told["message"]
    assert f"kubectl -n {place.namespace} describe deployment" in told["fix"] and told["fix"] in plain(run)
    assert place.revisions() == [(1, "failed")] and place.pods()
    assert left_behind(place) == NOTHING
    ready(place, **TWO_PODS)
    assert place.revisions()[-1] == (2, "deployed") and len(place.pods()) == 2

# SPDX-License-Identifier: GPL-3.0-or-later
"""The image registry stops answering while the node pulls the image of an upgrade.

It is stopped, not ended: it takes connections and says nothing, as behind a hanging disk or a filter that drops. The
operator reads within the rollout's diagnosis that the node cannot get the image from this registry, then that Helm went
back to the last good revision, which was verified. Its pods serve all the time. Once the registry answers, the same
site.yml installs the new image and ends READY.
"""

from __future__ import annotations

import subprocess
import time

from tests.e2e.site_run import LAB, SITE, Place
from tests.faults.fault_run import NOTHING, TWO_PODS, left_behind, plain, ready, run_with
from tests.faults.node_hand import set_going, stop_command
from tests.faults.probes import Probes

REGISTRY = "docker-registry"


def new_tag(place: Place) -> str:
    """The same image under a name that no node knows yet, so that it has to be pulled."""
    builder = SITE.parents[1] / "doubles" / "holmes_image" / "build.py"
    archive = subprocess.check_output(["python3", str(builder), "light"], text=True).split()[-1]
    tag = f"holmes:gone-{time.time_ns()}"
    subprocess.run([LAB, "--name", place.site.name, "push", archive, f"holmesgpt/{tag}"], check=True)
    return tag


def pulls(place: Place, reason: str, tag: str) -> list[str]:
    found = place.site.get("events", "-n", place.namespace)["items"]
    return [event["message"] for event in found if event["reason"] == reason and tag in event["message"]]


def test_the_registry_is_gone_while_an_image_is_pulled(place: Place) -> None:
    site, tag = place.site, new_tag(place)
    registry = site.facts["SITE_REGISTRY"]
    place.install(**TWO_PODS)
    before = {pod["metadata"]["uid"] for pod in place.pods()}
    changed = {**TWO_PODS, "holmes_image": tag}
    with Probes(place) as probes:
        site.say("  the registry is stopped when everything was checked and Helm is about to begin")
        with set_going(site, REGISTRY):
            fault = {"at": "Release | Install or upgrade", "command": stop_command(site, REGISTRY)}
            run = run_with(place, fault, holmes_verify_rollout_timeout=120, **changed)
            assert pulls(place, "Pulling", tag) and not pulls(place, "Pulled", tag)
            assert run.code != 0 and "NOT READY" in run.output
            told = plain(run)
            assert f"{registry}/holmesgpt/{tag} cannot be pulled from registry {registry}" in told
            assert "the node cannot reach the registry" in told
            assert "Helm went back to revision 1, which runs now and was verified" in told
            assert place.revisions()[-1] == (3, "deployed")
            assert {pod["metadata"]["uid"] for pod in place.pods()} == before, "the old pods serve"
            assert left_behind(place) == NOTHING
        ready(place, **changed)
        probes.expect_served()
    images = {pod["spec"]["containers"][0]["image"] for pod in place.pods()}
    assert images == {f"{registry}/holmesgpt/{tag}"}

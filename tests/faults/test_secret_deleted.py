# SPDX-License-Identifier: GPL-3.0-or-later
"""The Secret with the model server's key is deleted under a running release.

Nothing happens at first, because running pods have read it. The operator of the next verify.yml reads NOT READY and
which Secret is gone (live.secrets): the next start of a pod would fail. site.yml makes it again and rolls the pods
exactly once, which serve all the time, and ends READY.
"""

from __future__ import annotations

from tests.e2e.site_run import Place
from tests.faults.fault_run import TWO_PODS, checks, ready, report, reporting
from tests.faults.probes import Probes

WITH_KEY = {
    **TWO_PODS,
    "holmes_secrets": {"openai-api-key": "key-of-this-test"},
    "holmes_llm_api_key": {"secret": "holmes-secrets", "key": "openai-api-key"},
}


def pods_of(place: Place) -> set[str]:
    return {pod["metadata"]["uid"] for pod in place.pods()}


def test_a_secret_is_deleted_under_a_running_release(place: Place) -> None:
    ready(place, **WITH_KEY)
    before = pods_of(place)
    with Probes(place) as probes:
        place.site.kubectl("delete", "secret", "holmes-secrets", "-n", place.namespace)
        place.site.say("  the Secret is gone; verify.yml")
        run = place.play("playbooks/verify.yml", **reporting(place), **WITH_KEY)
        assert run.code != 0 and report(place)["verdict"] == "not_ready"
        found = checks(place)["live.secrets"]
        assert found["status"] == "fail"
        assert "holmes-secrets" in found["message"] and "next start will fail" in found["message"]
        assert "holmes_secrets" in found["fix"]
        assert pods_of(place) == before
        ready(place, **WITH_KEY)
        after = pods_of(place)
        assert len(after) == 2 and not after & before
        replicasets = place.site.get("replicasets", "-n", place.namespace)["items"]
        assert len(replicasets) == 2, "the pods rolled once"
        assert ready(place, **WITH_KEY).recap("changed") == 0
        assert pods_of(place) == after
        probes.expect_served()

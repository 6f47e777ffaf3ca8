# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten requests a second to HolmesGPT's Service, from a pod of the cluster, whatever else happens meanwhile."""

from __future__ import annotations

import json
import time
import typing as t

from tests.e2e.site_run import Place

# Every request is a connection of its own, so it goes to whatever pod the Service has at that moment. One that is not
# answered is tried again, as gateways do with what may be repeated: the chart's preStop ends the server at once, before
# the nodes know, so that even a plain `kubectl rollout restart` refuses one or two of ten requests a second. What had
# to be tried again is told; a request that no pod answers within five seconds has failed. A line each second.
SCRIPT = """
import http.client, json, sys, threading, time

count, again, failed = 0, 0, []

def ask(timeout):
    connection = http.client.HTTPConnection(sys.argv[1], 80, timeout=timeout)
    try:
        connection.request("GET", "/healthz", headers={"Accept": "application/json"})
        status = connection.getresponse().status
        return "" if status == 200 else str(status)
    except OSError as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()

def probe():
    global again
    end, reason = time.monotonic() + 5, ask(1)
    again += bool(reason)
    while reason and time.monotonic() < end:
        time.sleep(0.1)
        reason = ask(1)
    if reason:
        failed.append([time.time(), reason])

due = time.monotonic()
while True:
    threading.Thread(target=probe, daemon=True).start()
    count += 1
    if count % 10 == 0:
        print(json.dumps({"count": count, "again": again, "failed": failed}), flush=True)
    due += 0.1
    time.sleep(max(0.0, due - time.monotonic()))
"""
NAME = "probes"
# Seconds that a request is tried for, and one more.
PATIENCE = 6


class Probes:
    """The probing pod in a namespace of its own, so that a removal of the place does not count it."""

    def __init__(self, place: Place) -> None:
        self.place, self.site = place, place.site
        self.namespace = f"{place.namespace}-probes"

    def __enter__(self) -> Probes:
        facts = self.site.facts
        self.site.kubectl("delete", "namespace", self.namespace, "--ignore-not-found")
        self.site.kubectl("create", "namespace", self.namespace)
        self.site.kubectl(
            *("create", "secret", "docker-registry", "pull", "-n", self.namespace),
            f"--docker-server={facts['SITE_REGISTRY']}",
            f"--docker-username={facts['SITE_REGISTRY_USERNAME']}",
            f"--docker-password={facts['SITE_REGISTRY_PASSWORD']}",
        )
        self.site.exec("kubectl", "apply", "-f", "-", input=json.dumps(self._pod()))
        self.site.kubectl("wait", "-n", self.namespace, "--for=condition=Ready", f"pod/{NAME}", "--timeout=60s")
        return self

    def __exit__(self, *_error: object) -> None:
        self.site.kubectl("delete", "namespace", self.namespace, "--wait=false")

    def _pod(self) -> dict[str, t.Any]:
        service = f"{self.place.namespace}-holmes.{self.place.namespace}.svc.cluster.local"
        container = {
            "name": NAME,
            "image": f"{self.site.facts['SITE_REGISTRY']}/holmesgpt/holmes:0.45.0-light",
            "command": ["python3", "-u", "-c", SCRIPT, service],
        }
        spec = {
            "imagePullSecrets": [{"name": "pull"}],
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": False,
            "containers": [container],
        }
        metadata = {"name": NAME, "namespace": self.namespace}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}

    def result(self) -> tuple[int, int, list[list[t.Any]]]:
        """How many requests were made so far, how many had to be tried again, and what failed: time and reason."""
        line = self.site.kubectl("logs", "-n", self.namespace, NAME, "--tail=1").strip()
        found = json.loads(line) if line else {"count": 0, "again": 0, "failed": []}
        return found["count"], found["again"], found["failed"]

    def expect_served(self, least: int = 300) -> None:
        """At least so many requests, waiting for them if need be, and none failed."""
        count, again, failed = self.result()
        # The last ones may still be waiting for an answer.
        least = max(least, count + 10 * PATIENCE)
        while count < least:
            time.sleep(1)
            count, again, failed = self.result()
        self.site.say(f"  {count} requests, {again} tried again, {len(failed)} failed")
        assert failed == [], failed[:5]

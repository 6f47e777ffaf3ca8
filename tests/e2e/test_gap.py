# SPDX-License-Identifier: GPL-3.0-or-later
"""The site is cut off, and a whole run with HolmesGPT's own library never asks for anything outside."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from tests.e2e.site_run import Place

CONTROL = "control-lookup.example.org"
INSIDE = (".cluster.local.", ".site.internal.", ".in-addr.arpa.", ".ip6.arpa.")


class Asked:
    """Names asked since its making: by pods (CoreDNS's log), by what runs behind the gap (the site DNS's log)."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.start = self._lines()

    def _lines(self) -> list[str]:
        pods = self.place.site.kubectl("logs", "-n", "kube-system", "-l", "k8s-app=kube-dns", "--tail=-1")
        return [*pods.splitlines(), *Path(self.place.site.facts["SITE_DNS_LOG"]).read_text().splitlines()]

    def names(self) -> set[str]:
        new = Counter(self._lines()) - Counter(self.start)
        return {name for line in new for name in re.findall(r'"(?:A|AAAA|SRV|HTTPS|PTR) IN (\S+) ', line)}


def python(place: Place, code: str) -> str:
    pod = place.pods()[0]["metadata"]["name"]
    return place.site.kubectl("exec", "-n", place.namespace, pod, "--", "python3", "-c", code).strip()


def test_no_outside_name_is_asked_and_nothing_outside_is_reached(place: Place) -> None:
    log = Asked(place)
    place.install(holmes_image="holmes:0.45.0", holmes_verify_egress=False)
    asked = log.names()
    assert any("vllm-server.inference.svc.cluster.local" in name for name in asked), "the log shows what pods ask"
    outside = {name for name in asked if not name.endswith(INSIDE)}
    assert outside == set()
    place.install(holmes_image="holmes:0.45.0")
    outside = {name.rstrip(".") for name in log.names() if not name.endswith(INSIDE)}
    assert outside == {"raw.githubusercontent.com", "api.openai.com"}, "only what the probe tries, as its page says"

    refused = "try:\n import socket; socket.create_connection(({}), 3); print('reached')\nexcept OSError as e: print(e)"
    assert "unreachable" in python(place, refused.format("'192.0.2.1', 443")).lower()
    assert "name" in python(place, refused.format(f"'{CONTROL}', 443")).lower()
    place.site.exec("getent", "hosts", f"node.{CONTROL}", check=False)
    asked = log.names()
    assert any(name.startswith(CONTROL) for name in asked), "an outside look-up of a pod would have been seen"
    assert any(name.startswith(f"node.{CONTROL}") for name in asked), "and one of Ansible or Helm"

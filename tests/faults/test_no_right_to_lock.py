# SPDX-License-Identifier: GPL-3.0-or-later
"""The account may do all that it needs, but not touch Leases: a warning, and everything else as ever.

Without the lock nothing keeps a second run away. What a run has proven is written into Helm's record all the same, so
that a later one has something good to go back to.
"""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.e2e.site_run import Place
from tests.faults.deployer import RBAC, Deployer
from tests.faults.fault_run import changed

GROUPS = ["", "apps", "batch", "autoscaling", "policy", "networking.k8s.io", RBAC]


@pytest.fixture
def deployer(place: Place) -> t.Iterator[Deployer]:
    made = Deployer(place, rules=[{"apiGroups": GROUPS, "resources": ["*"], "verbs": ["*"]}])
    yield made
    made.remove()


def descriptions(place: Place) -> list[str]:
    history = place.site.exec("helm", "history", place.namespace, "-n", place.namespace, "-o", "json").stdout
    return [str(entry["description"]) for entry in json.loads(history)]


def test_what_is_proven_is_written_down_without_the_lock(place: Place, deployer: Deployer) -> None:
    account = deployer.variables()
    for number in (1, 2):
        run = place.install(**account, **changed(number))
        assert "Two runs at once are not prevented" in run.output and "leases" in run.output
    assert all(text.endswith("; verified by holmesgpt.onprem") for text in descriptions(place)), descriptions(place)
    again = place.install(**account, **changed(2))
    assert again.recap("changed") == 0 and len(place.revisions()) == 2
    assert "Two runs at once are not prevented" in again.output, "it is said whenever it is so"

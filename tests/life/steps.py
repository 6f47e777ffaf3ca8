# SPDX-License-Identifier: GPL-3.0-or-later
"""A change in three steps: a check run that touches nothing, the run, and a run that has nothing to do any more."""

from __future__ import annotations

import contextlib
import json
import typing as t
from dataclasses import dataclass

from tests.e2e.site_run import ROOT, Place, Run, Vars
from tests.e2e.verify_run import writes_of

# Objects that a run of ours could change, without those that the cluster goes on writing (pods, events).
IN_NAMESPACE = "deployments,services,configmaps,secrets,serviceaccounts,roles,rolebindings,leases"
IN_CLUSTER = "namespaces,clusterroles,clusterrolebindings,customresourcedefinitions"
_COLUMNS = "custom-columns=KIND:.kind,NAME:.metadata.name,VERSION:.metadata.resourceVersion"


@dataclass(frozen=True)
class Told:
    """A run, and what its modules found: host to id to check. ``plans`` is what it leaves for a later run."""

    run: Run
    checks: dict[str, dict[str, Vars]]
    plans: dict[str, str]

    def check(self, id_: str, host: str = "cluster") -> Vars:
        assert id_ in self.checks.get(host, {}), f"{id_} is not among {sorted(self.checks.get(host, {}))}"
        return self.checks[host][id_]


@dataclass(frozen=True)
class Steps:
    check: Told
    applied: Told
    again: Told


def told(place: Place, playbook: str, *arguments: str, hosts: dict[str, Vars] | None = None, **changes: t.Any) -> Told:
    """One run for the host ``cluster``, or for these hosts, whatever its end is."""
    found = place.folder / "found.jsonl"
    found.write_text("")
    env = {
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests/life/callbacks"),
        "HOLMES_STOPWATCH": str(place.folder / "seconds.jsonl"),
        "HOLMES_FOUND": str(found),
        "ANSIBLE_SHOW_CUSTOM_STATS": "true",
    }
    variables = place.variables(**changes)
    run = place.site.play_hosts(place.folder, playbook, variables, hosts or {"cluster": {}}, *arguments, env=env)
    checks: dict[str, dict[str, Vars]] = {}
    plans: dict[str, str] = {}
    for line in map(json.loads, found.read_text().splitlines()):
        checks.setdefault(line["host"], {}).update({check["id"]: check for check in line["checks"]})
        plans.update(line["plans"])
    return Told(run, checks, plans)


def done(place: Place, playbook: str, *arguments: str, **changes: t.Any) -> Told:
    """A run that ends well."""
    answer = told(place, playbook, *arguments, **changes)
    assert answer.run.code == 0, answer.run.output
    return answer


def refused(place: Place, playbook: str, id_: str, *words: str, locked: bool = False, **changes: t.Any) -> Vars:
    """A run that stops with this check, which says these words in its message and fix, and touches nothing.

    ``locked``: it finds that out only after it has taken the lock.
    """
    with untouched(place, locked):
        answer = told(place, playbook, **changes)
    assert answer.run.code != 0, answer.run.output
    assert "Traceback" not in answer.run.output
    check = answer.check(id_)
    assert check["status"] == "fail", check
    for word in words:
        assert word in f"{check['message']} {check['fix']}", check
    return check


def changed(place: Place, playbook: str, *arguments: str, **changes: t.Any) -> Steps:
    """Check, apply, repeat: the first would change something and does not, the last has nothing to change."""
    with untouched(place):
        check = done(place, playbook, "--check", "--diff", *arguments, **changes)
    assert check.run.recap("changed") > 0, "the check run announces nothing"
    applied = done(place, playbook, *arguments, **changes)
    assert applied.run.recap("changed") > 0 and "READY" in applied.run.output, applied.run.output
    with untouched(place, locked=True):
        again = done(place, playbook, *arguments, **changes)
    assert again.run.recap("changed") == 0, again.run.output
    return Steps(check, applied, again)


@contextlib.contextmanager
def untouched(place: Place, locked: bool = False) -> t.Iterator[None]:
    """Nothing is written meanwhile, by the API server's audit log, and every object is the same.

    ``locked``: but for the lock, which is taken and given back.
    """
    before, writes = state(place), writes_of(place.site)
    yield
    found = [line for line in writes.found() if not (locked and f"/{place.namespace}/leases" in line)]
    assert not found, found
    after = state(place)
    assert after == before, sorted({*after} ^ {*before})


def state(place: Place) -> list[str]:
    """Every object of the place and of the cluster that a run could change, with its version."""
    kubectl = place.site.kubectl
    names = kubectl("get", IN_NAMESPACE, "-n", place.namespace, "--no-headers", "--ignore-not-found", "-o", _COLUMNS)
    cluster = kubectl("get", IN_CLUSTER, "--no-headers", "-o", _COLUMNS)
    leaving = [
        one["metadata"]["name"]
        for one in place.site.get("namespaces")["items"]
        if "deletionTimestamp" in one["metadata"]
    ]
    lines = [" ".join(line.split()) for line in (names + cluster).splitlines()]
    # The controller writes the Deployment's status; a namespace of an earlier test may be on its way out.
    return sorted(line for line in lines if not line.startswith("Deployment ") and line.split()[1] not in leaving)

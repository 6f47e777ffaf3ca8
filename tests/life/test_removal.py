# SPDX-License-Identifier: GPL-3.0-or-later
"""Removal: what Helm leaves is listed, what is asked for goes, and what this collection did not make always stays."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
import typing as t

import pytest

from tests.e2e.site_run import ROOT, SITE, Place, Vars
from tests.life.steps import Steps, changed, done, refused, untouched

REMOVE = "playbooks/uninstall.yml"
EVERYTHING: Vars = {"holmes_remove": ["secrets", "cluster_roles", "crds", "namespace"]}
CRDS = ("healthchecks.holmesgpt.dev", "scheduledhealthchecks.holmesgpt.dev")
FOREIGN = "notes.holmesgpt.dev"
SECRETS: Vars = {"holmes_secrets": {"openai-api-key": "key-of-the-removal"}}
HELD = "example.com/held"


@pytest.fixture
def crds(place: Place) -> t.Iterator[None]:
    """Definitions belong to the whole cluster: none before, none after."""
    command = ("delete", "crd", *CRDS, FOREIGN, "--ignore-not-found")
    place.site.kubectl(*command)
    yield
    place.site.kubectl(*command)


def foreign_crd() -> Vars:
    """A definition of somebody else in the same API group."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    spec = {
        "group": "holmesgpt.dev",
        "scope": "Namespaced",
        "names": {"kind": "Note", "plural": "notes"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
    }
    kind = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    return {**kind, "metadata": {"name": FOREIGN}, "spec": spec}


def apply(place: Place, thing: Vars) -> None:
    place.site.exec("kubectl", "apply", "-f", "-", input=json.dumps(thing))


def there(place: Place) -> set[str]:
    """What is left of this place, as kubectl has it."""
    kubectl, namespace = place.site.kubectl, place.namespace
    names = kubectl("get", "secrets,deployments,configmaps", "-n", namespace, "-o", "name", "--ignore-not-found")
    space = kubectl("get", "namespace", namespace, "-o", "name", "--ignore-not-found")
    roles = kubectl("get", "clusterroles,clusterrolebindings", "-o", "name").split()
    definitions = kubectl("get", "crd", "-o", "name").split()
    found = {*names.split(), *space.split()} - {"configmap/kube-root-ca.crt"}
    found |= {name for name in roles if namespace in name}
    return found | {f"crd/{name.partition('/')[2]}" for name in definitions if "holmesgpt.dev" in name}


def leftovers(steps: Steps) -> Vars:
    return t.cast(Vars, steps.applied.check("release.leftovers")["evidence"])


@pytest.mark.usefixtures("crds")
def test_everything_of_ours_goes_step_by_step_and_nothing_else(place: Place) -> None:
    site, namespace = place.site, place.namespace
    full: Vars = {**SECRETS, "holmes_skip_crds": False}
    place.install(**full)
    site.kubectl("create", "secret", "generic", "of-somebody-else", "-n", namespace, "--from-literal=a=b")
    apply(place, foreign_crd())
    ours = {"secret/holmes-secrets", "secret/holmes-registry", f"namespace/{namespace}", *(f"crd/{it}" for it in CRDS)}
    foreign = {"secret/of-somebody-else", f"crd/{FOREIGN}"}

    first = changed(place, REMOVE)
    assert there(place) == ours | foreign
    owners = {row["what"].partition(" ")[0]: row["owner"] for row in leftovers(first)["left"]}
    assert {what for what, owner in owners.items() if owner == "ours"} == ours, owners
    assert {what for what, owner in owners.items() if owner == "somebody else's"} == foreign, owners
    assert place.site.exec("helm", "list", "-a", "-n", namespace, "-q").stdout == ""

    check = {"apiVersion": "holmesgpt.dev/v1alpha1", "kind": "HealthCheck", "metadata": {"name": "mine"}, "spec": {}}
    apply(place, {**check, "metadata": {"name": "mine", "namespace": "default"}})
    second = changed(place, REMOVE, **EVERYTHING)
    assert there(place) == foreign | {f"namespace/{namespace}", *(f"crd/{it}" for it in CRDS)}
    alone = "; ".join(leftovers(second)["left_alone"])
    assert "there are still 1 healthchecks.holmesgpt.dev (namespaces default)" in alone
    assert all(name in alone for name in ("of-somebody-else", FOREIGN, namespace)), alone

    site.kubectl("delete", "healthcheck", "mine", "-n", "default")
    site.kubectl("delete", "secret", "of-somebody-else", "-n", namespace)
    changed(place, REMOVE, **EVERYTHING)
    assert there(place) == {f"crd/{FOREIGN}"}

    assert "READY" in done(place, "site.yml", **SECRETS).run.output, "and from the beginning"


@pytest.mark.usefixtures("crds")
@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_an_interrupted_removal_is_finished_or_taken_back(place: Place, helm: str) -> None:
    """In a namespace, and with definitions, that somebody else made."""
    site, namespace = place.site, place.namespace
    site.kubectl("create", "namespace", namespace)
    site.kubectl("create", "-f", str(ROOT / "tests/doubles/charts/holmes-0.45.0/crds"))
    base: Vars = {"holmes_helm_binary": helm, "holmes_pending_grace": 4}
    place.install(**base)

    interrupt_removal(place, helm)
    back = changed(place, "site.yml", **base)
    assert "uninstalling" in back.applied.check("release.recovered")["message"]
    assert place.pods() and place.revisions()[-1][1] == "deployed"

    interrupt_removal(place, helm)
    gone = changed(place, REMOVE, "--tags", "holmes_deploy", **base, **EVERYTHING)
    assert there(place) == {f"namespace/{namespace}", *(f"crd/{it}" for it in CRDS)}
    assert site.exec("helm", "list", "-a", "-n", namespace, "-q").stdout == ""
    alone = "; ".join(leftovers(gone)["left_alone"])
    assert all(name in alone for name in (f"namespace/{namespace}", *CRDS)), alone


def interrupt_removal(place: Place, helm: str) -> None:
    """Kill a real Helm that waits for an object which does not go; what it waited for goes afterwards."""
    site, namespace = place.site, place.namespace

    def finalizers(names: list[str]) -> None:
        patch = json.dumps({"metadata": {"finalizers": names}})
        site.kubectl("patch", "configmap", "custom-toolsets-configmap", "-n", namespace, "--type=merge", "-p", patch)

    finalizers([HELD])
    words = (helm, "uninstall", namespace, "-n", namespace, "--wait", "--timeout", "5m")
    command = [str(SITE), "exec", "--name", site.name, "--", *words]
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(
            lambda: bool(site.kubectl("get", "secrets", "-n", namespace, "-l", "status=uninstalling", "-o", "name"))
        )
        wait_for(lambda: not site.kubectl("get", "deployments", "-n", namespace, "-o", "name"))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    finalizers([])


def wait_for(seen: t.Callable[[], bool]) -> None:
    for _attempt in range(150):
        if seen():
            return
        time.sleep(0.2)
    raise AssertionError("it did not happen within 30 seconds")


def test_nothing_is_removed_where_nothing_is(place: Place) -> None:
    with untouched(place):
        for arguments in ((), ("--check",)):
            assert done(place, REMOVE, *arguments, **EVERYTHING).run.recap("changed") == 0
    check = refused(place, "playbooks/rollback.yml", "release.rollback", "no release to go back in", locked=True)
    assert "site.yml" in check["fix"]

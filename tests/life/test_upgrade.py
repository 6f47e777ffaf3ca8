# SPDX-License-Identifier: GPL-3.0-or-later
"""From one chart to the next and back: shown before, applied once, served all the time, from every kind of source."""

from __future__ import annotations

import contextlib
import json
import shutil
import typing as t
from pathlib import Path

import pytest

from tests.e2e import test_secrets
from tests.e2e.site_run import ROOT, Place, Vars
from tests.e2e.test_repeat import package
from tests.e2e.test_secrets import CANARY, ProcessWatch
from tests.e2e.test_variants import can
from tests.faults.probes import Probes
from tests.life.steps import changed, done, refused, told, untouched
from tests.life.test_rotation import other_ca

DOUBLE = ROOT / "tests/doubles/charts/holmes-0.45.0"
CRD = "healthchecks.holmesgpt.dev"
OURS = "app.kubernetes.io/managed-by"
OLD: Vars = {"holmes_image": "holmes:0.16.1-light"}
# One more object, one more right to read, and a key that has another name.
ADDED = """apiVersion: v1
kind: ConfigMap
metadata: {name: new-in-0-46, namespace: {{ .Release.Namespace }}}
"""
RULE = "- {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, list]}"
COLUMN = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}


def next_chart(place: Place) -> str:
    """The double as 0.46.0, with the changes above and another default."""
    chart = copied(place, "next")
    replaced(chart / "Chart.yaml", "0.45.0", "0.46.0")
    (chart / "templates/added.yaml").write_text(ADDED)
    replaced(
        chart / "templates/_rules.tpl", '{{- define "double.rules" }}\n', '{{- define "double.rules" }}\n' + RULE + "\n"
    )
    replaced(chart / "values.yaml", "revisionHistoryLimit:", "keepReplicaSets:")
    replaced(chart / "templates/deployment.yaml", ".Values.revisionHistoryLimit", ".Values.keepReplicaSets")
    replaced(chart / "values.yaml", "cpu: 100m", "cpu: 110m", 1)
    return package(place, chart)


def copied(place: Place, name: str) -> Path:
    folder = place.folder / name
    shutil.copytree(DOUBLE, folder)
    return folder


def replaced(path: Path, old: str, new: str, count: int = -1) -> None:
    text = path.read_text()
    assert old in text, path
    path.write_text(text.replace(old, new, count))


def chart_of(place: Place) -> str:
    """Name and version of the chart, as Helm tells them."""
    listed = place.site.exec("helm", "list", "-n", place.namespace, "-o", "json").stdout
    return str(json.loads(listed)[0]["chart"])


def has_next(place: Place) -> tuple[bool, bool]:
    """Whether the new object is there, and the new right."""
    found = place.site.kubectl("get", "configmap", "new-in-0-46", "-n", place.namespace, "--ignore-not-found")
    return bool(found), can(place, "list", "leases.coordination.k8s.io", "--all-namespaces")


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_to_the_next_chart_and_back_while_requests_are_served(place: Place, helm: str) -> None:
    two: Vars = {"replicas": 2, "strategy": {"type": "RollingUpdate"}}
    base: Vars = {"holmes_helm_binary": helm, "holmes_values": two}
    after: Vars = {**base, "holmes_chart_archive": next_chart(place)}
    place.install(**{**base, "holmes_values": {**two, "revisionHistoryLimit": 4}})
    with Probes(place) as probes:
        seen = changed(place, "site.yml", **after).check
        told_before(place, seen.checks["cluster"], seen.run.output)
        assert has_next(place) == (True, True) and chart_of(place) == "holmes-0.46.0"
        assert place.revisions() == [(1, "superseded"), (2, "deployed")]

        back = changed(place, "playbooks/rollback.yml", holmes_helm_binary=helm)
        assert "0.46.0" in back.check.check("release.rollback")["message"]
        assert has_next(place) == (False, False) and chart_of(place) == "holmes-0.45.0"
        assert place.revisions()[-1] == (3, "deployed")

        check = refused(
            place,
            "playbooks/rollback.yml",
            "release.rollback",
            "no revision 9",
            holmes_rollback_revision=9,
            locked=True,
        )
        assert all(f"{number} " in check["message"] for number in (1, 2, 3)), check["message"]

        done(place, "site.yml", **after)
        assert chart_of(place) == "holmes-0.46.0", "the inventory counts again"
        changed(place, "playbooks/rollback.yml", holmes_helm_binary=helm, holmes_rollback_revision=1)
        assert chart_of(place) == "holmes-0.45.0" and place.revisions()[-1] == (5, "deployed")
        probes.expect_served()


def told_before(place: Place, checks: dict[str, Vars], output: str) -> None:
    """What the check run of the upgrade said, before anything was changed."""
    assert "0.45.0 -> 0.46.0" in checks["upgrade.version"]["message"]
    values = checks["upgrade.values"]
    assert values["status"] == "warn" and "revisionHistoryLimit" in str(values["evidence"]["vanish"]), values
    assert "resources.requests.cpu: 100m -> 110m" in str(values["evidence"]["defaults"]), values
    role = f"ClusterRole {place.namespace}-holmes-cluster-role"
    assert "leases.coordination.k8s.io" in str(checks["upgrade.rights"]["evidence"]["gained"][role])
    assert checks["upgrade.rights"]["status"] == "pass"
    plus = [line.strip() for line in output.splitlines() if line.lstrip().startswith("+")]
    assert any("new-in-0-46" in line for line in plus), "the new object in the diff"
    assert any("110m" in line for line in plus), "the changed default in the diff"


def test_from_the_oldest_chart_and_a_refused_downgrade(place: Place) -> None:
    older: Vars = {**OLD, "holmes_chart_archive": place.chart("0.16.1")}
    place.install(**older)
    steps = changed(place, "site.yml")
    assert "0.16.1 -> 0.45.0" in steps.check.check("upgrade.version")["message"]
    assert chart_of(place) == "holmes-0.45.0"
    refused(place, "site.yml", "upgrade.version", "goes back", "rollback.yml", "holmes_exceptions", **older)
    assert place.revisions()[-1] == (2, "deployed")
    accepted = done(place, "site.yml", **older, holmes_exceptions={"upgrade.version": "ticket 4711"})
    assert accepted.check("upgrade.version")["status"] == "warn"
    assert "READY WITH LIMITATIONS" in accepted.run.output and chart_of(place) == "holmes-0.16.1"


@pytest.fixture
def no_crds(place: Place) -> t.Iterator[None]:
    """Definitions belong to the whole cluster."""
    command = ("delete", "crd", CRD, f"scheduled{CRD}", "--ignore-not-found")
    place.site.kubectl(*command)
    yield
    place.site.kubectl(*command)


@pytest.mark.usefixtures("no_crds")
def test_definitions_are_left_alone_or_kept_as_the_chart_has_them(place: Place) -> None:
    def crd() -> Vars:
        return dict(place.site.get("crd", CRD))

    place.install()
    assert "holmesgpt.dev" not in place.site.kubectl("get", "crd", "-o", "name"), "not without being asked"
    first = changed(place, "site.yml", holmes_skip_crds=False)
    assert first.check.check("release.crds")["evidence"]["actions"][CRD] == "created"
    assert crd()["metadata"]["labels"][OURS] == "holmesgpt.onprem"
    assert place.revisions() == [(1, "deployed")], "definitions alone are no upgrade"

    chart = copied(place, "column")
    replaced(
        chart / "crds/healthcheck.yaml",
        "      subresources:\n",
        f"      additionalPrinterColumns: [{json.dumps(COLUMN)}]\n      subresources:\n",
    )
    archive = package(place, chart)
    with untouched_crds(place):
        done(place, "site.yml", holmes_chart_archive=archive)
    second = changed(place, "site.yml", holmes_chart_archive=archive, holmes_skip_crds=False)
    assert second.applied.check("release.crds")["evidence"]["actions"][CRD] == "updated"
    assert COLUMN["name"] in str(crd()["spec"]["versions"][0]["additionalPrinterColumns"])
    assert crd()["metadata"]["labels"][OURS] == "holmesgpt.onprem"
    with untouched_crds(place):
        assert done(place, "site.yml", holmes_chart_archive=archive).run.recap("changed") == 0


@contextlib.contextmanager
def untouched_crds(place: Place) -> t.Iterator[None]:
    def versions() -> list[str]:
        return [one["metadata"]["resourceVersion"] for one in place.site.get("crd")["items"]]

    before = versions()
    yield
    assert versions() == before


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_the_same_chart_from_an_oci_registry(place: Place, helm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = place.site.facts
    source: Vars = {
        "holmes_helm_binary": helm,
        "holmes_chart_archive": "",
        "holmes_chart_repo_url": facts["SITE_CHARTS_OCI"],
        "holmes_chart_repo_username": facts["SITE_REGISTRY_USERNAME"],
        "holmes_chart_repo_password": facts["SITE_REGISTRY_PASSWORD"],
    }
    wrong: list[tuple[Vars, tuple[str, ...]]] = [
        ({"holmes_chart_repo_password": CANARY}, ("refuses the log-in", "holmes_chart_repo_password")),
        ({"holmes_chart_version": "9.9.9"}, ("9.9.9", "holmes_chart_version")),
        (
            {"holmes_chart_repo_ca_file": other_ca(place.folder)},
            ("signed by an authority", "holmes_chart_repo_ca_file"),
        ),
    ]
    monkeypatch.setattr(test_secrets, "FORMS", (CANARY, facts["SITE_REGISTRY_PASSWORD"]))
    watch = ProcessWatch()
    watch.start()
    for change, words in wrong:
        with untouched(place):
            run = told(place, "site.yml", **{**source, **change}).run
        assert run.code != 0 and "Traceback" not in run.output
        flat = " ".join(run.output.split())
        assert all(word in flat for word in words), words
        assert CANARY not in run.output
    with untouched(place):
        assert done(place, "site.yml", "--check", "--diff", **source).run.recap("changed") > 0
    place.install(**source)
    assert place.install(**source).recap("changed") == 0
    watch.done.set()
    watch.join()
    assert watch.looks > 10 and watch.seen == set()
    # It is the same archive, so the way it comes is no change.
    assert place.install(holmes_helm_binary=helm).recap("changed") == 0
    assert place.revisions() == [(1, "deployed")]

# SPDX-License-Identifier: GPL-3.0-or-later
"""Before an installation: every fault has its own check and sentence, nothing is changed, and a good site is ready."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.doubles.model_server import bad_certs
from tests.e2e.observing import Writes, behind_the_gap, filled
from tests.e2e.preflight_faults import FAULTS, Fault, Vars
from tests.e2e.site_run import REPOSITORY, ROOT, Place, Run, Site

MODELS = "models.site.internal"
# What a preflight may send besides reading: it asks what it may do, and looks into pods through a forward.
HARMLESS = ("selfsubjectaccessreviews", "selfsubjectrulesreviews")


def slug(fault: Fault) -> str:
    return "pf-" + fault.name.lower().replace(" ", "-")


def audit_of(site: Site) -> Writes:
    """What preflights change from now on."""
    return Writes(site, r"kubernetes-admin|.*:deployer", HARMLESS, ("portforward",))


@contextlib.contextmanager
def farm(site: Site, folder: Path, facts: Vars) -> t.Iterator[dict[str, int]]:
    """The doubles that the faults want, behind the gap; gives their ports by the name of the fault."""
    wanted = {fault.name: filled(fault.double, facts) for fault in FAULTS if fault.double is not None}
    plan = folder / "farm.json"
    plan.write_text(json.dumps(wanted))
    with behind_the_gap(site, "tests.e2e.model_farm", str(plan)) as ports:
        yield ports


def certificates(folder: Path, site: Site) -> None:
    """Good and bad ones for the model server at the edge of the site, and an authority that signed nothing."""
    ca = Path(site.facts["SITE_CA_FILE"])
    made = bad_certs.make(folder, ca, ca.with_suffix(".key"), [MODELS])
    good = subprocess.run(
        [ROOT / "tests/lab/lab", "--name", site.name, "cert", MODELS], check=True, capture_output=True, text=True
    ).stdout.split()
    for source, name in zip(sorted(good), ("good.crt", "good.key"), strict=True):
        (folder / name).write_bytes(Path(source).read_bytes())
    (folder / "other-ca.crt").write_bytes(made["self_signed"].read_bytes())


@dataclass
class Faults:
    """One run over all faults: its output, and the report of each host."""

    run: Run
    writes: list[str]
    reports: dict[str, Vars]

    def checks(self, fault: Fault) -> dict[str, Vars]:
        return {check["id"]: check for check in self.reports[slug(fault)]["checks"]}


@pytest.fixture(scope="module")
def faults(site: Site, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Faults]:
    folder = tmp_path_factory.mktemp("faults")
    certificates(folder, site)
    facts = {**site.facts, "certs": str(folder), "models": MODELS, **cluster(site, folder)}
    namespaces = [slug(fault) for fault in FAULTS if fault.manifests]
    for fault in FAULTS:
        if fault.manifests:
            apply(site, filled(fault.manifests, {"namespace": slug(fault)}))
    facts["token"] = site.kubectl("create", "token", "deployer", "-n", "pf-rights").strip()
    base = Place(site, folder, "none").variables(holmes_report_dir=str(folder / "reports"))
    try:
        with farm(site, folder, facts) as ports:
            hosts = {}
            for fault in FAULTS:
                own = {**facts, "namespace": slug(fault), "port": ports.get(fault.name, "")}
                named = {"holmes_namespace": slug(fault), "holmes_release_name": slug(fault)}
                hosts[slug(fault)] = {**named, **filled(fault.variables, own)}
            audit = audit_of(site)
            run = site.play_hosts(folder, "playbooks/preflight.yml", base, hosts, "--forks", "8")
            writes = audit.found()
        reports = {path.stem: json.loads(path.read_text()) for path in (folder / "reports" / "hosts").glob("*.json")}
        yield Faults(run, writes, reports)
    finally:
        for name in namespaces:
            site.kubectl("delete", "namespace", name, "--ignore-not-found", "--wait=false")
        site.kubectl("delete", "clusterrole,clusterrolebinding", "pf-rights-deployer", "--ignore-not-found")


def cluster(site: Site, folder: Path) -> Vars:
    """The API server's address and authority, for an account that has only a token."""
    found = json.loads(site.kubectl("config", "view", "--minify", "--raw", "-o", "json"))["clusters"][0]["cluster"]
    (folder / "cluster-ca.crt").write_bytes(base64.b64decode(found["certificate-authority-data"]))
    return {"server": found["server"], "cluster_ca": str(folder / "cluster-ca.crt")}


def apply(site: Site, text: str) -> None:
    site.exec("kubectl", "apply", "-f", "-", input=text)


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_every_fault_is_found_and_told(faults: Faults, fault: Fault) -> None:
    found = faults.checks(fault)
    check = found.get(fault.check, {"status": "missing", "message": "", "fix": ""})
    others = {name: each["message"] for name, each in found.items() if each["status"] == "fail"}
    assert check["status"] == fault.status, f"{check}; failed: {others}"
    assert fault.says.lower() in check["message"].lower(), check
    assert fault.fix.lower() in check["fix"].lower(), check
    wanted = "not_ready" if fault.status == "fail" else "ready_with_limitations"
    assert faults.reports[slug(fault)]["verdict"] == wanted


def test_a_hanging_model_server_disturbs_no_other_check(faults: Faults) -> None:
    fault = next(fault for fault in FAULTS if fault.name == "hangs")
    others = {name: check for name, check in faults.checks(fault).items() if not name.startswith("llm.")}
    assert len(others) > 70 and {check["status"] for check in others.values()} <= {"pass", "warn"}
    # Ten seconds for the list of models, and no retry; with much to spare for the other hosts of this run.
    assert 5 <= sum(check["seconds"] for name, check in faults.checks(fault).items() if name.startswith("llm.")) < 60


def test_different_faults_have_different_sentences(faults: Faults) -> None:
    told = {faults.checks(fault)[fault.check]["message"] for fault in FAULTS if fault.check == "tls.model_server"}
    assert len(told) == 5


def test_nothing_was_changed(faults: Faults) -> None:
    assert faults.writes == []
    assert faults.run.recap("changed") == 0


def test_no_secret_and_no_traceback(faults: Faults, site: Site) -> None:
    text = faults.run.output + json.dumps(faults.reports)
    assert "Traceback" not in text
    assert site.facts["SITE_REGISTRY_PASSWORD"] not in text and "wrong-password-1" not in text


def test_the_audit_log_would_show_a_change(site: Site) -> None:
    audit = audit_of(site)
    site.kubectl("create", "configmap", "pf-seen", "-n", "default")
    site.kubectl("delete", "configmap", "pf-seen", "-n", "default")
    time.sleep(1)
    assert [entry.split()[1] for entry in audit.found()] == ["create", "delete"]


def test_a_good_site_is_ready_within_seconds(place: Place, tmp_path: Path) -> None:
    place.site.kubectl("create", "namespace", place.namespace)
    audit = audit_of(place.site)
    run = place.play("playbooks/preflight.yml", holmes_report_dir=str(tmp_path), holmes_llm_probe="full", **REPOSITORY)
    assert run.code == 0
    assert "Probe of 1 model: at most" in run.output, "the budget is told before it is spent"
    report = json.loads((tmp_path / "hosts" / "cluster.json").read_text())
    assert report["verdict"] == "ready", [check for check in report["checks"] if check["status"] != "pass"]
    slow = {check["id"]: check["seconds"] for check in report["checks"] if not check["id"].startswith("llm.")}
    assert max(slow.values()) < 5, slow
    assert audit.found() == []


def test_gate_probe_and_exceptions_are_named_in_the_report(place: Place, tmp_path: Path) -> None:
    cases: dict[str, tuple[Vars, str, str]] = {
        "strict": ({}, "llm.context", "fail"),
        "warn": ({"holmes_preflight_gate": "warn"}, "preflight.gate", "warn"),
        "none": ({"holmes_preflight_gate": "none"}, "preflight.gate", "warn"),
        "unasked": ({"holmes_llm_probe": "none"}, "llm.key", "not_checked"),
        "accepted": ({"holmes_exceptions": {"llm.context": "a test"}}, "llm.context", "warn"),
        "tuned": ({"holmes_llm_autotune": True}, "llm.context", "warn"),
    }
    wrong = place.variables(holmes_llm_context_window=262144, holmes_report_dir=str(tmp_path))
    hosts = {name: changes for name, (changes, _check, _status) in cases.items()}
    run = place.site.play_hosts(tmp_path, "playbooks/preflight.yml", wrong, hosts)
    assert run.code == 2 and run.recap("failed") == 1, "only the strict one stops"
    for name, (_changes, check, status) in cases.items():
        checks = {
            each["id"]: each["status"]
            for each in json.loads((tmp_path / "hosts" / f"{name}.json").read_text())["checks"]
        }
        assert checks[check] == status, name


def test_autotune_takes_over_what_the_server_says(place: Place) -> None:
    run = place.install(holmes_llm_context_window=262144, holmes_llm_autotune=True)
    assert "values.autotune" in run.output and "131072" in run.output
    pod = place.pods()[0]["spec"]["containers"][0]
    found = {entry["name"]: entry.get("value") for entry in pod["env"]}
    assert found["OVERRIDE_MAX_CONTENT_SIZE"] == "131072"


def test_a_failed_preflight_stops_before_any_change(place: Place) -> None:
    audit = audit_of(place.site)
    run = place.play("site.yml", holmes_image="holmes:0.99.0")
    assert run.code == 2 and run.recap("changed") == 0
    assert "[registry.image]" in run.output
    assert audit.found() == []

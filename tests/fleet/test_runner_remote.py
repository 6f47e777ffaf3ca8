# SPDX-License-Identifier: GPL-3.0-or-later
"""The same jobs on an execution node: a real sshd in another network, `ansible-runner transmit | worker | process`.

What is said and found must be the same wherever the playbooks run: on the node, in ansible-runner here, on the CLI.
"""

from __future__ import annotations

import json
import os
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.site_run import ROOT, SITE, Site, Vars
from tests.fleet import runner_events
from tests.fleet.runner_job import Launch, prepared
from tests.fleet.runner_node import Node, node_at
from tests.fleet.runner_remote import THERE, Sent, send
from tests.fleet.runner_run import Done, run
from tests.fleet.runner_site import Awx, awx_at

HOSTS = ("seoul", "busan")


@dataclass(frozen=True)
class Remote:
    node: Node
    deployed: Sent
    again: Sent
    verified: Sent

    @property
    def all(self) -> tuple[Sent, ...]:
        return self.deployed, self.again, self.verified


@pytest.fixture(scope="module")
def awx(site: Site, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Awx]:
    with awx_at(site, tmp_path_factory.mktemp("awx"), "remote") as awx:
        yield awx


@pytest.fixture(scope="module")
def remote(awx: Awx, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Remote]:
    folder = tmp_path_factory.mktemp("remote")
    with node_at(awx, folder / "node") as node:
        jobs = {"deploy": "HolmesGPT deploy", "again": "HolmesGPT deploy", "verify": "HolmesGPT verify"}
        done = [send(node, template, folder / name, awx.inventory(*HOSTS), Launch()) for name, template in jobs.items()]
        yield Remote(node, *done)


def test_the_jobs_end_well_and_every_event_comes_back(remote: Remote) -> None:
    for sent in remote.all:
        assert (sent.codes, sent.done.status) == ((0, 0, 0), "successful"), sent.errors
        runner_events.whole(sent.done.events)
    assert runner_events.changed(remote.again.done.events) == {}


def test_progress_arrives_while_it_happens(remote: Remote, awx: Awx) -> None:
    for host in HOSTS:
        name = f"{awx.name}-{host}"
        assert runner_events.told(remote.deployed.done.events, rf"^{name}: Probe of 1 model: ")
        assert f"{name}: Probe of 1 model: " in remote.deployed.done.said, "ansible-runner process shows it"
    assert max(remote.deployed.lags) < 5, "events are sent one by one, not at the end"


def test_the_cluster_has_what_was_asked_for(remote: Remote, awx: Awx) -> None:
    for host in HOSTS:
        name = f"{awx.name}-{host}"
        pods = awx.site.get("pods", "-n", name, "-l", "app=holmes")["items"]
        assert [pod["status"]["phase"] for pod in pods] == ["Running"]
        (env,) = [one for one in pods[0]["spec"]["containers"][0]["env"] if one["name"] == "VLLM_API_KEY"]
        assert env["valueFrom"]["secretKeyRef"]["name"] == "holmes-secrets"


def test_the_report_comes_back_with_the_artifacts(remote: Remote, awx: Awx) -> None:
    for sent in remote.all:
        names = {path.name for path in (sent.done.artifacts / "reports").iterdir()}
        assert {"report.json", "report.html", "report.xml", "hosts"} == names
        verdicts = {host["host"]: host["verdict"] for host in sent.done.report()["hosts"]}
        assert verdicts == dict.fromkeys((f"{awx.name}-{host}" for host in sorted(HOSTS)), "ready")
        assert verdicts == sent.done.handed_on["holmes_report"]


def test_no_secret_is_told_or_stays(remote: Remote) -> None:
    node, secrets = remote.node, remote.deployed.secrets
    assert any("ansible-playbook" in line for line in node.seen) and len(secrets) == 4
    assert not [line for line in node.seen if any(secret in line for secret in secrets)]
    for sent in remote.all:
        runner_events.only_in_the_command(sent.done.artifacts, secrets)
        assert not [secret for secret in secrets if secret in sent.done.said + sent.errors]
    # The Kubernetes client keeps what it knows of the API, which is public.
    left = [name for name in node.output("ls", "-A", "/tmp").split() if not name.startswith("k8srcp-")]
    assert left == [], f"{THERE} or a work folder"
    assert runner_events.holding(Path(f"/proc/{node.pid}/root/home"), secrets) == {}
    assert node.is_quiet(), "only its sshd still lives there"


def test_here_there_and_on_the_command_line_the_same_is_found(remote: Remote, awx: Awx, tmp_path: Path) -> None:
    job = prepared(awx.objects, "HolmesGPT verify", tmp_path / "job", awx.inventory(*HOSTS), Launch(env=awx.env))
    here = run(awx, job)
    assert here.status == "successful"
    there = remote.verified.done
    assert found(here.report()) == found(there.report())
    assert steps(here) == steps(there)
    typed = tmp_path / "typed"
    command = [str(SITE), "exec", "--name", awx.site.name, "--", str(awx.programs / "ansible-playbook")]
    command += ["playbooks/verify.yml", "-i", str(job.folder / "inventory" / "hosts")]
    given = json.loads((job.folder / "env" / "envvars").read_text())
    env = {**os.environ, **{name: given[name] for name in given if name.startswith(("SITE_", "K8S_AUTH_"))}}
    env.update(HOLMES_ONPREM_REPORT_DIR=str(typed))
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, timeout=600)
    assert done.returncode == 0, done.stdout
    assert found(json.loads((typed / "report.json").read_text())) == found(there.report())


def found(report: Vars) -> dict[str, list[tuple[str, str]]]:
    """Every check of every host with its status, in the order of the report."""
    return {host["host"]: [(check["id"], check["status"]) for check in host["checks"]] for host in report["hosts"]}


def steps(done: Done) -> dict[str, list[tuple[str, str]]]:
    """Every task of every host with its result, in the order of the events."""
    told: dict[str, list[tuple[str, str]]] = {}
    for event in done.events:
        if event["event"] in runner_events.RESULTS:
            about = event["event_data"]
            told.setdefault(about["host"], []).append((about["task"], event["event"]))
    return told

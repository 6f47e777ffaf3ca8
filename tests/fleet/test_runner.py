# SPDX-License-Identifier: GPL-3.0-or-later
"""Every job template of awx/objects through ansible-runner, the engine of AWX: one installation's whole life.

The jobs are made of the objects as they are. Nobody can write to the project while they run.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.site_run import Site, Vars
from tests.fleet import runner_events
from tests.fleet.runner_job import Launch, Prepared, prepared
from tests.fleet.runner_run import Done, frozen, run, tree
from tests.fleet.runner_site import Awx, awx_at

HOSTS = ("seoul", "busan")
# Until the last one looks at the pods, none has come up again.
BEFORE = ("Values | Generate", "Verify | Rollout")
# Step of the life, template, what is answered, what the inventory says otherwise.
STEPS: tuple[tuple[str, str, Vars, Vars], ...] = (
    ("preflight", "HolmesGPT preflight", {}, {}),
    ("plan", "HolmesGPT plan", {}, {}),
    ("deploy", "HolmesGPT deploy", {}, {}),
    ("again", "HolmesGPT deploy", {}, {}),
    ("verify", "HolmesGPT verify", {}, {}),
    ("upgrade", "HolmesGPT deploy", {}, {"holmes_llm_max_output_tokens": 4096}),
    ("rollback", "HolmesGPT rollback", {"holmes_hosts": "all", "holmes_rollback_revision": 1}, {}),
    ("remove", "HolmesGPT remove", {"holmes_hosts": "all", "holmes_remove": ["secrets", "cluster_roles"]}, {}),
)


@dataclass(frozen=True)
class Step:
    """A job that is over, and what kubectl and helm saw right after it."""

    job: Prepared
    done: Done
    project: tuple[Vars, Vars]
    pods: dict[str, list[str]]
    revisions: dict[str, list[tuple[int, str]]]


@dataclass(frozen=True)
class Life:
    awx: Awx
    steps: dict[str, Step]

    @property
    def names(self) -> list[str]:
        return [f"{self.awx.name}-{host}" for host in HOSTS]

    def restart(self) -> None:
        """Every pod has to come up again, which takes the chart's fifteen seconds at least."""
        for name in self.names:
            self.awx.site.kubectl("delete", "pods", "--all", "-n", name, "--wait=false")


@pytest.fixture(scope="module")
def life(site: Site, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Life]:
    folder = tmp_path_factory.mktemp("life")
    with awx_at(site, folder, "runner") as awx:
        life = Life(awx, {})
        for name, template, answers, changes in STEPS:
            launch = Launch({**answers, **_handed_on(life, name)}, forks=5, env=awx.env)
            job = prepared(awx.objects, template, folder / name, awx.inventory(*HOSTS, **changes), launch)
            before = tree(job.project)
            done = run(awx, job, dict.fromkeys(BEFORE, life.restart) if name == "verify" else None)
            life.steps[name] = Step(job, done, (before, tree(job.project)), *observed(life))
            assert done.status == "successful", done.text()
        yield life


def _handed_on(life: Life, name: str) -> Vars:
    """What the node before gives to this one: the plan to the first deployment, as in the workflow."""
    return {"holmes_plans": life.steps["plan"].done.handed_on["holmes_plans"]} if name == "deploy" else {}


def observed(life: Life) -> tuple[dict[str, list[str]], dict[str, list[tuple[int, str]]]]:
    site, pods, revisions = life.awx.site, {}, {}
    for name in life.names:
        found = site.get("pods", "-n", name, "-l", "app=holmes")["items"]
        pods[name] = [one["status"]["phase"] for one in found if "deletionTimestamp" not in one["metadata"]]
        history = site.exec("helm", "history", name, "-n", name, "-o", "json", check=False, stderr=-3).stdout or "[]"
        revisions[name] = [(one["revision"], one["status"]) for one in json.loads(history)]
    return pods, revisions


@pytest.fixture(params=[name for name, *_rest in STEPS])
def step(life: Life, request: pytest.FixtureRequest) -> Step:
    return life.steps[request.param]


def test_the_job_ends_well_and_no_event_is_lost(step: Step) -> None:
    assert (step.done.code, step.done.status) == (0, "successful")
    assert (step.done.artifacts / "rc").read_text() == "0"
    runner_events.whole(step.done.events)


def test_no_secret_is_in_what_a_job_leaves(step: Step) -> None:
    assert len(step.job.secrets) == 4
    runner_events.only_in_the_command(step.done.artifacts, step.job.secrets)
    assert runner_events.holding(step.job.folder / "home", step.job.secrets) == {}
    kept = [path for path in (step.job.folder / "env").iterdir() if path.stat().st_mode & 0o077]
    assert kept == [], "files of credentials are their owner's"


def test_nothing_is_written_into_the_project(step: Step) -> None:
    before, after = step.project
    assert before == after
    assert "cannot be written" not in step.done.text()


def test_the_project_cannot_be_written_to(life: Life) -> None:
    job = life.steps["deploy"].job
    done = subprocess.run([*frozen(job), "touch", str(job.project / "x")], capture_output=True, text=True, check=False)
    assert "Read-only file system" in done.stderr


def test_the_clusters_are_as_the_templates_say(life: Life) -> None:
    def seen(step: str) -> list[tuple[list[str], list[tuple[int, str]]]]:
        return [(life.steps[step].pods[name], life.steps[step].revisions[name]) for name in life.names]

    first = (["Running"], [(1, "deployed")])
    assert seen("preflight") == seen("plan") == [([], []), ([], [])], "they change nothing"
    assert seen("deploy") == seen("again") == seen("verify") == [first, first]
    assert [revisions[-1] for _pods, revisions in seen("upgrade")] == [(2, "deployed")] * 2
    assert [revisions[-1] for _pods, revisions in seen("rollback")] == [(3, "deployed")] * 2
    assert [pods for pods, _revisions in seen("rollback")] == [["Running"]] * 2
    assert seen("remove") == [([], []), ([], [])]


def test_a_repeated_job_changes_nothing(life: Life) -> None:
    first, again = life.steps["deploy"].done, life.steps["again"].done
    assert set(runner_events.changed(first.events)) == set(life.names)
    assert runner_events.changed(again.events) == {}
    assert again.stats["changed"] == {}


def test_the_verdicts_and_the_plan_are_handed_on(life: Life) -> None:
    for name in ("deploy", "again", "verify", "upgrade"):
        assert life.steps[name].done.handed_on["holmes_report"] == dict.fromkeys(life.names, "ready"), name
    assert set(life.steps["plan"].done.handed_on["holmes_plans"]) == set(life.names)
    deployed = {host["host"]: host for host in life.steps["deploy"].done.report()["hosts"]}
    for name in life.names:
        (plan,) = [check for check in deployed[name]["checks"] if check["id"] == "release.plan"]
        assert plan["status"] == "pass", plan


def test_progress_is_told_with_the_name_of_the_host(life: Life) -> None:
    deployed, verified = life.steps["deploy"].done.events, life.steps["verify"].done.events
    for name in life.names:
        assert runner_events.told(deployed, rf"^{name}: Probe of 1 model: "), "what the model server is asked"
        assert runner_events.told(deployed, rf"^{name} \| {name} in {name}: READY"), "the table"
        rollout = runner_events.told(verified, rf"^{name}: \d+ s: ")
        assert len(rollout) >= 2, "what it waits for, and that it is over"


def test_the_report_is_among_the_artifacts(life: Life) -> None:
    for name in ("preflight", "deploy", "again", "verify", "upgrade", "rollback"):
        step = life.steps[name]
        reports = step.done.artifacts / "reports"
        assert {"report.json", "report.html", "report.xml"} <= {path.name for path in reports.iterdir()}
        assert [host["host"] for host in step.done.report()["hosts"]] == sorted(life.names)
        assert not (step.job.project / "reports").exists()
    assert not (life.steps["plan"].done.artifacts / "reports").exists(), "a check run writes none"


def test_a_report_goes_where_an_administrator_wants_it(life: Life, tmp_path: Path) -> None:
    env = {**life.awx.env, "HOLMES_ONPREM_REPORT_DIR": str(tmp_path / "mounted")}
    launch = Launch({"holmes_hosts": life.names[0]}, env=env)
    job = prepared(life.awx.objects, "HolmesGPT preflight", tmp_path / "job", life.awx.inventory(*HOSTS), launch)
    done = run(life.awx, job)
    assert done.status == "successful"
    assert (tmp_path / "mounted" / "report.json").is_file()
    assert not (done.artifacts / "reports").exists()
    shutil.rmtree(job.folder)

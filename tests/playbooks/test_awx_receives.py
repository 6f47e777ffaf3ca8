# SPDX-License-Identifier: GPL-3.0-or-later
"""What a playbook receives from AWX: credentials, answers, slices. On the oldest and the newest core."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from tests.playbooks.awx_job import Job, exported, sliced
from tests.unit.fixtures.values_world import helm

LLM, API, PASSWORD, TOKEN = "llm-canary-{{ 1 }}", "api-canary-2201", "pull-{%-canary", "token-canary-2202"
PROBE = """
- hosts: "{{ holmes_hosts | default('all') }}"
  gather_facts: false
  tasks:
    - ansible.builtin.copy:
        # One expression: older cores make text of a number that stands alone in braces.
        content: >-
          {{ {'secrets': holmes_secrets | default({}),
              'registry': [holmes_registry_host, holmes_registry_username, holmes_registry_password],
              'revision': holmes_rollback_revision | default(0), 'remove': holmes_remove | default([]),
              'chart': holmes_chart_archive, 'plan': holmes_plan | default(''), 'plans': holmes_plans | default({}),
              'repair': holmes_repair_drift | default(false),
              'flag': 'on' if holmes_repair_drift | default(false) | bool else 'off'} | to_json }}
        dest: "{{ probe_folder }}/{{ inventory_hostname }}.json"
        mode: "0600"
"""


@pytest.fixture
def job(core: Path, tmp_path: Path) -> Job:
    """A job over the example inventory, with all credentials."""
    return with_credentials(Job(core, tmp_path / "job", exported(core, tmp_path)))


def with_credentials(made: Job) -> Job:
    made.credential("HolmesGPT model server key", llm_api_key=LLM)
    made.credential("HolmesGPT API key", holmes_api_key=API)
    made.credential("HolmesGPT image registry", username="puller", password=PASSWORD)
    return made


def received(job: Job, *arguments: str, **given: t.Any) -> dict[str, t.Any]:
    """What each host got."""
    (job.folder / "project" / "playbooks" / "probe.yml").write_text(PROBE, encoding="utf-8")
    folder = job.folder / "probe"
    folder.mkdir(exist_ok=True)
    templated = {
        "probe_folder": str(folder),
        "holmes_chart_archive": "/charts/{{ 'holmes' }}.tgz",
        **given.pop("templated", {}),
    }
    done = job.run("playbooks/probe.yml", *arguments, templated=templated, **given)
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.stem: json.loads(path.read_text()) for path in folder.iterdir()}


def test_credentials_become_the_roles_variables(job: Job) -> None:
    got = received(job)
    assert got["busan"]["secrets"] == {"openai-api-key": LLM, "holmes-api-key": API}
    assert got["seoul"]["secrets"] == {}
    assert got["seoul"]["registry"] == ["registry.site.internal:5000", "puller", PASSWORD]


def test_without_credentials_nothing_is_made_up(core: Path, tmp_path: Path) -> None:
    got = received(Job(core, tmp_path / "job", exported(core, tmp_path)))
    assert got["busan"]["secrets"] == {"openai-api-key": "", "holmes-api-key": ""}


def test_answers_keep_their_types_and_are_not_templated(job: Job) -> None:
    answers = {
        "holmes_rollback_revision": 4,
        "holmes_remove": ["secrets", "crds"],
        "holmes_repair_drift": "false",
        "holmes_plan": "{{ 1 + 1 }}",
    }
    got = received(job, answered=answers)["seoul"]
    assert (got["revision"], got["remove"]) == (4, ["secrets", "crds"])
    assert got["plan"] == "{{ 1 + 1 }}", "what people write is no template"
    assert got["chart"] == "/charts/holmes.tgz", "what the template says is one"
    # Text on older cores, where a bare condition would take it for true; the role converts it.
    assert got["repair"] in ("false", False) and got["flag"] == "off"


def test_a_text_like_a_number_stays_text_as_environment_only(job: Job) -> None:
    """Why no credential of ours gives extra variables."""
    job.credential("HolmesGPT image registry", username="1e5", password="0123456")
    job.variables(holmes_plan="0123456")
    got = received(job)["seoul"]
    assert got["registry"][1:] == ["1e5", "0123456"]
    assert got["plan"] in ("0123456", 0o123456), "text on older cores, a number on newer ones"


def test_the_plans_of_the_node_before_arrive_as_a_mapping(job: Job) -> None:
    plans = {"seoul": "3f1c0a9be2d4-77c8a5d0f6b1-e29c073a11d2-9ab8c7d6e5f4"}
    assert received(job, answered={"holmes_plans": plans})["seoul"]["plans"] == plans


def test_a_credential_gives_way_to_the_job(job: Job) -> None:
    job.variables(holmes_registry_username="of-the-credential")
    assert received(job)["seoul"]["registry"][1] == "of-the-credential", "and wins over the inventory"
    assert received(job, answered={"holmes_registry_username": "of-the-job"})["seoul"]["registry"][1] == "of-the-job"


def test_hosts_are_chosen_by_the_survey_and_by_a_limit(job: Job) -> None:
    assert set(received(job, answered={"holmes_hosts": "seoul"})) == {"seoul"}
    for path in (job.folder / "probe").iterdir():
        path.unlink()
    assert set(received(job, "-l", "busan")) == {"busan"}


def test_a_slice_without_a_chosen_host_is_fine_and_with_a_limit_it_fails(core: Path, tmp_path: Path) -> None:
    first = sliced(exported(core, tmp_path), 1, 2)
    chosen = with_credentials(Job(core, tmp_path / "job", first))
    assert received(chosen, answered={"holmes_hosts": "seoul"}) == {}
    assert set(received(chosen)) == {"busan"}
    limited = chosen.run("playbooks/probe.yml", "-l", "seoul")
    assert limited.returncode != 0 and "no hosts to target" in limited.stdout + limited.stderr


def test_values_by_the_whole_command_without_a_secret(job: Job, archive: Path) -> None:
    templated = {"holmes_chart_archive": str(archive), "holmes_helm_binary": helm()}
    done = job.run("playbooks/values.yml", "--forks=2", templated=templated, answered={"holmes_hosts": "seoul"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "seoul | values for holmes-seoul in holmes-seoul: READY" in done.stdout
    everything = done.stdout + done.stderr
    assert not [secret for secret in (LLM, API, PASSWORD) if secret in everything]

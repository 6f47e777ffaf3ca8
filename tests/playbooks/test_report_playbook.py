# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of real runs: half-way failures, nobody at home, batches, several plays, check mode, plays without us."""

from __future__ import annotations

import json
import os
import subprocess
import typing as t
import xml.etree.ElementTree as ET

import jsonschema
import pytest

from tests.playbooks.conftest import ROOT, Ansible
from tests.unit.fixtures.values_world import helm
from tests.unit.plugins.plugin_utils.test_report_files import validate

CANARY = "hunter2-canary-8d1f"
GONE = (
    "{ansible_connection: ssh, ansible_host: 127.0.0.1, ansible_port: 1, ansible_ssh_common_args: -o ConnectTimeout=2}"
)
NO_CHART = "{holmes_chart_archive: /nonexistent/chart.tgz}"
PLAY = """
- hosts: {hosts}
  gather_facts: false
{more}
  tasks:
    - name: Generate
      ansible.builtin.{verb}_role:
        name: holmesgpt.onprem.holmes
      vars: {{holmes_state: generated}}
"""


class Site:
    """An inventory, the callback enabled, and a folder for the report."""

    def __init__(self, ansible: Ansible) -> None:
        self.ansible, self.folder = ansible, ansible.folder
        self.reports = self.folder / "reports"

    def run(
        self, hosts: dict[str, str], playbook: str = "", *arguments: str, callback: bool = True, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """``playbooks/values.yml`` or the text of a playbook, for hosts with their variables as YAML."""
        inventory = self.folder / "hosts.yml"
        inventory.write_text(
            "clusters:\n  vars:\n    ansible_connection: local\n"
            '    ansible_python_interpreter: "{{ ansible_playbook_python }}"\n'
            f"    holmes_chart_archive: {self.ansible.chart}\n    holmes_helm_binary: {helm()}\n"
            "    holmes_image_registry: registry.site.example:5000/holmesgpt\n    holmes_image: holmes:0.45.0\n"
            f"    holmes_values_files: [{self.ansible.guide}]\n    holmes_report_dir: {self.reports}\n"
            f"    holmes_secrets: {{key: {CANARY}}}\n"
            "  hosts:\n" + "".join(f"    {name}: {variables}\n" for name, variables in hosts.items()),
            encoding="utf-8",
        )
        configuration = self.folder / "ansible.cfg"
        configuration.write_text(
            "[defaults]\n" + ("callbacks_enabled = holmesgpt.onprem.report\n" if callback else ""), encoding="utf-8"
        )
        path = ROOT / "playbooks" / "values.yml"
        if playbook:
            path = self.folder / "play.yml"
            path.write_text(playbook, encoding="utf-8")
        command = [str(self.ansible.programs / "ansible-playbook"), str(path), "-i", str(inventory), *arguments]
        given = {
            "HOME": str(self.folder),
            "PATH": os.pathsep.join((str(self.ansible.programs), os.environ["PATH"])),
            "ANSIBLE_CONFIG": str(configuration),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"),
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
            **environment,
        }
        done = subprocess.run(
            command, cwd=self.folder, env=given, capture_output=True, text=True, check=False, timeout=120
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
        assert "no report of this run" not in done.stderr, done.stderr
        assert not list(self.folder.glob(".ansible/tmp/**/holmes-report-*")), "the handed over fragments are removed"
        return done

    def report(self) -> dict[str, t.Any]:
        """report.json, after all three files were looked at."""
        found: dict[str, t.Any] = json.loads((self.reports / "report.json").read_text(encoding="utf-8"))
        try:
            validate(found)
        except jsonschema.ValidationError as error:
            pytest.fail(str(error))
        suites = ET.parse(self.reports / "report.xml").getroot()  # noqa: S314  # our own file
        assert [suite.get("name") for suite in suites] == [host["host"] for host in found["hosts"]]
        assert (self.reports / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
        everything = b"".join(path.read_bytes() for path in self.reports.rglob("*") if path.is_file())
        assert CANARY.encode() not in everything
        return found

    def verdicts(self) -> dict[str, str]:
        return {host["host"]: host["verdict"] for host in self.report()["hosts"]}


@pytest.fixture
def site(ansible: Ansible) -> Site:
    return Site(ansible)


def ids(host: dict[str, t.Any]) -> list[str]:
    return [check["id"] for check in host["checks"]]


LIMITED, BAD = "ready_with_limitations", "not_ready"


def test_hosts_that_fail_in_different_places_and_a_secret_in_a_message(site: Site) -> None:
    chart = f"{{holmes_chart_archive: /nonexistent/{CANARY}.tgz}}"
    done = site.run({"seoul": "{}", "jeju": GONE, "busan": chart})
    assert done.returncode != 0
    assert site.verdicts() == {"busan": BAD, "jeju": BAD, "seoul": LIMITED}
    busan, jeju, seoul = site.report()["hosts"]
    assert ids(busan) == ["run.incomplete"] and ids(jeju) == ["run.unreachable"]
    assert "does not exist on the control node" in busan["checks"][0]["message"], "what Ansible said is in the report"
    assert "Connection refused" in jeju["checks"][0]["message"]
    assert busan["phases"][0]["status"] == "fail" and busan["failed_step"] == "Chart | Take the local archive"
    assert seoul["phases"][0]["seconds"] > 0 and seoul["started"] <= seoul["ended"]
    assert {path.name for path in (site.reports / "hosts").iterdir()} == {"busan.json", "jeju.json", "seoul.json"}
    table = done.stdout.partition("PLAY RECAP")[2]
    assert "HolmesGPT | 3 hosts: 1 READY WITH LIMITATIONS, 2 NOT READY" in table
    assert f"Report: {site.reports}/report.html" in table


def test_one_good_host_is_one_line(site: Site) -> None:
    done = site.run({"seoul": "{}"})
    assert done.returncode == 0, done.stdout + done.stderr
    told = done.stdout.partition("PLAY RECAP")[2].splitlines()[2:]
    assert [line for line in told if line] == [
        f"HolmesGPT | 1 host: READY WITH LIMITATIONS. Report: {site.reports}/report.html"
    ]


@pytest.mark.parametrize("verb", ["import", "include"])
def test_nobody_at_home(site: Site, verb: str) -> None:
    done = site.run({"seoul": GONE, "report": GONE}, PLAY.format(hosts="all", more="", verb=verb))
    assert done.returncode != 0
    assert site.verdicts() == {"report": BAD, "seoul": BAD}
    assert {check["id"] for host in site.report()["hosts"] for check in host["checks"]} == {"run.unreachable"}


def test_batches_and_hosts_whose_turn_never_came(site: Site) -> None:
    playbook = PLAY.format(hosts="all", more="  serial: 1", verb="import")
    assert site.run({"a": "{}", "b": NO_CHART, "c": "{}"}, playbook).returncode != 0
    assert site.verdicts() == {"a": LIMITED, "b": BAD, "c": BAD}
    assert "turn" in site.report()["hosts"][2]["checks"][0]["message"]


def test_two_plays_give_one_report(site: Site) -> None:
    plays = PLAY.format(hosts="a", more="", verb="import") + PLAY.format(hosts="a,b", more="", verb="include")
    assert site.run({"a": "{}", "b": "{}"}, plays).returncode == 0
    assert site.verdicts() == {"a": LIMITED, "b": LIMITED}


def test_check_mode_shows_but_writes_nothing(site: Site) -> None:
    done = site.run({"a": "{}", "b": NO_CHART}, "", "--check", HOLMES_ONPREM_REPORT_DIR=str(site.folder / "given"))
    assert "HolmesGPT | 2 hosts: 1 READY WITH LIMITATIONS, 1 NOT READY" in done.stdout
    assert "Report: " not in done.stdout
    assert not site.reports.exists() and not (site.folder / "given").exists()


def test_the_folder_of_the_callback_counts(site: Site) -> None:
    site.reports = site.folder / "given"
    hosts = {"a": "{holmes_report_dir: ''}", "b": "{holmes_report_dir: '', holmes_chart_archive: /nonexistent.tgz}"}
    site.run(hosts, HOLMES_ONPREM_REPORT_DIR=str(site.reports))
    assert site.verdicts() == {"a": LIMITED, "b": BAD}


@pytest.mark.parametrize("callback", [True, False], ids=["callback", "no callback"])
@pytest.mark.parametrize("by", ["host", "environment"])
def test_in_a_job_of_ansible_runner_a_relative_folder_is_among_its_artifacts(
    site: Site, callback: bool, by: str
) -> None:
    """There the folder of the run is the project."""
    wanted = {"AWX_ISOLATED_DATA_DIR": str(site.folder / "artifacts")}
    if by == "environment":
        wanted["HOLMES_ONPREM_REPORT_DIR"] = "mine"
    done = site.run({"a": f"{{holmes_report_dir: {'mine' if by == 'host' else ''}}}"}, callback=callback, **wanted)
    assert done.returncode == 0
    assert not (site.folder / "mine").exists()
    if callback or by == "host":
        assert (site.folder / "artifacts" / "mine" / "hosts" / "a.json").is_file()


def test_a_play_without_the_role_is_left_alone(site: Site) -> None:
    playbook = "- hosts: all\n  gather_facts: false\n  tasks: [{ansible.builtin.ping: {}}]\n"
    done = site.run({"a": "{}", "b": GONE}, playbook)
    assert done.returncode != 0 and "HolmesGPT" not in done.stdout + done.stderr
    assert not site.reports.exists()


def test_a_report_that_cannot_be_written_changes_no_result(site: Site) -> None:
    (site.folder / "file").touch()
    done = site.run({"a": "{holmes_report_dir: ''}"}, HOLMES_ONPREM_REPORT_DIR=str(site.folder / "file" / "x"))
    assert done.returncode == 0
    assert done.stderr.count("The report cannot be written") == 1


def test_without_the_callback_there_are_fragments(site: Site) -> None:
    assert site.run({"a": "{}"}, callback=False).returncode == 0
    assert [path.name for path in site.reports.rglob("*") if path.is_file()] == ["a.json"]


ROLE = """
- hosts: all
  gather_facts: false
{more}
  tasks:
    - name: Nothing of ours
      ansible.builtin.ping:
    - block:
        - ansible.builtin.{verb}_role:
            name: holmesgpt.onprem.holmes
          vars: {vars}
      rescue:
        - ansible.builtin.{rescue}
"""


def test_secrets_and_folder_of_an_include_and_a_failure_that_a_rescue_swallows(site: Site) -> None:
    secret = "include-canary-77"
    given = {
        "holmes_state": secret,
        "holmes_secrets": {"key": secret},
        "holmes_report_dir": str(site.folder / "own"),
    }
    playbook = ROLE.format(more="", verb="include", vars=json.dumps(given), rescue="debug: {msg: go on}")
    done = site.run({"a": "{}"}, playbook)
    assert done.returncode == 0
    site.reports = site.folder / "own"
    assert site.verdicts() == {"a": BAD}
    everything = "".join(path.read_text(encoding="utf-8") for path in site.reports.rglob("*") if path.is_file())
    assert secret not in everything + done.stdout.partition("PLAY RECAP")[2] and "********" in everything


def test_a_host_that_failed_in_an_earlier_play_and_one_that_is_ended_by_another(site: Site) -> None:
    ping = "- hosts: all\n  gather_facts: false\n  tasks: [{ansible.builtin.ping: {}}]\n"
    playbook = ping + PLAY.format(hosts="all", more="  any_errors_fatal: true", verb="include")
    assert site.run({"a": "{}", "b": NO_CHART, "gone": GONE}, playbook).returncode != 0
    found = {host["host"]: host for host in site.report()["hosts"]}
    assert ids(found["gone"]) == ["run.unreachable"] and found["b"]["verdict"] == BAD
    # ansible-core 2.16 lets a host finish its block.
    if found["a"]["verdict"] == BAD:
        assert "another host failed" in found["a"]["checks"][-1]["message"]
    assert "run.unverified" not in ids(found["a"])


def test_tags_that_leave_nothing_take_no_proof_away(site: Site) -> None:
    assert site.run({"a": "{}"}).returncode == 0
    before = {path: path.read_bytes() for path in site.reports.rglob("*") if path.is_file()}
    done = site.run({"a": "{}"}, "", "--tags", "holmes_nothing")
    assert "HolmesGPT | 1 host: NOT READY" in done.stdout and "Report: " not in done.stdout
    assert {path: path.read_bytes() for path in site.reports.rglob("*") if path.is_file()} == before


def test_a_folder_of_the_host_that_cannot_be_written_fails_no_host(site: Site) -> None:
    site.reports.touch()
    done = site.run({"a": "{}"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert (done.stdout + done.stderr).count("The report cannot be written") == 1


def test_an_interrupt_leaves_a_report(site: Site) -> None:
    killer = (
        "- hosts: all\n  gather_facts: false\n  tasks:\n"
        "    - ansible.builtin.include_role: {name: holmesgpt.onprem.holmes}\n"
        "      vars: {holmes_state: generated}\n"
        "    - ansible.builtin.include_role: {name: holmesgpt.onprem.holmes}\n"
        "      vars: {holmes_state: generated, holmes_release_name: second, holmes_chart_archive: "
        "\"{{ lookup('ansible.builtin.pipe', 'kill -INT ' ~ main ~ '; sleep 5') }}\"}\n"
        "  vars: {main: \"{{ lookup('ansible.builtin.pipe', 'ps -o ppid= -p $PPID') | trim }}\"}\n"
    )
    done = site.run({"a": "{}"}, killer)
    assert "interrupted" in done.stdout + done.stderr and done.returncode == 99
    first, second = site.report()["hosts"]
    assert (first["verdict"], second["verdict"]) == (BAD, LIMITED)
    assert "broke off" in first["checks"][0]["message"]
    assert "PLAY RECAP" not in done.stdout and f"Report: {site.reports}/report.html" in done.stdout


RENDER = (ROOT / "playbooks" / "report.yml").read_text(encoding="utf-8")


def test_one_report_of_several_runs(site: Site) -> None:
    both = {"a": "{}", "b": NO_CHART}
    site.run(both, "", "--limit", "b")
    site.run(both, "", "--limit", "a")
    assert site.verdicts() == {"a": LIMITED}, "the report of the last run"
    checked = site.run(both, RENDER, "--check")
    assert checked.returncode == 0 and "changed=1" in checked.stdout and len(site.verdicts()) == 1
    first = site.run(both, RENDER)
    assert first.returncode == 0 and "changed=1" in first.stdout, first.stdout + first.stderr
    assert site.verdicts() == {"a": LIMITED, "b": BAD}
    assert "HolmesGPT | 2 hosts: 1 READY WITH LIMITATIONS, 1 NOT READY. Report: " in first.stdout
    nowhere = site.run({"a": "{holmes_report_dir: ''}"}, RENDER)
    assert nowhere.returncode != 0 and "No folder of a report is known" in nowhere.stdout + nowhere.stderr
    given = site.run({"a": "{holmes_report_dir: ''}"}, RENDER, HOLMES_ONPREM_REPORT_DIR=str(site.reports))
    assert given.returncode == 0 and "changed=0" in given.stdout
    again = site.run(both, RENDER)
    assert "changed=0" in again.stdout and "changed=1" not in again.stdout


def test_the_verdicts_are_in_the_statistics(site: Site) -> None:
    done = site.run({"a": "{}", "b": "{}"}, ANSIBLE_SHOW_CUSTOM_STATS="1")
    told = done.stdout.partition("CUSTOM STATS")[2]
    assert '"a": "ready_with_limitations"' in told and '"b": "ready_with_limitations"' in told

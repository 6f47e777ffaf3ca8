# SPDX-License-Identifier: GPL-3.0-or-later
"""Many hosts: canary and batches, when no further host begins, the hosts to run again for, nobody waits for others."""

from __future__ import annotations

import json
import shlex
import subprocess
import typing as t

import pytest

from tests.playbooks.conftest import ROOT, Ansible
from tests.playbooks.test_report_playbook import BAD, GONE, LIMITED, NO_CHART, Site, ids

SITE, VALUES = ((ROOT / "playbooks" / f"{name}.yml").read_text(encoding="utf-8") for name in ("site", "values"))
# Nothing listens there.
NO_API = "{holmes_state: present, holmes_kube_host: 'https://127.0.0.1:9', holmes_kube_api_key: x}"


@pytest.fixture
def site(ansible: Ansible) -> Site:
    return Site(ansible)


def given(**variables: t.Any) -> tuple[str, str]:
    return "-e", json.dumps({f"holmes_{name}": value for name, value in variables.items()})


def retry(site: Site) -> list[str]:
    path = site.reports / "retry.txt"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def last(done: subprocess.CompletedProcess[str]) -> str:
    return [line for line in done.stdout.splitlines() if line][-1]


@pytest.mark.parametrize("serial", [[1, "50%"], "1, 50%"], ids=["list", "survey"])
def test_after_a_canary_that_failed_nobody_begins(site: Site, serial: t.Any) -> None:
    hosts = {"a": NO_CHART, "b": "{}", "c": "{}", "d": "{}"}
    done = site.run(hosts, VALUES, *given(serial=serial))
    assert done.returncode != 0
    assert site.verdicts() == dict.fromkeys("abcd", BAD)
    assert [ids(host) for host in site.report()["hosts"]] == [["run.incomplete"], *[["run.not_begun"]] * 3]
    assert {phase["status"] for host in site.report()["hosts"][1:] for phase in host["phases"]} == {"not_run"}
    assert "ok: [b]" not in done.stdout and "The run ended before the turn of this host came." in done.stdout
    assert retry(site) == ["a", "b", "c", "d"]


def test_a_canary_that_is_good_is_followed_by_the_batches(site: Site) -> None:
    done = site.run({name: "{}" for name in "abcde"}, VALUES, *given(serial=[1, "40%"]))
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("PLAY [") == 3
    assert site.verdicts() == dict.fromkeys("abcde", LIMITED)


def test_the_last_line_is_the_command_for_the_hosts_that_are_left(site: Site) -> None:
    assert site.run({"a": "{}", "b": NO_CHART, "jeju": GONE, "c": "{}"}, VALUES).returncode != 0
    assert site.verdicts() == {"a": LIMITED, "b": BAD, "c": LIMITED, "jeju": BAD}, "the others finish"
    assert retry(site) == ["b", "jeju"]
    mended = {"a": "{}", "b": "{}", "jeju": GONE, "c": "{}"}
    again = site.run(mended, VALUES, "--limit", "b,jeju")
    told = last(again)
    assert told.startswith("Again for 1 of 2: ") and retry(site) == ["jeju"]
    # As it is typed, now that everything is mended.
    command = shlex.split(told.partition(": ")[2])
    assert command == ["ansible-playbook", str(site.folder / "play.yml"), "-i", "hosts.yml", "--limit"] + [
        "@reports/retry.txt"
    ]
    final = site.run({**mended, "jeju": "{}"}, VALUES, *command[4:])
    assert final.returncode == 0, final.stdout + final.stderr
    assert site.verdicts() == {"jeju": LIMITED}
    assert not (site.reports / "retry.txt").exists() and "Again for" not in final.stdout


def test_extra_variables_are_not_repeated(site: Site) -> None:
    done = site.run({"a": NO_CHART}, VALUES, "-e", "secret_of_mine=hunter2-canary")
    assert last(done).endswith("--limit @reports/retry.txt and the same -e")
    assert "hunter2-canary" not in done.stdout


def test_a_check_run_leaves_the_hosts_to_run_again_for(site: Site) -> None:
    site.run({"a": NO_CHART, "b": "{}"}, VALUES)
    done = site.run({"a": "{}", "b": "{}"}, VALUES, "--check")
    assert retry(site) == ["a"] and "Again for" not in done.stdout


def test_no_further_host_begins_a_change_once_too_many_failed(site: Site) -> None:
    hosts = dict.fromkeys("abcd", NO_API)
    done = site.run(hosts, SITE, "--forks", "1", *given(max_fail_percentage=25))
    a, b, c, d = site.report()["hosts"]
    assert [one["verdict"] for one in (a, b, c, d)] == [BAD] * 4
    # One of four may fail; the second is one too many.
    assert "cluster.api" in ids(a) and "cluster.api" in ids(b)
    assert ids(c) == ids(d) == ["run.not_begun"], "nothing was asked on their behalf"
    assert "2 of 4 hosts failed (a, b)" in c["checks"][0]["message"] and "25 %" in c["checks"][0]["message"]
    assert d["checks"][0]["message"] == c["checks"][0]["message"], "c was not begun, which is no failure of its own"
    assert done.stdout.count("c, d: Not begun, because") == 1 or "c: Not begun" in done.stdout
    assert retry(site) == ["a", "b", "c", "d"]


def test_failures_of_earlier_batches_and_hosts_that_are_gone_count(site: Site) -> None:
    # One of each batch is good, so that Ansible goes on to the next.
    hosts = {"a": NO_API, "b": "{holmes_state: generated}", "c": GONE, "d": "{holmes_state: generated}", "e": NO_API}
    site.run(hosts, SITE, *given(serial=2, max_fail_percentage=39))
    found = {one["host"]: ids(one) for one in site.report()["hosts"]}
    assert "cluster.api" in found["a"] and "run.unreachable" in found["c"]
    assert found["e"] == ["run.not_begun"] and site.verdicts()["d"] == LIMITED, "looking at values does no harm"


def test_others_finish_unless_told_otherwise(site: Site) -> None:
    site.run(dict.fromkeys("abc", NO_API), SITE, "--forks", "1")
    assert all("cluster.api" in ids(one) for one in site.report()["hosts"])


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"serial": "abc"}, "holmes_serial has 'abc', which is no size of a batch."),
        ({"max_fail_percentage": 101}, "holmes_max_fail_percentage is '101', which is no percentage."),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
def test_values_that_are_none_are_one_sentence(site: Site, variables: dict[str, t.Any], says: str) -> None:
    done = site.run({"a": NO_API}, SITE, *given(**variables))
    told = done.stdout + done.stderr
    assert done.returncode != 0 and says in " ".join(told.split())
    assert "Unexpected Exception" not in told and "API server" not in told


# Waits for hosts that are done, however busy this machine is; the file says that it was in vain.
WAIT = """
for _try in $(seq 150); do
    [ -e "$1/c" ] && [ -e "$1/d" ] && [ -e "$1/e" ] && exit
    sleep 0.2
done
touch "$1/in-vain-$2"
"""


def test_a_slow_host_and_one_that_does_not_answer_delay_nobody(site: Site) -> None:
    (site.folder / "wait.sh").write_text(WAIT, encoding="utf-8")
    wait = f"sh {site.folder}/wait.sh {site.folder}"
    slow = f"lookup('ansible.builtin.pipe', '{wait} slow; echo {site.ansible.guide}')"
    gone = f"{{ansible_connection: ssh, ansible_timeout: 90, ansible_ssh_common_args: -o ProxyCommand='{wait} gone'}}"
    done = {name: f"{{holmes_values_dest: {site.folder}/{name}}}" for name in "cde"}
    site.run({"a-slow": f'{{holmes_values_files: "{{{{ [{slow}] }}}}"}}', "b-gone": gone, **done}, VALUES)
    assert site.verdicts() == {"a-slow": LIMITED, "b-gone": BAD, **dict.fromkeys("cde", LIMITED)}
    assert not list(site.folder.glob("in-vain-*")), "others were done while these two were not"


def test_a_chart_repository_that_fails_everybody_is_one_fault(site: Site) -> None:
    # Nothing listens there.
    gone = "{holmes_chart_archive: '', holmes_chart_repo_url: 'https://127.0.0.1:9/charts'}"
    done = site.run({"a": gone, "b": gone, "c": "{}"}, VALUES)
    (fault,) = site.report()["shared"]
    assert (fault["id"], fault["endpoint"], fault["hosts"]) == ("run.incomplete", "127.0.0.1:9", ["a", "b"])
    assert "[1] run.incomplete at 127.0.0.1:9, shared by 2 of 3 hosts:" in done.stdout.partition("PLAY RECAP")[2]

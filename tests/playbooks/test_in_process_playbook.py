# SPDX-License-Identifier: GPL-3.0-or-later
"""A module in Ansible's own process and one in a process of its own are one and the same to a playbook."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import tempfile
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.playbooks.api_double import serving
from tests.playbooks.conftest import ROOT, Ansible
from tests.unit.fixtures.values_world import helm

KEY = "sk-canary-9f1c04d7be"
# Each row: options beside the chart, and keywords of the task.
CASES: dict[str, tuple[dict[str, t.Any], dict[str, t.Any]]] = {
    "good": ({}, {}),
    "refused": ({"values": {"image": 5}}, {}),
    "an option of the wrong type": ({"timeout_of_nobody": 1}, {}),
    "a secret in clear": ({"values": {"additionalEnvVars": [{"name": "OPENAI_API_KEY", "value": KEY}]}}, {}),
    "a path beside the playbook": ({"values_files": ["guide.yaml"]}, {}),
    "check mode": ({"dest": "{{ folder }}/{{ inventory_hostname }}-check.yaml"}, {"check_mode": True}),
    "the task's environment": ({"helm_binary": "helm"}, {"environment": {"PATH": "/nonexistent"}}),
}


HERE = {"when": "inventory_hostname == 'here'"}
CONFIG = """
apiVersion: v1
kind: Config
current-context: one
clusters: [{name: one, cluster: {server: 'https://127.0.0.1:PORT'}}]
users: [{name: one, user: {token: t}}]
contexts: [{name: one, context: {cluster: one, user: one}}]
"""


@pytest.fixture(autouse=True)
def temporary(ansible: Ansible) -> t.Iterator[None]:
    """``tmp`` in the test's folder. Its true path is short: ansible-core 2.21 has a socket there."""
    with tempfile.TemporaryDirectory(prefix="apart-") as folder:
        (ansible.folder / "tmp").symlink_to(folder)
        yield


@pytest.fixture
def results(ansible: Ansible, request: pytest.FixtureRequest) -> dict[str, t.Any]:
    """What the task registered, by host, and what Ansible printed."""
    options, keywords = CASES[request.param]
    given = {"chart": str(ansible.chart), "helm_binary": helm(), "values_files": [str(ansible.guide)], **options}
    done, found = registered(ansible, {"holmesgpt.onprem.holmes_values": given, **keywords})
    return {**found, "printed": done.stdout, "folder": ansible.folder}


def registered(
    ansible: Ansible, task: dict[str, t.Any]
) -> tuple[subprocess.CompletedProcess[str], dict[str, dict[str, t.Any]]]:
    """How the run went, and the task's result by host."""
    save = {"content": "{{ found | to_json }}", "dest": "{{ folder }}/{{ inventory_hostname }}.json", "mode": "0600"}
    done = play(
        ansible,
        {**task, "register": "found", "ignore_errors": True},
        {"ansible.builtin.copy": save, "delegate_to": "writer"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done, {name: json.loads((ansible.folder / f"{name}.json").read_text()) for name in ("here", "apart")}


def play(ansible: Ansible, *tasks: dict[str, t.Any], **more: str) -> subprocess.CompletedProcess[str]:
    """The tasks on a host whose Python is Ansible's, and on one whose Python only is the same.

    ``more``: environment for Ansible.
    """
    apart = ansible.folder / "python"
    # Another name of the same Python: not the one that runs Ansible, as far as Ansible can tell.
    apart.write_text(f'#!/bin/sh\nexec "{ansible.programs / "python"}" "$@"\n', encoding="utf-8")
    apart.chmod(0o755)
    playbook = ansible.folder / "play.yml"
    playbook.write_text(
        yaml.safe_dump([{"hosts": "here,apart", "gather_facts": False, "tasks": tasks}]), encoding="utf-8"
    )
    hosts = {
        "here": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "apart": {"ansible_python_interpreter": str(apart)},
        "writer": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
    }
    inventory = ansible.folder / "hosts.yml"
    shared = {"ansible_connection": "local", "folder": str(ansible.folder)}
    inventory.write_text(yaml.safe_dump({"all": {"hosts": hosts, "vars": shared}}), encoding="utf-8")
    configuration = ansible.folder / "ansible.cfg"
    configuration.touch()
    environment = {
        "HOME": str(ansible.folder),
        "PATH": os.pathsep.join((str(ansible.programs), os.environ["PATH"])),
        "ANSIBLE_CONFIG": str(configuration),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"),
        "ANSIBLE_NOCOLOR": "1",
        "TMPDIR": str((ansible.folder / "tmp").resolve()),
        **more,
    }
    return subprocess.run(
        [str(ansible.programs / "ansible-playbook"), "-vvv", "-i", str(inventory), str(playbook)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _comparable(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """Without what belongs to Ansible's way of running a module, and what differs from one moment to the next."""
    kept = {key: value for key, value in result.items() if key not in ("exception", "invocation", "failed_when_result")}
    return json.loads(json.dumps(kept).replace("/here-", "/HOST-").replace("/apart-", "/HOST-"))


@pytest.mark.parametrize("results", CASES, indirect=True)
def test_both_ways_give_the_same(results: dict[str, t.Any], request: pytest.FixtureRequest) -> None:
    here, apart = _comparable(results["here"]), _comparable(results["apart"])
    for result in (here, apart):
        for check in result.get("checks") or ():
            check.pop("seconds")
    assert here == apart
    assert KEY not in results["printed"]
    # Only one of them was packed and sent.
    assert "<apart> EXEC" in results["printed"] and "<here> EXEC" not in results["printed"]
    assert not list((results["folder"] / "tmp").rglob("ansible-moduletmp-*"))
    assert not list(results["folder"].glob("*-check.yaml"))


def test_no_key_of_a_kubeconfig_stays_in_a_file(ansible: Ansible) -> None:
    """The client writes it into temporary files, and leaves removing them to the end of the process."""
    key = base64.b64encode(b"-----BEGIN PRIVATE KEY-----").decode()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "clusters": [{"name": "one", "cluster": {"server": "https://127.0.0.1:1", "certificate-authority-data": key}}],
        "users": [{"name": "one", "user": {"client-key-data": key, "client-certificate-data": key}}],
        "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
    }
    wanted = {"namespace": "holmes", "name": "x", "data": {"a": "b"}, "kubeconfig": config}
    done = play(ansible, {"holmesgpt.onprem.holmes_secret": wanted, "ignore_errors": True})
    assert "No connection to the cluster" in done.stdout, done.stdout + done.stderr
    files = [path for path in (ansible.folder / "tmp").rglob("*") if path.is_file()]
    assert [path for path in files if b"PRIVATE KEY" in path.read_bytes()] == []


def test_each_host_has_the_kubeconfig_of_its_own_environment(ansible: Ansible) -> None:
    """Or a run would change the cluster of another host. Nobody listens at these servers."""
    for port, name in enumerate(("here", "apart"), 1):
        (ansible.folder / f"{name}.kubeconfig").write_text(CONFIG.replace("PORT", str(port)), encoding="utf-8")
    given = {"KUBECONFIG": "{{ folder }}/{{ inventory_hostname }}.kubeconfig"}
    wanted = {"namespace": "holmes", "name": "keys", "data": {"key": KEY}}
    _done, found = registered(ansible, {"holmesgpt.onprem.holmes_secret": wanted, "environment": given})
    assert "port=1)" in found["here"]["msg"] and "port=2)" in found["apart"]["msg"], found


def test_each_item_of_a_loop_has_its_own_cluster(ansible: Ansible) -> None:
    """One process runs all items; what the client remembers of the first must not reach the second."""
    folders = [_made(ansible.folder / name) for name in ("one", "two")]
    with serving(folders[0], "token-one") as one, serving(folders[1], "token-two") as two:
        (ansible.folder / "ca.crt").write_text(one.certificate)
        config = CONFIG.replace("https://127.0.0.1:PORT", one.url).replace("token: t", "token: token-one")
        config = config.replace("server:", f"certificate-authority: {ansible.folder}/ca.crt, server:")
        (ansible.folder / "one.kubeconfig").write_text(config, encoding="utf-8")
        items: list[dict[str, t.Any]] = [
            {"kubeconfig": str(ansible.folder / "one.kubeconfig")},
            {"host": two.url, "api_key": "token-two", "validate_certs": False},
        ]
        options = ("kubeconfig", "host", "api_key", "validate_certs")
        access = {name: f"{{{{ item.{name} | default(omit) }}}}" for name in options}
        wanted = {"namespace": "holmes", "name": "keys", "data": {"key": KEY}, **access}
        task = {"holmesgpt.onprem.holmes_secret": wanted, "loop": items, "ignore_errors": True, **HERE}
        done = play(ansible, task)
    assert (one.tokens, two.tokens) == ({"token-one"}, {"token-two"}), done.stdout + done.stderr
    paths = [{path for _token, path in api.asked} for api in (one, two)]
    assert "/api/v1/namespaces/holmes/secrets/keys" in paths[0] & paths[1], paths


def test_lines_of_libraries_are_not_in_ansibles_log(ansible: Ansible) -> None:
    """They know nothing of the task's no_log."""
    log = ansible.folder / "ansible.log"
    (ansible.folder / "gone.kubeconfig").write_text(CONFIG.replace("PORT", "1"), encoding="utf-8")
    wanted = {"namespace": "holmes", "name": "keys", "data": {"key": KEY}}
    access = {"kubeconfig": str(ansible.folder / "gone.kubeconfig")}
    task = {"holmesgpt.onprem.holmes_secret": {**wanted, **access}, "ignore_errors": True, "no_log": True}
    done = play(ansible, task, ANSIBLE_LOG_PATH=str(log))
    assert "PLAY RECAP" in log.read_text(), done.stdout + done.stderr
    assert "urllib3" not in log.read_text() and "Retrying" not in log.read_text()


def test_temporary_files_are_where_the_tasks_environment_has_them(ansible: Ansible) -> None:
    place = _made(ansible.folder / "elsewhere")
    task = {"holmesgpt.onprem.holmes_work_dir": {"release_name": "holmes"}, "environment": {"TMPDIR": str(place)}}
    _done, found = registered(ansible, task)
    assert {Path(found[name]["path"]).parent for name in ("here", "apart")} == {place}


@pytest.mark.parametrize("name", ["PYTHONPATH", "LD_LIBRARY_PATH"])
def test_what_only_a_new_process_obeys_gets_one(ansible: Ansible, name: str) -> None:
    wanted = {"chart": str(ansible.chart), "helm_binary": helm()}
    task = {"holmesgpt.onprem.holmes_values": wanted, "environment": {name: str(ansible.folder)}}
    assert "<here> EXEC" in play(ansible, task).stdout


BROKEN = "raise AttributeError(\"module 'lib' has no attribute 'X509_V_FLAG_NOTIFY_POLICY'\")\n"


def test_a_client_that_breaks_is_a_sentence_until_it_is_mended(ansible: Ansible) -> None:
    folder = _made(ansible.folder / "broken")
    (_made(folder / "kubernetes") / "__init__.py").write_text(BROKEN, encoding="utf-8")
    wanted = {"namespace": "holmes", "helm_binary": helm()}
    looked = {"holmesgpt.onprem.holmes_preflight": wanted, "ignore_errors": True}
    mended = {
        "ansible.builtin.file": {"path": str(folder), "state": "absent"},
        "delegate_to": "writer",
        "run_once": True,
    }
    done = play(ansible, looked, mended, looked, PYTHONPATH=str(folder))
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stdout + done.stderr
    before, after = (" ".join(text.split()) for text in done.stdout.split("ansible.builtin.file", 1))
    assert before.count("The Python package kubernetes on the host") >= 2
    assert "is broken" in before and "X509_V_FLAG_NOTIFY_POLICY" in before
    # No process remembers that it was.
    assert "No connection to the cluster" in after and "is broken" not in after


def test_no_place_for_temporary_files_is_a_sentence(ansible: Ansible) -> None:
    (ansible.folder / "file").touch()
    wanted = {"chart": str(ansible.chart)}
    there = {"ansible_remote_tmp": str(ansible.folder / "file" / "tmp")}
    done = play(ansible, {"holmesgpt.onprem.holmes_values": wanted, "vars": there, **HERE})
    told = " ".join(done.stdout.split())
    assert done.returncode == 2 and "Traceback" not in told
    assert "Temporary files cannot be written on this host: Not a directory" in told
    assert "or set ansible_remote_tmp" in told

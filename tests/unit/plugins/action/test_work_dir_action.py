# SPDX-License-Identifier: GPL-3.0-or-later
"""The control-node half of the work folder: which files travel, and where they are then. Stand-ins for the host."""

from __future__ import annotations

import base64
import json
import typing as t
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.holmesgpt.onprem.plugins.action import holmes_work_dir

from tests.unit.plugins.plugin_utils.test_kubeconfig import config

Object = dict[str, t.Any]
FOLDER = "/tmp/holmes.x"  # noqa: S108  # on the host
HOST = {"inventory_hostname": "bastion"}


class Action:
    """The plugin for a task with these arguments; ``sent`` is what its module is given."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch = tmp_path, monkeypatch
        self.sent: list[Object] = []
        self.answers: list[Object] = [{"path": FOLDER, "removed": [], "others": [], "home": "/home/me"}]

    def run(self, transport: str = "ssh", **arguments: t.Any) -> Object:
        task = MagicMock(args=arguments, async_val=0, check_mode=False, action="holmes_work_dir")
        task.get_search_path.return_value = [str(self.folder)]
        plugin = holmes_work_dir.ActionModule(
            task=task,
            connection=MagicMock(transport=transport),
            play_context=MagicMock(),
            loader=DataLoader(),
            templar=MagicMock(),
            shared_loader_obj=MagicMock(),
        )

        def execute(**call: t.Any) -> Object:
            self.sent.append(call["module_args"])
            return dict(self.answers[len(self.sent) - 1])

        self.patch.setattr(plugin, "_execute_module", execute)
        plugin._used_interpreter = "#!/usr/bin/python3"
        result: Object = plugin.run(None, HOST)
        return result

    @property
    def pushed(self) -> dict[str, bytes]:
        return {name: base64.b64decode(text) for name, text in self.sent[0]["content"].items()}


@pytest.fixture
def action(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Action:
    for name in ("ca.crt", "a.yaml"):
        (tmp_path / name).write_text(f"content of {name}")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.yaml").write_text("another")
    (tmp_path / "kubeconfig").write_text(json.dumps(config()))
    return Action(tmp_path, monkeypatch)


def test_a_local_connection_takes_files_where_they_are(action: Action) -> None:
    files = {"holmes_ca_file": "~/ca.crt", "holmes_verify_ca_file": "", "holmes_values_files": ["a.yaml", "gone"]}
    result = action.run("local", files=files, access={"kubeconfig": "kubeconfig"})
    found = {**files, "holmes_values_files": [str(action.folder / "a.yaml"), "gone"]}
    assert (result["files"], result["kubeconfig"], result["remote"], action.pushed) == (found, "", False, {})


def test_another_machine_gets_them(action: Action) -> None:
    values = [str(action.folder / "a.yaml"), "other/a.yaml"]
    given = {
        "holmes_ca_file": str(action.folder / "ca.crt"),
        "holmes_verify_ca_file": "",
        "holmes_values_files": values,
    }
    result = action.run(files=given, access={"kubeconfig": "kubeconfig", "context": "busan"})
    assert result["files"] == {
        "holmes_ca_file": f"{FOLDER}/holmes_ca_file-ca.crt",
        "holmes_verify_ca_file": "",
        "holmes_values_files": [f"{FOLDER}/holmes_values_files-a.yaml", f"{FOLDER}/holmes_values_files-2-a.yaml"],
    }
    assert (result["kubeconfig"], result["remote"]) == (f"{FOLDER}/kubeconfig", True)
    assert action.pushed["holmes_values_files-2-a.yaml"] == b"another"
    assert json.loads(action.pushed["kubeconfig"])["current-context"] == "busan"
    assert "token-of-seoul" not in action.pushed["kubeconfig"].decode()


@pytest.mark.parametrize(
    ("given", "found"), [("/there/kubeconfig", "/there/kubeconfig"), ("~/kubeconfig", "/home/me/kubeconfig")]
)
def test_what_is_there_already_stays_where_it_is(action: Action, given: str, found: str) -> None:
    result = action.run(
        files={"holmes_ca_file": "/there/ca.crt"},
        access={"kubeconfig": given},
        remote_files=["holmes_ca_file", "holmes_kubeconfig"],
    )
    assert (result["files"], result["kubeconfig"]) == ({"holmes_ca_file": "/there/ca.crt"}, found)
    assert action.pushed == {} and "home" not in result


@pytest.mark.parametrize("transport", ["local", "ssh"])
def test_a_mapping_and_a_token_become_a_file(action: Action, transport: str) -> None:
    assert action.run(transport, access={"kubeconfig": config()})["kubeconfig"] == f"{FOLDER}/kubeconfig"
    assert len(json.loads(action.pushed["kubeconfig"])["users"]) == (2 if transport == "local" else 1)
    action.sent.clear()
    action.run(transport, access={"host": "https://api", "api_key": "secret", "ca_cert": f"{action.folder}/ca.crt"})
    cluster = json.loads(action.pushed["kubeconfig"])["clusters"][0]["cluster"]
    inside = base64.b64encode(b"content of ca.crt").decode()
    assert cluster.get("certificate-authority-data") == (None if transport == "local" else inside)
    assert cluster.get("certificate-authority") == (f"{action.folder}/ca.crt" if transport == "local" else None)


@pytest.mark.parametrize("verified", [True, "True", False, "False"])
def test_an_api_server_that_is_not_verified(action: Action, verified: t.Any) -> None:
    action.run(access={"host": "https://api", "api_key": "x", "validate_certs": verified})
    cluster = json.loads(action.pushed["kubeconfig"])["clusters"][0]["cluster"]
    assert cluster.get("insecure-skip-tls-verify", False) is (str(verified) == "False")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            {"access": {"host": "https://api", "ca_cert": "~/ca.crt"}, "remote_files": ["holmes_kube_ca_cert"]},
            "holmes_kube_ca_cert names '~/ca.crt' on the host, but whose home that is, is not known here.",
        ),
        ({"files": {"holmes_ca_file": "/gone/ca.crt"}}, "holmes_ca_file names '/gone/ca.crt', which does not exist on"),
        ({"files": {"holmes_ca_file": "other"}}, "holmes_ca_file names 'other', which is a folder on the control node"),
        ({"access": {"kubeconfig": "a.yaml"}}, "holmes_kubeconfig 'a.yaml' is a single value"),
        ({"access": {"kubeconfig": "kubeconfig", "context": "x"}}, "has no context 'x', only 'seoul', 'busan'"),
        ({"access": {"host": "https://api", "api_key": ["canary"]}}, "holmes_kube_api_key must be text."),
        ({"access": {"host": "h", "ca_cert": "gone"}}, "holmes_kube_ca_cert names 'gone', which does not exist"),
    ],
)
def test_what_cannot_be_pushed_is_a_sentence_and_nothing_is_made(action: Action, arguments: Object, told: str) -> None:
    result = action.run(**arguments)
    assert result["failed"] and told in result["msg"] and "canary" not in result["msg"]
    assert action.sent == []


def test_a_file_of_a_vault_without_its_password(action: Action) -> None:
    (action.folder / "ca.crt").write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    result = action.run(files={"holmes_ca_file": "ca.crt"})
    assert "no vault password of this run opens it" in result["msg"]


def test_no_python_is_a_sentence_and_arguments_stay_out(action: Action) -> None:
    action.answers = [{"failed": True, "rc": 127, "invocation": {"module_args": {"content": "canary"}}}]
    result = action.run(access={"host": "https://api", "api_key": "canary"})
    assert result["failed"] and "There is no Python at '/usr/bin/python3' on the host bastion" in result["msg"]
    assert "canary" not in str(result)

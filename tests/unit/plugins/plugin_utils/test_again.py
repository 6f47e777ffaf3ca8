# SPDX-License-Identifier: GPL-3.0-or-later
"""The command for the hosts that are left, from what ansible-playbook itself reads of a command line."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from ansible import context
from ansible.cli.playbook import PlaybookCLI
from ansible.utils.context_objects import CLIArgs
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._again import again

SECRET = "canary-7f3a"


def told(monkeypatch: pytest.MonkeyPatch, folder: Path, given: str) -> str:
    """What is said after ``ansible-playbook`` with these arguments."""
    monkeypatch.chdir(folder)
    cli = PlaybookCLI(["ansible-playbook", *shlex.split(given)])
    cli.init_parser()
    options = cli.post_process_args(cli.parser.parse_args(cli.args[1:]))
    monkeypatch.setattr(context, "CLIARGS", CLIArgs.from_options(options))
    return again(str(folder / "retry.txt"))


@pytest.mark.parametrize(
    ("given", "repeated"),
    [
        ("", ""),
        ("-t all -l somewhere -v --diff", ""),
        ("--tags holmes_preflight", "--tags holmes_preflight"),
        ("-t b,a -t c --skip-tags d", "--tags a,b,c --skip-tags d"),
        ("--vault-password-file FOLDER/pass --vault-pass-file /elsewhere/pass", None),
        ("--vault-id site@pass.sh --vault-id prod@prompt", "--vault-id site@pass.sh --vault-id prod@prompt"),
        ("-J", "--ask-vault-pass"),
        ("-f 20", "--forks 20"),
    ],
)
def test_it_does_no_more_than_the_run_did(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: str, repeated: str | None
) -> None:
    if repeated is None:
        repeated = "--vault-password-file pass --vault-password-file /elsewhere/pass"
    found = told(monkeypatch, tmp_path, f"site.yml -i airgap {given.replace('FOLDER', str(tmp_path))}")
    assert found == " ".join(f"ansible-playbook site.yml -i airgap {repeated} --limit @retry.txt".split())


@pytest.mark.parametrize(
    "option",
    [
        "-k",
        "-K",
        "-b",
        "-u",
        "--key-file",
        "-c",
        "-T",
        "--ssh-common-args",
        "--ssh-extra-args",
        "--scp-extra-args",
        "--sftp-extra-args",
        "--conn-pass-file",
        "--become-pass-file",
        "--become-user",
        "--become-method",
        "-M",
        "--start-at-task",
        "--step",
        "--flush-cache",
        "--force-handlers",
    ],
)
def test_a_rare_option_is_named_but_not_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, option: str) -> None:
    value = {"-T": "77"}.get(option, SECRET)
    alone = option in ("-k", "-K", "-b", "--step", "--flush-cache", "--force-handlers")
    found = told(monkeypatch, tmp_path, f"site.yml {option} {'' if alone else value}")
    assert found == "ansible-playbook site.yml --limit @retry.txt and the same other options"


def test_extra_variables_are_named_but_not_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = told(monkeypatch, tmp_path, f"site.yml -e key={SECRET} -b")
    assert found == "ansible-playbook site.yml --limit @retry.txt and the same -e and other options"

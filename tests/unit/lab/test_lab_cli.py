# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from lab import arguments, cli, enter, state, status
from lab.cache import Cache
from lab.errors import LabError
from lab.private import PrivateProvider
from lab.state import Files, Lab

COMMAND = Path(__file__).resolve().parents[2] / "lab" / "lab"


@pytest.fixture(autouse=True)
def own_cache(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLMES_ONPREM_CACHE", str(cache.root))
    monkeypatch.delenv("LAB_NAME", raising=False)


def test_exec_takes_the_command_as_it_is() -> None:
    parsed = arguments.parser().parse_args(["--name", "a", "exec", "--", "ls", "-l", "--name", "x"])
    assert parsed.name == "a"
    assert parsed.command == ["--", "ls", "-l", "--name", "x"]


def test_defaults() -> None:
    parsed = arguments.parser().parse_args(["up"])
    assert (parsed.name, parsed.workers, parsed.provider, parsed.node_image) == ("holmes", None, "auto", "auto")


def test_name_comes_from_the_lab_that_we_are_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_NAME", "here")
    assert arguments.parser().parse_args(["status"]).name == "here"


@pytest.mark.parametrize("workers", ["-1", "10", "two", ""])
def test_odd_numbers_of_workers(workers: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments.parser().parse_args(["up", f"--workers={workers}"])
    assert "is not a number from 0 to 9" in capsys.readouterr().err


NOT_UP = "lab: Lab x is not up: start it with `lab --name x up`\n"


@pytest.mark.parametrize(
    "verb", ["status", "load a", "push a b:1", "charts a", "cert a", "exec true", "kubeconfig", "env"]
)
def test_a_lab_that_is_not_up_is_one_sentence(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--name", "x", *verb.split()]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", NOT_UP)


def test_bad_name_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--name", "Not a name", "status"]) == 1
    assert capsys.readouterr().err.startswith("lab: 'Not a name' cannot name a lab: use a to z")


def test_executable_runs_from_anywhere(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(COMMAND), "--name", "x", "env"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", NOT_UP)


def test_environment_of_a_command(cache: Cache, a_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy:1")
    monkeypatch.setenv("NO_PROXY", "x")
    monkeypatch.setenv("PATH", "/usr/bin")
    files = Files(cache.labs / a_lab.name)
    files.site.mkdir(parents=True)
    files.password.write_text("s3cret")
    environment = enter.command_environment(cache, a_lab, files)
    assert not [key for key in environment if key.lower().endswith("_proxy")]
    assert environment["PATH"] == f"{cache.bin}:/usr/bin"
    assert environment["KUBECONFIG"] == str(files.kubeconfig)
    assert environment["SITE_REGISTRY_PASSWORD"] == "s3cret"
    assert environment["SITE_CHARTS_URL"] == "https://charts.site.internal:8443"
    shown = enter.site_environment(a_lab, files)
    assert "s3cret" not in str(shown)
    assert shown["SITE_REGISTRY_PASSWORD_FILE"] == str(files.password)


def test_names_stay_when_a_file_cannot_be_mounted(tmp_path: Path) -> None:
    """The script that lays the names over must not run the command without them."""
    bin_directory = tmp_path / "bin"
    bin_directory.mkdir()
    (bin_directory / "mount").write_text("#!/bin/sh\nexit 1\n")
    (bin_directory / "mount").chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", "-c", enter.NAMES, "sh", str(tmp_path), "echo", "ran"],
        env=os.environ | {"PATH": f"{bin_directory}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (125, "")


class FakeProvider:
    """A double of a provider, for the table only."""

    api = "https://127.0.0.1:6450"

    def __init__(self, lab: Lab, nodes: dict[str, str] | None, answers: bool) -> None:
        self.lab = lab
        self.cluster = self
        self._nodes = nodes
        self._answers = answers

    def nodes(self) -> dict[str, str]:
        if self._nodes is None:
            raise LabError("kubectl failed")
        return self._nodes

    def services(self) -> dict[str, bool]:
        return {"dns": True, "registry": self._answers, "charts": True}


ALL = {"a": "v1.35.4", "b": "v1.35.4", "c": "v1.35.4"}


@pytest.mark.parametrize(
    ("nodes", "answers", "well", "words"),
    [
        (ALL, True, True, "3 of 3 nodes ready, Kubernetes v1.35.4"),
        (ALL | {"c": ""}, True, False, "2 of 3 nodes ready"),
        ({"a": "v1.35.4"}, True, False, "1 of 3 nodes ready"),
        (ALL, False, False, "registry.site.internal:5000 DOES NOT ANSWER"),
        (None, True, False, "the API server does not answer"),
    ],
)
def test_status(a_lab: Lab, nodes: dict[str, str] | None, answers: bool, well: bool, words: str) -> None:
    table, verdict = status.rows(FakeProvider(a_lab, nodes, answers), Files(Path("/x")))  # type: ignore[arg-type]
    assert verdict is well
    text = status.text(table)
    assert words in text
    assert "10.201.7.0/24" in text


def test_half_finished_lab_is_not_up(
    cache: Cache, a_lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(PrivateProvider, "network_pid", lambda provider: 4711)
    state.save(cache, Lab(a_lab.name, 1, 0, "private"))
    assert cli.main(["--name", a_lab.name, "kubeconfig"]) == 1
    assert "is not up" in capsys.readouterr().err

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from lab import certs, charts, progress, transfer
from lab.cgroups import Groups, hierarchies
from lab.errors import LabError
from lab.state import Files

HYBRID = """\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime shared:4 - cgroup cgroup rw,cpu
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
90 31 0:38 / /elsewhere/cgroup rw,relatime - cgroup2 cgroup2 rw
"""
UNIFIED = "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"


def test_hierarchies_of_a_hybrid_machine() -> None:
    found = [str(path) for path in hierarchies(HYBRID)]
    assert found == ["/sys/fs/cgroup/unified", "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/systemd"]
    assert not Groups("x", tuple(hierarchies(HYBRID))).unified


def test_hierarchies_of_a_cgroup_v2_machine() -> None:
    groups = Groups("x", tuple(hierarchies(UNIFIED)))
    assert groups.unified
    assert groups.tops == [Path("/sys/fs/cgroup/x")]


def test_members_are_found_however_deep(tmp_path: Path) -> None:
    groups = Groups("lab", (tmp_path,))
    for where, pids in (("lab", ""), ("lab/host", "11\n12\n"), ("lab/host/a/b", "13\n"), ("other", "99\n")):
        (tmp_path / where).mkdir(parents=True)
        (tmp_path / where / "cgroup.procs").write_text(pids)
    assert groups.members() == {11, 12, 13}


def test_ending_what_is_not_there_is_fine(tmp_path: Path) -> None:
    Groups("lab", (tmp_path,)).end()


def test_ending_oneself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab/cgroup.procs").write_text(f"{os.getpid()}\n")
    with pytest.raises(LabError, match="from outside of `lab exec`"):
        Groups("lab", (tmp_path,)).end()


def test_ca_and_certificates(tmp_path: Path) -> None:
    ca = certs.make_ca(tmp_path)
    before = ca.read_bytes()
    assert certs.make_ca(tmp_path).read_bytes() == before
    certificate, key = certs.make_certificate(tmp_path, "web", ["web.site.internal", "*.apps.internal", "10.0.0.1"])
    for name in ("-verify_hostname=web.site.internal", "-verify_hostname=a.apps.internal", "-verify_ip=10.0.0.1"):
        verify = ["openssl", "verify", "-x509_strict", *name.split("="), "-CAfile", str(ca), str(certificate)]
        subprocess.run(verify, check=True, capture_output=True)
    wrong = ["openssl", "verify", "-verify_hostname", "other.internal", "-CAfile", str(ca), str(certificate)]
    assert subprocess.run(wrong, check=False, capture_output=True).returncode != 0
    for secret in (key, tmp_path / "ca.key"):
        assert secret.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["ca", "../x", "", "A", "a/b"])
def test_bad_certificate_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(LabError, match="cannot name a certificate"):
        certs.make_certificate(tmp_path, name, ["a.b"])


@pytest.mark.parametrize("name", ["a b", "-a", "a,DNS:b", "", "Upper.case"])
def test_bad_alternative_names(name: str) -> None:
    with pytest.raises(LabError, match="neither a DNS name in lower case nor an IP address"):
        certs.alternative_names([name])


def test_alternative_names() -> None:
    assert certs.alternative_names(["a.b", "*.c", "::1", "10.0.0.1"]) == "DNS:a.b,DNS:*.c,IP:::1,IP:10.0.0.1"


HELM = """\
#!/bin/sh
# a double of helm: packages into an empty archive, lists archives in the index
case "$1" in
  package) [ -f "$2/Chart.yaml" ] || { echo "Error: no Chart.yaml" >&2; exit 1; }; : >"$4/$(basename "$2")-1.0.0.tgz" ;;
  repo) { echo "url: $5"; cd "$3" && ls *.tgz; } >"$3/index.yaml" ;;
esac
"""


@pytest.fixture
def helm(tmp_path: Path) -> Path:
    path = tmp_path / "helm"
    path.write_text(HELM)
    path.chmod(0o755)
    return path


@pytest.fixture
def files(tmp_path: Path) -> Files:
    files = Files(tmp_path / "state")
    files.charts.mkdir(parents=True)
    return files


def test_charts_are_packaged_copied_and_listed(tmp_path: Path, helm: Path, files: Files) -> None:
    (files.charts / "old-0.1.0.tgz").touch()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/Chart.yaml").touch()
    (tmp_path / "other-2.0.0.tgz").touch()
    names = charts.add(helm, files, [tmp_path / "mine", tmp_path / "other-2.0.0.tgz"])
    assert names == ["mine-1.0.0.tgz", "other-2.0.0.tgz"]
    index = (files.charts / "index.yaml").read_text().split()
    assert index == ["url:", "https://charts.site.internal:8443", "mine-1.0.0.tgz", "old-0.1.0.tgz", "other-2.0.0.tgz"]
    assert sorted(path.name for path in files.state.iterdir()) == ["charts"]


@pytest.mark.parametrize("source", ["empty", "missing", "text.txt"])
def test_bad_charts_change_nothing(tmp_path: Path, helm: Path, files: Files, source: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.txt").touch()
    (tmp_path / "good-1.0.0.tgz").touch()
    with pytest.raises(LabError, match=r"no Chart.yaml|neither a chart's directory nor a .tgz archive"):
        charts.add(helm, files, [tmp_path / "good-1.0.0.tgz", tmp_path / source])
    assert list(files.charts.iterdir()) == []


def test_slow_commands_show_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.05)
    command = ["sh", "-c", "echo working; sleep 0.3"]
    progress.run_logged(command, what="the build", log=tmp_path / "log", detail=lambda: "3 of 8 done")
    assert re.search(r"lab:   the build: \d+ s, 3 of 8 done\n", capsys.readouterr().err)
    assert (tmp_path / "log").read_text() == "working\n"


def test_a_failed_command_says_why_and_where(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = ["sh", "-c", "echo 'ERROR: no room'; echo 'see above'; exit 3"]
    with pytest.raises(LabError) as caught:
        progress.run_logged(command, what="kind create cluster", log=log)
    assert str(caught.value) == f"kind create cluster failed with exit code 3: ERROR: no room (log: {log})"


def test_a_missing_program_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="the build failed with exit code 127"):
        progress.run_logged(["no-such-program"], what="the build", log=tmp_path / "log")


def test_an_interrupted_command_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.05)

    def interrupt() -> str:
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        progress.run_logged(["sleep", "30"], what="x", log=tmp_path / "log", detail=interrupt)
    assert time.monotonic() - started < 10


def test_archives_are_linked_in_and_leave_again(tmp_path: Path) -> None:
    archive = tmp_path / "image.tar"
    archive.write_text("x")
    state = tmp_path / "state"
    state.mkdir()
    with transfer.brought_in(archive, state) as inside:
        there = state / Path(inside).relative_to("/lab")
        assert there.samefile(archive)
    assert not there.exists()
    assert archive.read_text() == "x"


def test_missing_archive_is_a_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(LabError, match="is not there: name an image archive"),
        transfer.brought_in(tmp_path / "none.tar", tmp_path),
    ):
        pass

# SPDX-License-Identifier: GPL-3.0-or-later
"""No space is left on the host that runs the tasks.

Where Ansible itself cannot put its modules, the operator reads "No space left on device" and the folder. Where the
chart does not fit any more, the sentence says that this host cannot store it and what to do. Neither has changed
anything on the cluster. With only /tmp full the run takes another folder and works. With room again the next run is
READY.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.e2e.site_run import LAB, REPOSITORY, ROOT, Place, Vars
from tests.faults.fault_run import changed, mounted, plain, ready, reporting, run_with
from tests.life.steps import untouched

LARGE = "0.45.0-large"
FILL = "dd if=/dev/zero of={0}/filler bs=4k 2>/dev/null || true"


def small(place: Place, size: str) -> tuple[Path, str]:
    """A folder, and the line of a script that makes it a disk of this size."""
    folder = place.folder / "small"
    folder.mkdir()
    return folder, f"mount -t tmpfs -o size={size} tmpfs {folder}\n"


def test_no_room_for_ansible_itself(place: Place) -> None:
    ready(place, **changed(0))
    full, mount = small(place, "64k")
    env = mounted(place, mount + FILL.format(full))
    with untouched(place):
        run = run_with(place, {}, env=env, ansible_remote_tmp=str(full / "ansible"), **changed(1))
    told = plain(run)
    assert run.code != 0 and "Traceback" not in told
    assert "No space left on device" in told and str(full / "ansible") in told
    ready(place, **changed(1))


def test_only_the_folder_for_temporary_files_is_full(place: Place) -> None:
    full, mount = small(place, "64k")
    temporary = Path(tempfile.gettempdir())
    # The test's own files stay where they are.
    seen = full / place.folder.relative_to(temporary)
    bind = f"mkdir -p {seen}\nmount --bind {place.folder} {seen}\nmount --rbind {full} {temporary}\n"
    before = set(os.listdir("/var/tmp"))  # noqa: S108
    run = place.play("site.yml", env=mounted(place, mount + bind + FILL.format(temporary)), **reporting(place))
    assert run.code == 0 and "No space left" not in run.output
    assert {name for name in set(os.listdir("/var/tmp")) - before if name.startswith("holmes.")} == set()  # noqa: S108
    assert ready(place).recap("changed") == 0


def large_chart(place: Place) -> Vars:
    """Variables for a chart in the site's repository that a small disk cannot take."""
    chart = place.folder / "holmes"
    shutil.copytree(ROOT / "tests" / "doubles" / "charts" / "holmes-0.45.0", chart)
    about = chart / "Chart.yaml"
    about.write_text(about.read_text().replace("version: 0.45.0", f"version: {LARGE}", 1))
    (chart / "large").write_bytes(os.urandom(4_500_000))
    subprocess.run([LAB, "--name", place.site.name, "charts", chart], check=True, stdout=subprocess.DEVNULL)
    return {**REPOSITORY, "holmes_chart_version": LARGE}


def test_full_when_the_chart_is_fetched(place: Place) -> None:
    ready(place, **changed(0))
    folder, mount = small(place, "4m")
    env = mounted(place, f"{mount}export TMPDIR={folder}")
    with untouched(place):
        run = run_with(place, {}, env=env, **large_chart(place), **changed(1))
    told = plain(run)
    assert run.code != 0 and "Traceback" not in told
    assert "this host cannot store it. Helm says: " in told and "no space left on device" in told
    assert "Make room, or a folder that can be written, on this host (TMPDIR, ansible_remote_tmp)." in told
    ready(place, **changed(1))

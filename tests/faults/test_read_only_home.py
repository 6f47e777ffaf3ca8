# SPDX-License-Identifier: GPL-3.0-or-later
"""The home of the user who runs Ansible cannot be written.

Ansible itself does not start without a folder of its own: it names ~/.ansible, and ANSIBLE_HOME gives it another one.
With that, the whole run works, Helm included, and so does a repeated one; the next is READY. A home in which ~/.ansible
can be written and nothing else, ~/.kube for one, needs nothing at all.
"""

from __future__ import annotations

from pathlib import Path

from tests.e2e.site_run import Place
from tests.faults.fault_run import changed, mounted, plain, ready, reporting


def read_only(place: Place, script: str = "") -> dict[str, str]:
    """The environment of a run whose home is a disk that cannot be written."""
    home = place.folder / "home"
    home.mkdir(exist_ok=True)
    mount = f"mount -t tmpfs tmpfs {home}\nmkdir -p {home}/.ansible {home}/.kube/cache\n{script}\n"
    return mounted(place, f"{mount}mount -o remount,ro {home}\nexport HOME={home}")


def test_ansible_names_the_folder_and_works_with_another(place: Place) -> None:
    run = place.play("site.yml", env=read_only(place))
    assert run.code != 0
    assert f"Unable to create local directories '{place.folder}/home/.ansible/tmp'" in plain(run)
    assert not place.site.kubectl("get", "namespace", place.namespace, "--ignore-not-found")
    with_home = {**read_only(place), "ANSIBLE_HOME": str(place.folder / "ansible")}
    for _again in range(2):
        run = place.play("site.yml", env=with_home, **reporting(place), **changed(1))
        assert run.code == 0 and "ead-only file system" not in run.output
    assert run.recap("changed") == 0
    assert not list((place.folder / "ansible" / "tmp").iterdir()), "what Ansible made there is gone"
    assert ready(place, **changed(1)).recap("changed") == 0


def test_only_ansibles_folder_can_be_written(place: Place) -> None:
    folder = Path(place.folder, "ansible")
    folder.mkdir()
    script = f"mount --bind {folder} {place.folder}/home/.ansible"
    run = place.play("site.yml", env=read_only(place, script), **reporting(place))
    assert run.code == 0 and "ead-only file system" not in run.output
    assert ready(place).recap("changed") == 0

# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that something happens to between two of its tasks, and what has to be true after the next one."""

from __future__ import annotations

import json
import os
import shutil
import typing as t
from pathlib import Path

from tests.e2e.site_run import ROOT, Place, Run

TWO_PODS = {"holmes_values": {"replicas": 2, "strategy": {"type": "RollingUpdate"}}}


def run_with(
    place: Place,
    fault: dict[str, t.Any],
    *arguments: str,
    playbook: str = "site.yml",
    env: dict[str, str] | None = None,
    **changes: t.Any,
) -> Run:
    """One run with a fault as callbacks/boundary.py takes it; ``env`` as for Place.play."""
    folder = place.folder
    settings = folder / "fault.json"
    settings.write_text(json.dumps({"log": str(folder / "tasks.log"), **fault}))
    (folder / "tasks.log").write_text("")
    env = {
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests/faults/callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "holmesgpt.onprem.report,boundary",
        "HOLMES_FAULT": str(settings),
        **(env or {}),
    }
    return place.play(playbook, *arguments, env=env, **changes)


def mounted(place: Place, script: str) -> dict[str, str]:
    """The environment in which ansible-playbook has mounts of its own, made by this script (sh) just before it."""
    folder = place.folder / "bin"
    folder.mkdir(exist_ok=True)
    inside, outside = folder / "inside", folder / "ansible-playbook"
    inside.write_text(f'set -e\n{script}\nexec {shutil.which("ansible-playbook")} "$@"\n')
    outside.write_text(f'#!/bin/sh\nexec unshare --mount --propagation private -- sh {inside} "$@"\n')
    outside.chmod(0o700)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def reporting(place: Place) -> dict[str, t.Any]:
    """Variables of a run whose report :func:`checks` can read."""
    return {"holmes_report_dir": str(place.folder / "report")}


def report(place: Place) -> dict[str, t.Any]:
    """What the last real run with :func:`reporting` found."""
    found: dict[str, t.Any] = json.loads((place.folder / "report" / "hosts" / "cluster.json").read_text())
    return found


def checks(place: Place) -> dict[str, dict[str, t.Any]]:
    return {check["id"]: check for check in report(place)["checks"]}


def ready(place: Place, **changes: t.Any) -> Run:
    """The next site.yml: it ends READY and leaves nothing behind."""
    run = place.install(**reporting(place), **changes)
    limits = [f"{check['id']}: {check['message']}" for check in report(place)["checks"] if check["status"] != "pass"]
    assert report(place)["verdict"] == "ready", limits
    assert left_behind(place) == NOTHING
    return run


def gone(place: Place) -> None:
    """The place as it was before any installation."""
    place.remove()
    place.site.kubectl("wait", "--for=delete", f"namespace/{place.namespace}", "--timeout=90s")


def plain(run: Run) -> str:
    """What was printed, without its line breaks."""
    return " ".join(run.output.split())


def boundaries(place: Place) -> list[str]:
    """The tasks that the last run began, in their order."""
    return (place.folder / "tasks.log").read_text().splitlines()


def changed(number: int) -> dict[str, t.Any]:
    """Variables of an upgrade that rolls both pods; another number is another upgrade."""
    return {"holmes_env": {"HOLMES_FAULTS_ROUND": str(number)}, **TWO_PODS}


def helm_processes(place: Place) -> list[str]:
    """Command lines of Helm that work on this place."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if os.path.basename(words[0]).startswith("helm") and place.namespace in words:
            found.append(" ".join(words))
    return found


def left_behind(place: Place) -> dict[str, list[str]]:
    """What no finished run may leave: locks, unknown Secrets, releases in between, work folders, processes."""
    site, namespace = place.site, place.namespace
    leases = site.kubectl("get", "leases", "-n", namespace, "-o", "name").split()
    secrets = site.get("secrets", "-n", namespace)["items"]
    names = [one["metadata"]["name"] for one in secrets if one["type"] != "helm.sh/release.v1"]
    pending = [f"{number} {status}" for number, status in place.revisions() if status.startswith(("pending", "unin"))]
    return {
        "leases": leases,
        "secrets": sorted(set(names) - {"holmes-registry", "holmes-secrets"}),
        "pending": pending,
        "helm": helm_processes(place),
    }


NOTHING: dict[str, list[str]] = {"leases": [], "secrets": [], "pending": [], "helm": []}

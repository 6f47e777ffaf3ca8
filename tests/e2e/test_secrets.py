# SPDX-License-Identifier: GPL-3.0-or-later
"""Canary secrets, valid and wrongly typed ones, show nowhere: not in -vvv, not in ps, not in files left behind."""

from __future__ import annotations

import base64
import os
import threading
import time
import typing as t
from pathlib import Path

import pytest

from tests.e2e.site_run import Place

CANARY = "canary-5e1f9d07c3"
# In clear, and as base64 at each of the three alignments it can have inside a longer text.
FORMS = (CANARY, *(base64.b64encode(b"." * shift + CANARY.encode()).decode()[4:16] for shift in range(3)))
# The labs hold the cluster itself, whose etcd has to know the Secret; the others are caches of compilers.
UNTOUCHED = ("labs", "made", "go", "go-build", ".pyenv", ".cargo", ".rustup", ".npm")
KEEPERS = (Path.home(), Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))  # noqa: S108


class ProcessWatch(threading.Thread):
    """Reads every command line of this machine over and over, as ps would."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: set[str] = set()
        self.looks = 0
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.is_set():
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    line = path.read_bytes().decode("utf-8", "replace")
                except OSError:
                    continue
                if any(form in line for form in FORMS):
                    self.seen.add(line.replace("\0", " ")[:200])
            self.looks += 1
            time.sleep(0.02)


def left_behind(since: float, mine: Path) -> list[str]:
    """Files with a canary, written since then where tools keep things; the test's own folder is left out."""
    found = []
    for keeper in KEEPERS:
        for folder, folders, files in os.walk(keeper):
            folders[:] = [name for name in folders if name not in UNTOUCHED and Path(folder) / name != mine]
            for name in files:
                path = Path(folder) / name
                try:
                    if path.is_file() and path.stat().st_mtime >= since and path.stat().st_size < 10_000_000:
                        data = path.read_bytes()
                        if any(form.encode() in data for form in FORMS):
                            found.append(str(path))
                except OSError:
                    continue
    return found


def watched(place: Place, **changes: t.Any) -> t.Any:
    watch = ProcessWatch()
    since = time.time() - 1
    watch.start()
    run = place.play("site.yml", "-vvv", "--diff", **changes)
    watch.done.set()
    watch.join()
    assert watch.looks > 10
    assert watch.seen == set()
    assert not any(form in run.output for form in FORMS)
    assert left_behind(since, place.folder.parents[1]) == []
    return run


def test_watch_would_see_a_canary(place: Place) -> None:
    watch = ProcessWatch()
    watch.start()
    place.site.exec("sh", "-c", "sleep 0.5; : " + CANARY)
    watch.done.set()
    watch.join()
    assert watch.seen


def test_valid_secrets(place: Place) -> None:
    reference = {"secret": "holmes-secrets", "key": "key"}
    run = watched(place, holmes_secrets={"key": CANARY}, holmes_llm_api_key=reference, holmes_server_api_key=reference)
    assert run.code == 0


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"holmes_secrets": CANARY}, "mapping"),
        ({"holmes_secrets": {"openai-api-key": [CANARY]}}, "openai-api-key"),
        ({"holmes_secrets": {"openai-api-key": CANARY + "\n"}}, "line break"),
        ({"holmes_registry_password": {"text": CANARY}}, "holmes_registry_password"),
        ({"holmes_registry_password": [CANARY]}, "holmes_registry_password"),
        (
            {"holmes_kube_host": "https://127.0.0.1:1", "holmes_kube_api_key": [CANARY]},
            "holmes_kube_api_key must be text",
        ),
        (
            {"holmes_values": {"additionalEnvVars": [{"name": "OPENAI_API_KEY", "value": CANARY}]}},
            "values.literal_secret",
        ),
        ({"holmes_values": {"modelList": {"m": {"model": "openai/m", "api_key": CANARY}}}}, "values.literal_secret"),
    ],
    ids=[
        "text",
        "list",
        "line-break",
        "password-mapping",
        "password-list",
        "token-list",
        "env-literal",
        "model-literal",
    ],
)
def test_wrong_secrets_are_refused_by_name(place: Place, changes: dict[str, t.Any], named: str) -> None:
    run = watched(place, **changes)
    assert run.code != 0
    assert named in run.output
    assert "Traceback" not in run.output

# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be true of the events of any job, and where its secrets may stand."""

from __future__ import annotations

import base64
import re
import typing as t
from collections import Counter
from pathlib import Path

from tests.e2e.site_run import Vars

RESULTS = ("runner_on_ok", "runner_on_failed", "runner_on_skipped", "runner_on_unreachable")
# ansible-runner's own record of command and environment; AWX keeps it with the secrets hidden, and deletes the folder.
COMMAND = "command"


def whole(events: list[Vars]) -> None:
    """No event is lost, none comes twice, and each task of each host has a beginning and exactly one end after it."""
    assert [event["counter"] for event in events] == list(range(1, len(events) + 1))
    assert len({event["uuid"] for event in events}) == len(events)
    assert events[-1]["event"] in ("playbook_on_stats", "verbose"), events[-1]["event"]
    open_tasks: dict[tuple[str, str], int] = {}
    for event in events:
        about = event.get("event_data", {})
        key = (about.get("host", ""), about.get("task_uuid", ""))
        if event["event"] == "runner_on_start":
            assert key not in open_tasks, f"{about['task']} begins twice for {about['host']}"
            open_tasks[key] = event["counter"]
        elif event["event"] in RESULTS:
            assert key in open_tasks, f"{about['task']} ends for {about['host']} and never began"
            del open_tasks[key]
    assert not open_tasks, f"without an end: {open_tasks}"
    _as_counted_by_ansible(events)


def _as_counted_by_ansible(events: list[Vars]) -> None:
    """Ansible's own figures at the end, against the events of each host."""
    (stats,) = [event["event_data"] for event in events if event["event"] == "playbook_on_stats"]
    for event, figure in (("runner_on_ok", "ok"), ("runner_on_skipped", "skipped"), ("runner_on_unreachable", "dark")):
        assert counted(events, event) == Counter(stats[figure]), figure
    failed = Counter(stats["failures"]) + Counter(stats["rescued"]) + Counter(stats["ignored"])
    assert counted(events, "runner_on_failed") == failed


def counted(events: t.Iterable[Vars], name: str) -> Counter[str]:
    """How many of these events each host has."""
    return Counter(event["event_data"]["host"] for event in events if event["event"] == name)


def changed(events: list[Vars]) -> Counter[str]:
    """How many tasks changed something, for each host that has any."""
    found = [one for one in events if one["event"] == "runner_on_ok" and one["event_data"]["res"].get("changed")]
    return Counter(event["event_data"]["host"] for event in found)


def told(events: list[Vars], pattern: str) -> list[str]:
    """Lines of progress: they are events of no task, so the host has to be in the text."""
    found = [event["stdout"] for event in events if event["event"] == "verbose"]
    return [text for text in found if re.search(pattern, text, re.MULTILINE)]


def holding(folder: Path, secrets: t.Iterable[str]) -> dict[str, str]:
    """The files below a folder that hold a secret, as it is or in base64, with its first letters."""
    forms = {form: secret[:4] for secret in secrets for form in _forms(secret)}
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found.update({str(path.relative_to(folder)): first for form, first in forms.items() if form in content})
    return found


def _forms(secret: str) -> list[bytes]:
    """The secret, and what is the same of it in base64 wherever it begins."""
    plain = secret.encode()
    encoded = [base64.b64encode(b"\0" * shift + plain)[4 if shift else 0 : -4] for shift in range(3)]
    return [plain, *encoded]


def only_in_the_command(folder: Path, secrets: t.Iterable[str]) -> None:
    """No secret in events, output, report or facts; ansible-runner's own record belongs to its owner only."""
    found = holding(folder, secrets)
    assert set(found) == {COMMAND}, found
    assert (folder / COMMAND).stat().st_mode & 0o777 == 0o600

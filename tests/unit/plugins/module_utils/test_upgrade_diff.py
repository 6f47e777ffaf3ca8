# SPDX-License-Identifier: GPL-3.0-or-later
"""The difference of the objects as lines, without secrets."""

from __future__ import annotations

import base64
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _upgrade_diff as diff

from tests.unit.fixtures.cluster_world import made
from tests.unit.fixtures.upgrade_world import NEW, OLD, manifests

CANARY, OTHER = "canary-secret-77aa-long", "canary-other-88bb-long"
Object = dict[str, t.Any]


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def config(**data: str) -> Object:
    return made("ConfigMap", "c", data=data)


def test_what_is_equal_is_left_out_and_the_rest_is_told_by_object() -> None:
    old = [config(a="1", b="2"), made("Service", "gone"), made("Service", "stays")]
    found = diff.lines(old, [config(a="1", b="3"), made("Service", "new"), made("Service", "stays")])
    assert [line for line in found if line.startswith(("---", "+++"))] == [
        *("--- ConfigMap/c", "+++ ConfigMap/c"),
        *("--- /dev/null", "+++ Service/new"),
        *("--- Service/gone", "+++ /dev/null"),
    ]
    assert '-  b: "2"' in found and '+  b: "3"' in found and '   a: "1"' in found
    assert "stays" not in "".join(found)
    assert diff.lines(old, old) == []


def test_no_secret_is_shown_wherever_it_stands() -> None:
    old = [
        made("Secret", "s", data={"key": b64(CANARY)}, stringData={"more": OTHER}),
        config(text="x", copy=f"password is {CANARY}"),
        made(
            "Pod", "p", spec={"containers": [{"name": "c", "env": [{"name": "API_TOKEN", "value": "hunter2-x9-zz"}]}]}
        ),
    ]
    new = [
        made("Secret", "s", data={"key": b64(OTHER), "added": b64("y")}),
        config(text=f"y {b64(OTHER)}", copy="none"),
        made(
            "Pod", "p", spec={"containers": [{"name": "d", "env": [{"name": "API_TOKEN", "value": "hunter3-y8-qq"}]}]}
        ),
    ]
    text = "\n".join(diff.lines(old, new))
    for secret in (CANARY, OTHER, b64(CANARY), b64(OTHER), "hunter2", "hunter3"):
        assert secret not in text
    assert "added: " in text and "-stringData:" in text and "API_TOKEN" in text
    known = diff.lines([config(a="x")], [config(a="given-by-this-run")], known=["given-by-this-run"])
    assert "given-by-this-run" not in "".join(known)


def test_a_secret_of_which_only_the_text_changes_is_told() -> None:
    old, new = (made("Secret", "s", data={"key": b64(text)}) for text in (CANARY, OTHER))
    assert diff.lines([old], [new]) == ["--- Secret/s", "+++ Secret/s", "  (only hidden texts differ)"]


def test_it_stays_readable() -> None:
    found = diff.lines([], [config(**{f"k{number:04}": "x" for number in range(diff.MOST + 100)})])
    assert len(found) == diff.MOST + 1
    assert found[-1] == "... 108 lines more are left out"
    long = diff.lines([], [config(a="x" * 5000)])
    assert max(map(len, long)) == diff.LONGEST + 1
    ends = diff.lines([config(a="x" * 5000 + "1")], [config(a="x" * 5000 + "2")])
    assert [line[:5] for line in ends if "xxx" in line] == ["-  a:", "+  a:"], "a difference at the end is one"


def test_real_charts_fit() -> None:
    found = diff.lines(manifests(OLD), manifests(NEW), "holmes")
    assert 100 < len(found) < diff.MOST
    assert any("readOnlyRootFilesystem" in line for line in found)

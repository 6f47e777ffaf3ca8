# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about further volumes."""

from __future__ import annotations

import typing as t

import pytest

from tests.unit.fixtures.manifests import holmes, pod
from tests.unit.fixtures.rule_world import assert_told
from tests.unit.fixtures.values_world import build, case

CHECK = "values.volumes"
V: dict[str, t.Any] = {"name": "v", "emptyDir": {}}
M = {"name": "v", "mountPath": "/v"}


def rendered(volumes: list[t.Any], mounts: list[t.Any], *others: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    return [pod(holmes(volumeMounts=mounts), *others, volumes=volumes)]


@pytest.mark.parametrize(
    ("volumes", "mounts", "status", "message", "fix"),
    [
        ([], [], "pass", "No further volumes", ""),
        ([V], [M], "pass", "1 mounts", ""),
        ([V], [M, {"name": "v", "mountPath": "/w"}], "pass", "2 mounts", ""),
        ([], [M], "fail", "'v' is mounted, but there is no such volume", "Add it to additionalVolumes, or remove"),
        ([V], [], "warn", "The volume 'v' is mounted nowhere", "Add it to additionalVolumeMounts, or remove it."),
        ([V, V], [M], "fail", "The volume 'v' stands there 2 times", "Rename yours in additionalVolumes."),
        (
            [V],
            [M, {**M, "mountPath": "/v/"}],
            "fail",
            "'/v' is the mountPath of 2 mounts",
            "Correct additionalVolumeMounts",
        ),
        ([{"emptyDir": {}}], [], "fail", "An entry of additionalVolumes lacks name.", "Correct additionalVolumes in"),
        (["v"], [], "fail", "An entry of additionalVolumes lacks name.", ""),
        ([{"name": 1}], [], "fail", "An entry of additionalVolumes lacks name.", ""),
        ([V], [{"name": "v"}], "fail", "An entry of additionalVolumeMounts lacks name or mountPath", ""),
        ([V], [{"mountPath": "/v"}], "fail", "additionalVolumeMounts lacks name or mountPath", ""),
        ([{"name": "V_1"}], [], "fail", "additionalVolumes has the name 'V_1'", "only a-z, 0-9 and '-'"),
        (
            [V],
            [{"name": "v", "mountPath": "/a:b"}],
            "fail",
            "'/a:b' of additionalVolumeMounts has a ':'",
            "Correct add",
        ),
    ],
)
def test_volumes(volumes: t.Any, mounts: t.Any, status: str, message: str, fix: str) -> None:
    values = {"additionalVolumes": volumes, "additionalVolumeMounts": mounts}
    assert_told(CHECK, case(values, manifests=rendered(volumes, mounts)), status, message, fix)


def test_volumes_without_manifests() -> None:
    assert_told(CHECK, case({}), "pass", "No further volumes")
    for key in ("additionalVolumes", "additionalVolumeMounts"):
        assert_told(CHECK, case({key: [{**V, **M}]}), "not_checked")
        assert_told(CHECK, case({key: "text, of which values.type speaks"}), "not_checked")
    assert_told(CHECK, case({"additionalVolumes": [{}]}), "fail", "lacks name")


def test_a_volume_of_the_chart_may_be_mounted_nowhere() -> None:
    values = {"additionalVolumes": [V], "additionalVolumeMounts": [M]}
    both = rendered([V, {"name": "charts"}], [M])
    assert_told(CHECK, case(values, manifests=both), "pass", "1 mounts")


def test_an_init_container_may_use_a_volume() -> None:
    values = {"additionalVolumes": [V]}
    manifest = pod(holmes(), volumes=[V], initContainers=[{"name": "i", "volumeMounts": [M]}])
    assert_told(CHECK, case(values, manifests=[manifest]), "pass", "0 mounts")


def test_a_mount_that_the_chart_has_already() -> None:
    mount = {"name": "v", "mountPath": "/etc/holmes/config"}
    outcome = build(values={"additionalVolumes": [V], "additionalVolumeMounts": [mount]})
    (found,) = [check for check in outcome.checks if check.id == CHECK]
    assert found.status == "fail" and "'/etc/holmes/config' is the mountPath of 2 mounts" in found.message

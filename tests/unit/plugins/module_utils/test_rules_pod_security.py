# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about the Pod Security level of the rendered pods."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

from tests.unit.fixtures.manifests import RESTRICTED_CONTAINER, RESTRICTED_POD, holmes, pod, thing
from tests.unit.fixtures.rule_world import accepted, assert_told
from tests.unit.fixtures.values_world import OLD, build, case, judge

CHECK = "render.pod_security"
RESTRICTED = pod(holmes(securityContext=RESTRICTED_CONTAINER), securityContext=RESTRICTED_POD)
BASELINE = pod(holmes())
PRIVILEGED = pod(holmes(securityContext={**RESTRICTED_CONTAINER, "privileged": True}), securityContext=RESTRICTED_POD)
MISSING = [
    "Deployment/holmes-holmes: running as non-root (container holmes)",
    "Deployment/holmes-holmes: privilege escalation (container holmes)",
    "Deployment/holmes-holmes: seccomp (container holmes)",
    "Deployment/holmes-holmes: capabilities (container holmes does not drop ALL)",
]


@pytest.mark.parametrize(
    ("manifests", "wanted", "status", "level", "text"),
    [
        ([RESTRICTED], "chart", "pass", "restricted", "Level 'restricted'"),
        ([RESTRICTED], "restricted", "pass", "restricted", "Level 'restricted'"),
        ([], "chart", "not_checked", None, "could not be rendered"),
        ([thing("Service", "s")], "chart", "pass", "restricted", ""),
        ([BASELINE], "chart", "pass", "baseline", "Level 'baseline'"),
        (
            [BASELINE],
            "restricted",
            "fail",
            "baseline",
            "is refused by a namespace of the level 'restricted': running as",
        ),
        (
            [PRIVILEGED],
            "chart",
            "warn",
            "privileged",
            "needs a namespace of the level 'privileged': privileged containers",
        ),
        ([PRIVILEGED], "restricted", "fail", "privileged", "of the level 'restricted': privileged containers"),
        ([RESTRICTED, pod(name="b", hostPID=True), BASELINE], "chart", "warn", "privileged", "Deployment/b needs"),
        ([RESTRICTED, BASELINE], "chart", "pass", "baseline", ""),
    ],
)
def test_level(manifests: t.Any, wanted: str, status: str, level: str | None, text: str) -> None:
    assert_told(CHECK, case({}, manifests=manifests, pod_security=wanted), status, text, level=level)


def test_every_violation_is_told() -> None:
    found = judge(CHECK, case({}, manifests=[BASELINE], pod_security="restricted"))
    assert found.evidence["violations"] == MISSING
    assert found.message.count(";") == 3 and "capabilities (container holmes does not drop ALL)." in found.message
    # For a namespace that enforces nothing, only what it would refuse matters.
    both = pod(holmes(), hostPID=True)
    told = judge(CHECK, case({}, manifests=[both]))
    assert told.message.endswith("'privileged': host namespaces (hostPID).") and len(told.evidence["violations"]) == 5


def test_annotations_of_the_pod_count() -> None:
    key = "container.apparmor.security.beta.kubernetes.io/holmes"
    manifest = pod(holmes(securityContext=RESTRICTED_CONTAINER), securityContext=RESTRICTED_POD)
    manifest["spec"]["template"]["metadata"] = {"annotations": {key: "unconfined"}}
    assert_told(CHECK, case({}, manifests=[manifest]), "warn", "AppArmor")


@pytest.mark.parametrize(
    ("values", "name", "chart", "fix"),
    [
        ({}, "holmes-holmes", None, "Set holmes_pod_security: restricted"),
        ({}, "holmes-holmes", OLD, "Use a chart that has podSecurityContext"),
        ({"operator": {"enabled": True}}, "holmes-operator", None, "Set operator.enabled: false, or accept it by name"),
    ],
)
def test_the_fix(values: dict[str, t.Any], name: str, chart: t.Any, fix: str) -> None:
    options = {"chart_path": chart} if chart else {}
    for manifest, wanted in ((pod(hostPID=True, name=name), "chart"), (pod(holmes(), name=name), "restricted")):
        found = judge(CHECK, case(values, manifests=[manifest], pod_security=wanted, **options))
        assert fix in found.fix, found


def test_a_pod_is_accepted_by_name() -> None:
    def given(**options: t.Any) -> Case:
        return case({}, manifests=[BASELINE], pod_security="restricted", **options)

    accepted(CHECK, "Deployment/holmes-holmes", given)
    told = judge(CHECK, case({}, manifests=[PRIVILEGED], exceptions={f"{CHECK}:Deployment/holmes-holmes": "meant"}))
    assert told.message.startswith("Accepted (meant)")


@pytest.mark.parametrize(
    ("options", "status", "level"),
    [
        ({}, "pass", "baseline"),
        ({"pod_security": "restricted"}, "pass", "restricted"),
        ({"chart": OLD, "pod_security": "restricted"}, "fail", "baseline"),
        ({"values": {"additionalVolumes": [{"name": "h", "hostPath": {"path": "/"}}]}}, "warn", "privileged"),
    ],
)
def test_with_the_real_helm(options: dict[str, t.Any], status: str, level: str) -> None:
    (found,) = [check for check in build(**options).checks if check.id == CHECK]
    assert (found.status, found.evidence["level"]) == (status, level), found

# SPDX-License-Identifier: GPL-3.0-or-later
"""Which known key is proposed for an unknown one; never one without effect."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart, read
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_keys import ChartKeys
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_suggest import dotted, nearest

from tests.unit.fixtures.values_world import NEW, OLD, keys

ROWS = [
    # Case, other ways to join words, plural.
    ("modellist", "modelList"),
    ("model_list", "modelList"),
    ("model-list", "modelList"),
    ("MODELLIST", "modelList"),
    ("modelLists", "modelList"),
    ("toolset", "toolsets"),
    ("sentry_dsn", "sentryDSN"),
    ("LOG_LEVEL", "logLevel"),
    ("openShift", "openshift"),
    ("nodeselector", "nodeSelector"),
    ("additionalEnvVar", "additionalEnvVars"),
    ("replica", "replicas"),
    ("crdPermission.argo", "crdPermissions.argo"),
    ("dnsconfig.name_servers", "dnsConfig.nameservers"),
    # Typing mistakes.
    ("crdPermissions.agro", "crdPermissions.argo"),
    ("crdPermissions.argoo", "crdPermissions.argo"),
    ("serviceAccount.annotaions", "serviceAccount.annotations"),
    ("ressources", "resources"),
    ("enableTelemtry", "enableTelemetry"),
    ("customClusterRolRules", "customClusterRoleRules"),
    ("tls.secretNmae", "tls.secretName"),
    # Words that are left out, added, or replaced by others with the same meaning.
    ("telemetry", "enableTelemetry"),
    ("jsonLogs", "enableJsonLogsFormat"),
    ("podLabels", "commonLabels"),
    ("extraVolumes", "additionalVolumes"),
    ("extraVolumeMounts", "additionalVolumeMounts"),
    ("customToolsets", "toolsets"),
    ("replicaCount", "replicas"),
    ("serviceAccountName", "customServiceAccountName"),
    # A level for a word, a word for a level.
    ("image.pullPolicy", "imagePullPolicy"),
    ("pod.annotations", "podAnnotations"),
    ("tlsSecretName", "tls.secretName"),
    # A level too many, a level too few.
    ("holmes.modelList", "modelList"),
    ("tls.tls.secretName", "tls.secretName"),
    ("tls.config.secretName", "tls.secretName"),
    ("values.additional_env_vars", "additionalEnvVars"),
    ("caCertsSecretKey", "tls.caCertsSecretKey"),
    ("argo", "crdPermissions.argo"),
    ("limits.memory", "resources.limits.memory"),
    ("requests", "resources.requests"),
    # Too many answers, or none: no wrong trail.
    ("enabled", ""),
    ("name", ""),
    ("annotations", ""),
    ("securityContext", ""),
    ("config", ""),
    ("somethingElse", ""),
    ("sinksConfig", ""),
    ("tls.resources", ""),
    ("x", ""),
    ("", ""),
    ("resources.memory", ""),
    ("a.b.c.d.e.f.g.h", ""),
]


@pytest.mark.parametrize(("wrong", "meant"), ROWS, ids=[wrong for wrong, _meant in ROWS])
def test_did_you_mean(wrong: str, meant: str) -> None:
    found = keys(NEW).resembling(tuple(wrong.split(".")))
    assert found == meant
    assert not found or keys(NEW).knows(tuple(found.split(".")))


def test_what_this_chart_does_not_have_is_not_proposed() -> None:
    old = ChartKeys(read(str(OLD)))
    assert old.resembling(("namespace_scoped_rbac",)) == ""
    assert old.resembling(("argo",)) == ""


def test_a_dead_key_is_not_proposed() -> None:
    chart = Chart(
        "p", "x", "1", "1", "", {"outer": {"innerName": 1, "innerText": 1}}, {"t": "{{ .Values.outer.innerText }}"}
    )
    assert ChartKeys(chart).resembling(("outer", "innerNam")) == ""
    assert ChartKeys(chart).resembling(("outer", "innerTex")) == "outer.innerText"


def test_keys_of_a_sub_chart_are_found_below_it() -> None:
    inner = Chart("p", "holmes", "1", "1", "", {"modelList": {}}, {"t": "{{ toYaml .Values.modelList }}"})
    outer = Chart("p", "umbrella", "1", "1", "", {}, {}, {"holmes": inner})
    assert ChartKeys(outer).resembling(("modelList",)) == "holmes.modelList"


def test_spellings_of_one_name_count_as_one() -> None:
    assert nearest([("aName",), ("a_name",), ("b",)], ("aname",)) == ("aName",)
    assert nearest([("aName", "x"), ("bName", "x")], ("x",)) == ()


def test_no_answer_takes_long() -> None:
    known = [(f"key{number}" * 20, "x" * 200) for number in range(300)]
    assert nearest(known, ("y" * 2000, "x" * 2000)) == ()


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (("a", "b"), "a.b"),
        (("a", "b.c", "d"), 'a."b.c".d'),
        (("kubernetes/core",), "kubernetes/core"),
        (
            ("serviceAccount", "annotations", "eks.amazonaws.com/role-arn"),
            'serviceAccount.annotations."eks.amazonaws.com/role-arn"',
        ),
        (("",), '""'),
        (("a b",), '"a b"'),
        ((), ""),
    ],
)
def test_dotted(path: tuple[str, ...], shown: str) -> None:
    assert dotted(path) == shown

# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about the user's own rules of the role: what Kubernetes would refuse after Helm was done."""

from __future__ import annotations

import typing as t

import pytest

from tests.unit.fixtures.rule_world import assert_told
from tests.unit.fixtures.values_world import OLD, case

CHECK = "values.rbac_rules"
GOOD = {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["get"]}
URLS = {"nonResourceURLs": ["/metrics"], "verbs": ["get"]}


def given(*rules: t.Any) -> dict[str, t.Any]:
    return {"customClusterRoleRules": list(rules)}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "0 own rules"),
        (given(GOOD, URLS), "2 own rules"),
        (given({**GOOD, "resourceNames": ["a"]}), "1 own rules"),
        (given({**GOOD, "nonResourceURLs": None}), "1 own rules"),
        (given({**URLS, "resources": [], "apiGroups": []}), "1 own rules"),
        ({"customClusterRoleRules": "text, of which values.type speaks"}, "0 own rules"),
    ],
)
def test_legal_rules(values: dict[str, t.Any], message: str) -> None:
    assert_told(CHECK, case(values), "pass", message)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("get pods", "is no mapping"),
        ({**GOOD, "apiGroup": ["batch"]}, "has the unknown key 'apiGroup' (did you mean 'apiGroups'?)."),
        ({**GOOD, "resource": ["jobs"]}, "has the unknown key 'resource' (did you mean 'resources'?)."),
        ({**GOOD, "verb": ["get"]}, "has the unknown key 'verb' (did you mean 'verbs'?)."),
        ({**GOOD, "resourceName": ["a"]}, "has the unknown key 'resourceName' (did you mean 'resourceNames'?)."),
        ({**GOOD, "nonResourceURL": ["/a"]}, "has the unknown key 'nonResourceURL' (did you mean 'nonResourceURLs'?)."),
        ({**GOOD, "zzz": 1}, "has the unknown key 'zzz'."),
        ({**GOOD, "verbs": "get"}, "has verbs that are no list of texts"),
        ({**GOOD, "verbs": [1]}, "has verbs that are no list of texts"),
        ({**GOOD, "resources": {"jobs": 1}}, "has resources that are no list of texts"),
        ({**GOOD, "apiGroups": [None]}, "has apiGroups that are no list of texts"),
        ({**GOOD, "resourceNames": "a"}, "has resourceNames that are no list of texts"),
        ({**URLS, "nonResourceURLs": "/metrics"}, "has nonResourceURLs that are no list of texts"),
        ({**GOOD, "verbs": []}, "has no verbs"),
        ({"apiGroups": ["batch"], "resources": ["jobs"]}, "has no verbs"),
        ({"apiGroups": ["batch"], "verbs": ["get"]}, "has no resources"),
        ({"resources": ["jobs"], "verbs": ["get"]}, 'has no apiGroups (the core group is "")'),
        ({**URLS, "resources": ["jobs"]}, "has both resources and nonResourceURLs"),
        ({**URLS, "apiGroups": [""]}, "has both resources and nonResourceURLs"),
    ],
)
def test_what_is_refused(rule: t.Any, message: str) -> None:
    found = assert_told(CHECK, case(given(GOOD, rule)), "fail", f"Rule 2 of holmes_custom_cluster_role_rules {message}")
    assert found.fix == "Write it as {apiGroups: [batch], resources: [jobs], verbs: [get, list, watch]}."
    assert "Rule 1" not in found.message


def test_both_charts_have_the_key() -> None:
    assert_told(CHECK, case(given("x"), chart_path=OLD), "fail", "Rule 1 of")

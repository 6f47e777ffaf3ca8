# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator and the skill repositories of the chart double: each option has the effect that it has upstream."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get

from tests.unit.fixtures.values_world import NEW
from tests.unit.plugins.module_utils.test_chart_doubles import container, pod, rendered, template, variables

Values = dict[str, t.Any]
PLACE = {"nodeSelector": {"a": "b"}, "tolerations": [{"operator": "Exists"}], "affinity": {"nodeAffinity": {}}}
OPERATOR = ("Deployment", "holmes-operator")


@pytest.mark.parametrize(
    ("options", "path", "expected"),
    [
        ({"maxHistoryItems": 20}, "MAX_HISTORY_ITEMS", "20"),
        ({}, "MAX_HISTORY_ITEMS", "10"),
        ({"cleanupCompletedChecks": True}, "CLEANUP_COMPLETED_CHECKS", "true"),
        ({"completedCheckTTLHours": 48}, "COMPLETED_CHECK_TTL_HOURS", "48"),
        ({"holmesApiUrl": "http://x"}, "HOLMES_API_URL", "http://x"),
        ({}, "HOLMES_API_URL", "http://holmes-holmes:80"),
        ({"additionalEnvVars": [{"name": "A", "value": "a"}]}, "A", "a"),
        ({"resources": {"limits": {"memory": "1Gi"}}}, ("containers", "resources", "limits"), {"memory": "1Gi"}),
        *((PLACE, (key,), value) for key, value in PLACE.items()),
        # There is no such key, and the pod's own pull secrets do not come along.
        ({"imagePullSecrets": [{"name": "x"}]}, ("imagePullSecrets",), None),
    ],
)
def test_options_of_the_operator(options: Values, path: t.Any, expected: t.Any, tmp_path: Path) -> None:
    values = {"imagePullSecrets": [{"name": "pull"}], "operator": {"enabled": True, **options}}
    spec = rendered(NEW, tmp_path, values)[OPERATOR]["spec"]["template"]["spec"]
    (one,) = spec["containers"]
    if isinstance(path, str):
        assert {entry["name"]: entry["value"] for entry in one["env"]}[path] == expected
    else:
        assert get(one, path[1:]) == expected if path[0] == "containers" else spec.get(path[0]) == expected


def test_skill_repositories(tmp_path: Path) -> None:
    app = {"appId": 1, "installationId": 2, "privateKeySecret": {"name": "s", "key": "pem"}}
    repos = [
        {"url": "https://git.site/a.git", "branch": "main", "subPath": "x", "tokenSecret": {"name": "s", "key": "t"}},
        {"url": "https://git.site/b.git", "githubApp": app},
    ]
    manifests = rendered(NEW, tmp_path, {"skillRepos": repos, "skillReposVolumeSize": "2Gi"})
    found = variables(manifests)
    assert found["SKILL_REPO_TOKEN_0"] == {"secretKeyRef": {"name": "s", "key": "t"}}
    assert found["SKILL_REPO_GH_APP_KEY_1"] == {"secretKeyRef": {"name": "s", "key": "pem"}}
    first_repo, second = json.loads(found["SKILL_REPOS"])
    assert first_repo == {
        "url": "https://git.site/a.git",
        "branch": "main",
        "sub_path": "x",
        "token_env": "SKILL_REPO_TOKEN_0",
    }
    assert second["github_app_private_key_env"] == "SKILL_REPO_GH_APP_KEY_1"
    assert {"name": "skill-repos", "emptyDir": {"sizeLimit": "2Gi"}} in pod(manifests)["volumes"]
    assert found["SKILL_REPOS_DIR"] in {mount["mountPath"] for mount in container(manifests)["volumeMounts"]}


@pytest.mark.parametrize(
    ("repo", "text"),
    [
        ({"branch": "x"}, "needs a url"),
        ({"url": "https://user:word@git.site/a.git"}, "must not hold credentials"),
        ({"url": "https://git.site/a.git", "tokenSecret": {"name": "a"}, "githubApp": {"appId": 1}}, "exclude"),
    ],
)
def test_skill_repositories_that_are_refused(repo: Values, text: str, tmp_path: Path) -> None:
    rc, _out, err = template(NEW, tmp_path, {"skillRepos": [repo]})
    assert rc != 0 and text in err

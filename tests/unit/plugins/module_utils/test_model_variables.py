# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the text behind a variable comes from, and what is said where it cannot be had."""

from __future__ import annotations

import base64
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError, Object
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_variables import Unknown, Variables, source
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context

SECRET = "/api/v1/namespaces/ai/secrets/"


def encoded(**data: str) -> Object:
    return {"data": {key: base64.b64encode(text.encode()).decode() for key, text in data.items()}}


class FakeCluster:
    """Objects by path; every other path is refused with ``status``."""

    def __init__(self, objects: dict[str, Object] | None = None, status: int = 404) -> None:
        self.objects, self.status, self.asked = objects or {}, status, list[str]()

    def get(self, path: str, **_query: str) -> Object:
        self.asked.append(path)
        if path not in self.objects:
            raise KubeError(f"The API server refused {path} ({self.status}): no.", self.status)
        return self.objects[path]


def context(cluster: FakeCluster, **values: t.Any) -> Context:
    entries = [
        {"name": "PLAIN", "value": "text"},
        {"name": "EMPTY"},
        {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "llm", "key": "k"}}},
        {"name": "CONF", "valueFrom": {"configMapKeyRef": {"name": "conf", "key": "c"}}},
        {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
    ]
    secrets = values.pop("secrets", {})
    whole = {"additionalEnvVars": entries, **values}
    return Context(t.cast("t.Any", lambda: cluster), t.cast("t.Any", None), "ai", values=whole, secrets=secrets)


def test_texts_are_filled_in_at_any_depth() -> None:
    cluster = FakeCluster({SECRET + "llm": encoded(k="s3cret")})
    variables = Variables(context(cluster))
    data = {"a": ["Bearer {{ env.KEY }}", "{{env.PLAIN}}/{{ env.EMPTY }}"], "b": "envRef:KEY", "c": 5}
    assert variables.filled(data) == {"a": ["Bearer s3cret", "text/"], "b": "s3cret", "c": 5}
    assert cluster.asked == [SECRET + "llm"], "a Secret is read once"


def test_what_this_run_brings_is_not_read_from_the_cluster() -> None:
    cluster = FakeCluster()
    assert Variables(context(cluster, secrets={"llm": {"k": "new"}})).filled("{{ env.KEY }}") == "new"
    assert cluster.asked == []


def test_a_config_map_is_not_encoded() -> None:
    cluster = FakeCluster({"/api/v1/namespaces/ai/configmaps/conf": {"data": {"c": "as it is"}}})
    assert Variables(context(cluster)).filled("{{ env.CONF }}") == "as it is"


def test_secrets_that_become_variables_as_a_whole() -> None:
    cluster = FakeCluster({SECRET + "first": encoded(A="1", B="1"), SECRET + "second": encoded(B="2")})
    given = context(
        cluster, extraEnvVarsSecrets=["first"], additional_env_froms=[{"secretRef": {"name": "second"}}, {"x": 1}]
    )
    assert Variables(given).filled("{{ env.A }}{{ env.B }}") == "12"


@pytest.mark.parametrize(
    ("reference", "cluster", "message", "fix"),
    [
        ("KEY", FakeCluster(status=403), "Secret llm in namespace ai may not be read", "'get secrets' in namespace ai"),
        (
            "KEY",
            FakeCluster(status=404),
            "no Secret llm in namespace ai, and this run does not bring it",
            "holmes_secrets",
        ),
        ("KEY", FakeCluster(status=0), "refused", "holmes_kubeconfig"),
        (
            "KEY",
            FakeCluster({SECRET + "llm": encoded(other="canary-x")}),
            "Secret llm has no key 'k'",
            "holmes_llm_api_key",
        ),
        ("CONF", FakeCluster(status=403), "ConfigMap conf in namespace ai may not be read", "'get configmaps'"),
        ("CONF", FakeCluster(status=404), "There is no ConfigMap conf in namespace ai.", "Create it."),
        ("NODE", FakeCluster(), "NODE comes from fieldRef", "Secret"),
        ("NONE", FakeCluster(), "Nothing gives the variable NONE", "holmes_env"),
    ],
)
def test_what_cannot_be_had_is_told(reference: str, cluster: FakeCluster, message: str, fix: str) -> None:
    with pytest.raises(Unknown) as caught:
        Variables(context(cluster)).filled("{{ env." + reference + " }}")
    assert message in caught.value.msg and fix in caught.value.fix
    assert "canary" not in str(caught.value) + caught.value.fix


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ env.KEY }}", "key 'k' of Secret llm"),
        ("envRef:KEY", "key 'k' of Secret llm"),
        ("{{ env.PLAIN }}", "the variable PLAIN"),
        ("canary-literal", "the one in the values"),
    ],
)
def test_where_a_key_comes_from(text: str, told: str) -> None:
    assert source(context(FakeCluster()), text) == told

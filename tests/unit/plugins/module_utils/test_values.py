# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way from a request to values and checks, with the real Helm and both chart doubles."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values, _values_secrets, _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError, digest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._secret import rollout_token
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Request

from tests.unit.fixtures.values_world import (
    GUIDE,
    GUIDE_SECRETS,
    LLM,
    NEW,
    OLD,
    SERVICE,
    build,
    certificate,
    chart,
    env,
    helms,
    keys,
    only,
    request,
)

REF = {"secret": "holmes-secrets", "key": "k"}


def variables(values: dict[str, t.Any]) -> dict[str, t.Any]:
    return {entry["name"]: entry.get("value", "(from a Secret)") for entry in values["additionalEnvVars"]}


def written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("program", helms())
@pytest.mark.parametrize(("path", "rules"), [(NEW, 32), (OLD, 17)])
def test_a_good_request_is_ready(path: Path, rules: int, program: str) -> None:
    outcome = build(path, program)
    assert only(outcome) == {}
    result = outcome.result
    version = path.name.split("-")[1]
    assert result["chart"] == {
        "name": "holmes",
        "version": version,
        "app_version": version,
        "sha256": chart(path).sha256,
    }
    assert result["models"] == ["gpt-oss-120b"] and result["default_model"] == "gpt-oss-120b"
    assert result["limits"] == {"context_window": 131072, "max_output_tokens": 8192}
    assert result["images"] == [f"registry.site.internal:5000/holmesgpt/holmes:{version}"]
    assert len(result["rbac_rules"]) == rules
    assert result["chart_values"] == outcome.values
    assert result["values_sha256"] == digest(outcome.values)
    assert outcome.values["global"] == {"onprem": {"chartSha256": chart(path).sha256}}


def test_the_digest_is_that_of_what_is_deployed() -> None:
    """verify.values compares it with the release, also where a text only looks like a secret."""
    token = rollout_token("5b6c1f4e-3f0b-4c9e-9d7a-0d6b2f1a8c11", {"k": "eA=="})
    for given in ({"rollout_token": token}, {"values": {"podAnnotations": {"oauth": "Zm9vYmFy0QxT7rK2pLw9sVb4"}}}):
        outcome = build(**given)
        assert outcome.result["values_sha256"] == digest(yaml.safe_load(outcome.text))
    assert only(outcome) == {"values.literal_secret": "warn"}, "the second one looks like a secret"
    assert only(build(rollout_token=token)) == {}


def test_values_of_a_good_request() -> None:
    values = build(llm={**LLM, "api_key": REF}, holmes_api_key=REF, rollout_token="t").values
    assert values["modelList"] == {
        "gpt-oss-120b": {
            "model": "openai/gpt-oss-120b",
            "api_base": "{{ env.VLLM_API_BASE }}",
            "api_key": "{{ env.VLLM_API_KEY }}",
            "temperature": 1,
        }
    }
    found = variables(values)
    assert found["VLLM_API_BASE"] == "http://vllm-server.inference.svc.cluster.local:8000/v1"
    assert found["VLLM_API_KEY"] == found["HOLMES_API_KEY"] == "(from a Secret)"
    assert found["MODEL"] == "gpt-oss-120b"
    assert found["OVERRIDE_MAX_CONTENT_SIZE"] == "131072"
    assert not [name for name in found if name.startswith("OPENAI")]
    assert values["podAnnotations"] == {"holmesgpt.onprem/secrets-checksum": "t"}


def test_old_servers_get_no_model_variable() -> None:
    assert "MODEL" not in variables(build(OLD, default_model="gpt-oss-120b").values)


@pytest.mark.parametrize(
    ("path", "expected", "model"),
    [
        (NEW, {"values.config_model": "warn", "values.limits": "warn", "render.images": "warn"}, "gpt-oss-120b"),
        (
            OLD,
            {
                "values.config_model": "warn",
                "values.phantom_model": "warn",
                "values.limits": "warn",
                "render.images": "fail",
            },
            None,
        ),
    ],
)
def test_the_guides_own_values(path: Path, expected: dict[str, str], model: str | None, tmp_path: Path) -> None:
    outcome = build(path, values_files=[written(tmp_path / "v.yaml", GUIDE)], models={}, llm={}, registry="", image="")
    assert only(outcome) == expected
    assert outcome.result["models"] == ["gpt-oss-120b"]
    assert outcome.values["modelList"]["gpt-oss-120b"]["api_key"] == "{{ env.OPENAI_API_KEY }}"
    assert "config" not in outcome.values
    assert variables(outcome.values).get("MODEL") == model


def test_the_guides_secrets_appended_are_refused(tmp_path: Path) -> None:
    outcome = build(values_files=[written(tmp_path / "v.yaml", f"{GUIDE}\n{GUIDE_SECRETS}")], models={}, llm={})
    assert only(outcome)["values.duplicate_key"] == "fail"
    assert only(outcome)["values.env_reference"] == "fail"


def test_the_guides_secrets_as_a_second_file_lose_nothing(tmp_path: Path) -> None:
    files = [written(tmp_path / "a.yaml", GUIDE), written(tmp_path / "b.yaml", GUIDE_SECRETS)]
    outcome = build(values_files=files, models={}, llm={"context_window": 131072, "max_output_tokens": 8192})
    assert only(outcome) == {"values.config_model": "warn"}
    found = variables(outcome.values)
    assert found["OPENAI_API_BASE"] == "http://vllm-server.inference.svc.cluster.local:8000/v1"
    assert found["OPENAI_API_KEY"] == found["ARGOCD_AUTH_TOKEN"] == "(from a Secret)"


def test_precedence(tmp_path: Path) -> None:
    first = written(tmp_path / "1.yaml", "logLevel: one\nreplicas: 1\nimage: holmes:1.1.1\nenableTelemetry: true\n")
    second = written(
        tmp_path / "2.yaml", "logLevel: two\nimage: holmes:2.2.2\nadditionalEnvVars: [{name: A, value: two}]\n"
    )
    values = build(
        values_files=[first, second],
        image="holmes:0.45.0",
        env={"A": "option", "B": "option"},
        values={"additionalEnvVars": env(B="inline"), "logLevel": "inline"},
    ).values
    assert (values["logLevel"], values["replicas"], values["image"]) == ("inline", 1, "holmes:0.45.0")
    assert values["enableTelemetry"] is True
    assert (variables(values)["A"], variables(values)["B"]) == ("option", "inline")


def test_the_version_is_that_of_the_image_that_wins(tmp_path: Path) -> None:
    file = written(tmp_path / "v.yaml", "image: holmes:0.16.1\n")
    assert "MODEL" not in variables(build(values_files=[file], image="").values)
    assert "MODEL" in variables(build(values_files=[file], image="holmes:0.45.0").values)
    assert "MODEL" not in variables(build(image="holmes:0.45.0", values={"image": "holmes:0.16.1"}).values)


def test_without_a_profile_there_are_no_defaults() -> None:
    outcome = build(profile="none")
    assert "toolsets" not in outcome.values and "enableTelemetry" not in outcome.values
    expected = ("values.telemetry", "values.headers", "values.bash", "values.resources")
    assert only(outcome) == dict.fromkeys(expected, "warn")


def test_the_result_is_deterministic_and_leaves_the_request_alone() -> None:
    asked = request(values={"podAnnotations": {"b": "1", "a": "2"}}, env={"Z": "1", "A": "2"})
    before = repr(asked)
    one, two = build(values={"podAnnotations": {"b": "1"}}), build(values={"podAnnotations": {"b": "1"}})
    assert one.text == two.text and one.result == two.result
    _values.build(asked, _values.renderer(None, lambda _command: (1, "", "")))
    assert repr(asked) == before


def test_numbers_are_as_helm_gives_them_back() -> None:
    outcome = build(models={"a": {"model": "a", "temperature": 1.0, "top_p": 0.5}})
    entry = outcome.values["modelList"]["a"]
    assert (repr(entry["temperature"]), repr(entry["top_p"])) == ("1", "0.5")


def test_the_text_is_read_back_as_the_values() -> None:
    outcome = build()
    assert outcome.text.startswith("# Written by holmesgpt.onprem.holmes_values.")
    assert _yaml_text.load_mapping(outcome.text, "x")[0] == outcome.values


def test_a_certificate_reaches_the_pod(tmp_path: Path) -> None:
    pem, _key = certificate()
    outcome = build(ca_file=written(tmp_path / "ca.pem", pem))
    assert only(outcome) == {}
    assert "\n" not in outcome.values["certificate"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"release_name": "-x"}, {"values.names": "fail"}),
        ({"llm": {"service": SERVICE, "context_window": 131072}}, {"values.limits": "warn"}),
        ({"llm": {"service": SERVICE, "context_window": 65536}}, {"values.limits": "fail"}),
        ({"values": {"config": {"temperature": 1}}}, {"values.unknown_key": "fail"}),
        ({"values": {"enableAccountsCreate": True}}, {"values.dead_key": "warn"}),
        ({"default_model": "other"}, {"values.default_model": "fail"}),
        (
            {"env": {"OPENAI_API_KEY": "none"}, "models": {"a": {"model": "a"}, "b": {"model": "b"}}},
            {"values.default_model": "warn", "values.phantom_model": "fail"},
        ),
        ({"env": {"A_TOKEN": "hunter2x"}}, {"values.literal_secret": "fail"}),
        ({"ca_file": "/does/not/exist"}, {"values.certificate": "fail"}),
        ({"rbac": {"create": False}}, {"values.service_account": "warn"}),
        (
            {"rbac": {"custom_cluster_role_rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["*"]}]}},
            {"render.rbac_read_only": "fail"},
        ),
        (
            {"values": {"operator": {"enabled": True}}},
            {"values.addons": "fail", "render.rbac_read_only": "fail", "render.images": "fail"},
        ),
        (
            {"values": {"containerSecurityContext": {"readOnlyRootFilesystem": True}}},
            {"values.security_context": "warn"},
        ),
        (
            {"values": {"toolsets": None}},
            {"values.default_model": "fail", "values.profile": "warn", "values.bash": "warn"},
        ),
        ({"env": {"PROXY": "https://api.openai.com/v1"}}, {"render.outside_hosts": "warn"}),
        ({"chart_sha256": "0" * 64}, {"values.chart": "fail"}),
        ({"image": "holmes:0.16.1"}, {"values.server_version": "warn"}),
    ],
)
def test_what_is_found(options: dict[str, t.Any], expected: dict[str, str]) -> None:
    found = only(build(**options))
    if "release_name" in options:
        found = {check: status for check, status in found.items() if status == "fail"}
    assert found == expected


# Checks that look at what Helm made.
RENDERED = (
    *("render.host_path", "render.objects", "render.kinds", "render.rbac_read_only", "render.image_reference"),
    *("render.images", "render.outside_hosts", "render.pod_security"),
)


def test_a_failing_render_leaves_the_other_rules_at_work() -> None:
    found = only(build(values={"tls": {"enabled": True}, "zzz": 1}))
    assert found == {
        "values.unknown_key": "fail",
        "values.server_tls": "fail",
        "render.failed": "fail",
        **dict.fromkeys(RENDERED, "not_checked"),
    }


def test_without_helm_the_values_are_still_judged() -> None:
    outcome = _values.build(request(), _values.renderer(None, lambda _command: (1, "", "")))
    assert only(outcome) == dict.fromkeys(("render.failed", *RENDERED), "not_checked")
    assert (outcome.result["images"], outcome.result["rbac_rules"]) == ([], [])


CANARY = "canary-4711-hunter2"


@pytest.mark.parametrize(
    "options",
    [
        {"env": {"A_TOKEN": CANARY}},
        {"values": {"modelList": {"gpt-oss-120b": {"api_key": CANARY}}}},
        {"values": {"additionalEnvVars": [{"name": "DB_PASSWORD", "value": CANARY, "valueFrom": {}}]}},
        {"values": {"toolsets": {"x": {"config": {"password": CANARY}}}}},
        {"env": {"URL": f"http://user:{CANARY}@host/v1"}},
        {"llm": {"api_base": f"http://user:{CANARY}@host"}},
        {"values": {"modelList": {"gpt-oss-120b": {"api_base": f"http://user:{CANARY}@host"}}}},
        {"values": {"modelList": {"gpt-oss-120b": {"api_key": CANARY}}, "tls": {"enabled": True, "secretName": ""}}},
        {"values": {"commonLabels": {"app": "x"}, "toolsets": {"x": {"config": {"token": CANARY}}}}},
    ],
)
def test_a_secret_by_mistake_is_found_and_never_repeated(options: dict[str, t.Any]) -> None:
    outcome = build(**options)
    assert only(outcome)["values.literal_secret"] == "fail"
    assert CANARY not in repr(outcome.result)
    assert CANARY not in repr(outcome.checks)
    assert _values_secrets.MASK in repr(outcome.result["chart_values"])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"values_files": ["/does/not/exist.yaml"]},
            "The values file '/does/not/exist.yaml' cannot be read on this host",
        ),
        ({"values": "text"}, "holmes_values must be a mapping."),
        ({"values": [1]}, "holmes_values must be a mapping."),
        ({"values": {"\ud800": None}}, "The values hold half of a character"),
        ({"env": {"A": "\udfff"}}, "The values hold half of a character"),
    ],
)
def test_input_that_cannot_be_used(options: dict[str, t.Any], sentence: str) -> None:
    with pytest.raises(HolmesError) as caught:
        build(**options)
    assert caught.value.msg.startswith(sentence)


def test_a_file_that_is_no_utf8(tmp_path: Path) -> None:
    (tmp_path / "v.yaml").write_bytes(b"a: \xff\xfe\n")
    with pytest.raises(HolmesError, match="is not UTF-8 text"):
        build(values_files=[str(tmp_path / "v.yaml")])


@pytest.mark.parametrize(
    ("kind", "fix"),
    [
        ("HelmRelease", "Write the content of spec.values into a file."),
        ("Application", "Write the content of spec.source.helm.valuesObject into a file."),
        ("ConfigMap", "Write the values of the chart into a file."),
    ],
)
def test_a_manifest_is_not_values(tmp_path: Path, kind: str, fix: str) -> None:
    (tmp_path / "v.yaml").write_text(f"apiVersion: example/v1\nkind: {kind}\nspec: {{}}\n")
    with pytest.raises(HolmesError) as caught:
        build(values_files=[str(tmp_path / "v.yaml")])
    assert f"is a manifest of kind '{kind}', not values." in caught.value.msg
    assert caught.value.fix == fix


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    (tmp_path / "v.yaml").write_text("openshift: true\n", encoding="utf-8-sig")
    assert build(values_files=[str(tmp_path / "v.yaml")]).values["openshift"] is True


ODD: list[t.Any] = [None, [], {}, "", "text", 0, 1.5, True, [None], {"a": None}, [[]], {"name": {}}]


KEYS = [
    *(
        "additionalEnvVars",
        "additional_env_vars",
        "modelList",
        "toolsets",
        "certificate",
        "image",
        "registry",
        "config",
    ),
    *("global", "imagePullSecrets", "crdPermissions", "containerSecurityContext", "resources", "operator", "mcpAddons"),
    *("serviceAccount", "customServiceAccountName", "createServiceAccount", "extraEnvVarsSecrets", "enableTelemetry"),
]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_odd_values_never_end_in_a_traceback(odd: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # The chart is the same each time; reading it again takes most of the time.
    monkeypatch.setattr(_values, "ChartKeys", lambda _chart: keys(NEW))
    monkeypatch.setattr(_values._chart, "read", lambda _path: chart(NEW))
    nothing = _values.renderer(None, lambda _command: (1, "", ""))
    for key in KEYS:
        for values in ({key: odd}, {key: {"a": odd, "enabled": odd}}, {key: [odd, {"name": "A", "value": odd}]}):
            for asked in (Request(chart=str(NEW), values=values), request(values=values)):
                assert _values.build(asked, nothing).checks

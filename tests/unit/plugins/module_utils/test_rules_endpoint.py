# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules about the address of the model server, both ways."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_litellm as litellm
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_models as models

from tests.unit.fixtures.values_world import SERVICE, case, env, judge

SECRET = {"secretKeyRef": {"name": "s", "key": "k"}}


def model(base: t.Any = None, name: str = "openai/a", key: str = "api_base", **variables: str) -> dict[str, t.Any]:
    entry = {"model": name, **({key: base} if base is not None else {})}
    return {"modelList": {"a": entry}, "additionalEnvVars": env(**variables)}


def assert_says(check: str, case_: t.Any, status: str, text: str, fix: str = "") -> None:
    found = judge(check, case_)
    assert (found.status, text in found.message, fix in found.fix) == (status, True, True), found
    assert bool(found.fix) == (status != "pass"), found


FORM = "Write it as http://SERVICE.NAMESPACE.svc.cluster.local:PORT"
NONE = "modelList.a has no api_base, so its chats would go to "


@pytest.mark.parametrize(
    ("values", "status", "text", "fix"),
    [
        (model("http://v.n.svc.cluster.local:8000/v1"), "pass", "a: http://v.n.svc.cluster.local:8000/v1", ""),
        (model("http://v.n/v1", key="base_url"), "pass", "http://v.n/v1", ""),
        (model("http://v.n"), "fail", "modelList.a.api_base is 'http://v.n', but it must end in /v1.", f"{FORM}/v1"),
        (model("http://v.n", key="base_url"), "fail", "modelList.a.base_url is 'http://v.n', but", ""),
        (model("v.n"), "fail", "modelList.a.api_base is 'v.n', but it must start with", f"{FORM}/v1"),
        (
            model("http://vllm:8000/v1"),
            "warn",
            "but a name of one word is found only in the namespace 'holmes'",
            "NAMESPACE",
        ),
        (model("http://u:p@v.n/v2"), "fail", "is 'http://********@v.n/v2'", ""),
        (model("http://v.n:11434", name="ollama/a"), "pass", "http://v.n:11434", ""),
        (model("http://v.n/v1", name="ollama_chat/a"), "fail", "'/v1' must be cut", f"{FORM}"),
        (model("http://v.n:8000", name="hosted_vllm/a"), "fail", "it must end in /v1", ""),
        (model("http://v.n:8000", name="mistral/a"), "pass", "", ""),
        (model(), "fail", f"{NONE}a public address, api.openai.com.", "Set holmes_llm_api_base or holmes_llm_service."),
        (model(""), "fail", NONE, ""),
        (model(name="hosted_vllm/a"), "fail", f"{NONE}nowhere.", ""),
        (model(name="lm_studio/a"), "fail", f"{NONE}a public address", ""),
        (model(name="ollama/a"), "fail", f"{NONE}its own pod.", ""),
        (model(name="llamafile/a"), "fail", f"{NONE}its own pod.", ""),
        (model(name="a"), "fail", NONE, ""),
        (model(name="anthropic/a"), "pass", "", ""),
        (model(5), "pass", "", ""),
        (model(OPENAI_API_BASE="http://v.n/v1"), "pass", "http://v.n/v1", ""),
        (model(OPENAI_API_BASE="http://v.n"), "fail", "The variable OPENAI_API_BASE is 'http://v.n', but", ""),
        (model(name="hosted_vllm/a", OPENAI_API_BASE="http://v.n/v1"), "fail", NONE, ""),
        (model(name="hosted_vllm/a", HOSTED_VLLM_API_BASE="http://v.n/v1"), "pass", "http://v.n/v1", ""),
        (model("{{ env.B }}", B="http://v.n/v1"), "pass", "http://v.n/v1", ""),
        (model("{{ env.B }}", B="http://v.n"), "fail", "is 'http://v.n'", ""),
        (model("http://{{ env.H }}:{{env.P}}/v1", H="v.n", P="8000"), "pass", "http://v.n:8000/v1", ""),
        (model("http://{{ env.H }}:{{env.P}}/v1", H="v.n", P="http"), "fail", "that is no legal URL", ""),
        (model("http://{{ env.H }}:{{env.P}}/v1", H="v.n"), "pass", "", ""),
        (model("envRef:B", B="http://v.n/v1"), "pass", "http://v.n/v1", ""),
        (model("{{ env.B }}"), "pass", "", ""),
        (model("{{ env.B }}", B=""), "fail", "modelList.a.api_base is '', but", ""),
        ({"modelList": {"a": "broken"}}, "pass", "", ""),
        ({"additionalEnvVars": env(MODEL="openai/a", API_BASE="http://v.n/v1")}, "pass", "openai/a: http://v.n/v1", ""),
        ({"additionalEnvVars": env(MODEL="openai/a")}, "fail", "MODEL has no api_base", ""),
    ],
)
def test_api_base(values: dict[str, t.Any], status: str, text: str, fix: str) -> None:
    assert_says("values.api_base", case(values), status, text, fix)


def test_an_address_from_a_secret() -> None:
    values = {**model("{{ env.B }}"), "additionalEnvVars": [{"name": "B", "valueFrom": SECRET}]}
    told = "modelList.a.api_base comes from a variable without a literal value"
    assert_says("values.api_base", case(values), "not_checked", told, "Write the URL in clear")
    values = {**model(), "additionalEnvVars": [{"name": "OPENAI_API_BASE", "valueFrom": SECRET}]}
    assert_says("values.api_base", case(values), "not_checked", "The variable OPENAI_API_BASE comes from", "in clear")
    assert_says("values.public_endpoint", case(values), "pass", "")


@pytest.mark.parametrize("key", ["extraEnvVarsSecrets", "additional_env_froms"])
def test_an_address_that_a_whole_secret_may_hold(key: str) -> None:
    found = case({**model(), key: ["s"]})
    assert_says(
        "values.api_base", found, "not_checked", "modelList.a has no api_base, unless", "Set holmes_llm_api_base"
    )


def test_namespace_and_domain_of_the_request_count() -> None:
    options = {"namespace": "ai", "cluster_domain": "k8s.site"}
    assert_says(
        "values.api_base", case(model("http://v/v1"), **options), "warn", "the namespace 'ai'", "svc.k8s.site and"
    )
    assert_says("values.api_base", case(model("http://v.n.svc.k8s.site/v1"), **options), "pass", "v.n.svc.k8s.site")
    wrong = case(model("http://v.n.svc.cluster.local/v1"), **options)
    assert_says(
        "values.api_base", wrong, "fail", "domain is 'k8s.site'", "http://SERVICE.NAMESPACE.svc.k8s.site:PORT/v1"
    )


def test_the_fix_does_not_end_in_v1_where_it_must_not() -> None:
    found = judge("values.api_base", case(model("http://v.n/v1", name="ollama/a")))
    assert found.fix == FORM


def test_addresses_are_in_the_evidence() -> None:
    values = {"modelList": {name: {"model": "openai/a", "api_base": f"https://{name}.n/v1"} for name in ("a", "b")}}
    found = judge("values.api_base", case(values))
    assert found.evidence == {
        "endpoints": ["a: https://a.n/v1", "b: https://b.n/v1"],
        "notes": ["a.n: port 443 is asked for", "b.n: port 443 is asked for"],
    }


def test_an_endpoint_that_no_model_uses() -> None:
    unused = case(model("http://v.n/v1"), llm={"service": SERVICE})
    assert_says("values.api_base", unused, "warn", "is used by no model", "Name the models in holmes_models")
    used = case(model("{{ env.VLLM_API_BASE }}", VLLM_API_BASE="http://v.n/v1"), llm={"service": SERVICE})
    assert_says("values.api_base", used, "pass", "http://v.n/v1")


@pytest.mark.parametrize("provider", litellm.ENDS_IN_V1)
def test_providers_that_need_v1(provider: str) -> None:
    assert_says("values.api_base", case(model("http://v.n", name=f"{provider}/a")), "fail", "it must end in /v1")


@pytest.mark.parametrize("provider", litellm.ADDS_PATH)
def test_providers_that_must_not_have_v1(provider: str) -> None:
    assert_says("values.api_base", case(model("http://v.n/v1", name=f"{provider}/a")), "fail", "'/v1' must be cut")


OUTSIDE = ", which cannot be reached without the internet."


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (model(name="anthropic/a"), f"modelList.a uses the hosted provider 'anthropic'{OUTSIDE}"),
        (model(name="mistral/a"), "the hosted provider 'mistral'"),
        (model("https://api.openai.com/v1"), f"modelList.a.api_base names api.openai.com{OUTSIDE}"),
        (model("https://openai.com/v1"), "names openai.com"),
        (model("https://SITE.openai.azure.com", name="azure/a"), "names site.openai.azure.com"),
        (model(OPENAI_API_BASE="https://openrouter.ai/api/v1"), "The variable OPENAI_API_BASE names openrouter.ai"),
        ({"additionalEnvVars": env(MODEL="bedrock/a")}, "MODEL uses the hosted provider 'bedrock'"),
    ],
)
def test_public_endpoints(values: dict[str, t.Any], text: str) -> None:
    assert_says("values.public_endpoint", case(values), "fail", text, "accept it in holmes_exceptions")
    found = judge("values.public_endpoint", case(values, profile="none"))
    assert (found.status, "on the internet, which the profile allows" in found.message) == ("pass", True), found


@pytest.mark.parametrize(
    "values",
    [
        model("http://v.n/v1"),
        model("http://myopenai.com/v1"),
        model("http://openai.com.site/v1"),
        model("http://proxy.site/anthropic", name="anthropic/a"),
        model(name="deepseek/a", DEEPSEEK_API_BASE="http://v.n/v1"),
        model(),
        model(5),
        model("nonsense"),
        model(name="nobody/a"),
        {},
    ],
)
def test_no_public_endpoints(values: dict[str, t.Any]) -> None:
    found = judge("values.public_endpoint", case(values))
    assert (found.status, found.message) == ("pass", "No model is a service on the internet")


def test_a_model_of_the_site_hides_no_public_one() -> None:
    values = {"modelList": {"a": model("http://v.n/v1")["modelList"]["a"], "b": {"model": "xai/b"}}}
    assert_says("values.public_endpoint", case(values), "fail", "modelList.b uses the hosted provider 'xai'")


def test_one_public_endpoint_can_be_accepted() -> None:
    values = {"modelList": {name: {"model": "xai/a"} for name in ("a", "b")}}
    found = judge("values.public_endpoint", case(values, exceptions={"values.public_endpoint:a": "a proxy"}))
    assert (found.status, "Accepted (a proxy): modelList.a" in found.message) == ("fail", True), found
    found = judge("values.public_endpoint", case(values, exceptions={"values.public_endpoint": "a proxy"}))
    assert (found.status, "modelList.b" in found.message) == ("warn", True), found


def test_providers_are_of_one_kind() -> None:
    assert not set(litellm.OWN) & set(litellm.HOSTED)
    assert {*litellm.GOALS, *litellm.ENDS_IN_V1, *litellm.ADDS_PATH, *litellm.NO_REASONING} <= set(models.PROVIDERS)
    assert not set(litellm.ENDS_IN_V1) & set(litellm.ADDS_PATH)

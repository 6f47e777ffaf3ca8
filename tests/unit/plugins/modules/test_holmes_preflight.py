# SPDX-License-Identifier: GPL-3.0-or-later
"""The module through its main(): options, gate, budget, secrets. What the parts find has tests of its own."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _module, _preflight, _settled
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Task
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster, KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._settled import Settled
from ansible_collections.holmesgpt.onprem.plugins.modules import holmes_preflight

from tests.unit.fixtures.values_world import NEW, build, helm

SERVER = "https://kubernetes.site.internal:6443"
PASSWORD = "registry-canary-7h2k"
KEY = "sk-canary-model-key-0192837465"
REGISTRY = {"host": "registry.site.internal:5000", "username": "puller", "password": PASSWORD}
LEARNED = {"gpt-oss-120b": {"max_model_len": 32768, "strict": True}}
Object = dict[str, t.Any]


class Api:
    """Double of the API server below the client library: it knows its version only."""

    def request(self, method: str, path: str, **_options: t.Any) -> t.Any:
        assert (method, path) == ("get", "/version")
        return SimpleNamespace(data=b'{"gitVersion": "v1.35.4"}')


class Part:
    """A part of the preflight that says what a test wants, and shows what it was given."""

    IDS: t.ClassVar[dict[str, str]] = {"part.one": "One part"}

    def __init__(self, *checks: Check) -> None:
        self.checks = checks
        self.seen: list[Context] = []

    def tasks(self, context: Context, *_profile: t.Any) -> list[Task]:
        self.seen.append(context)
        return [Task("part.one", "One part", lambda: self.checks)]

    def learned(self, _checks: t.Iterable[Check]) -> Object:
        return LEARNED

    def models(self, _context: Context) -> list[str]:
        return ["gpt-oss-120b"]

    def budget(self, models: list[str], profile: str) -> str:
        return f"{len(models)} model, {profile}"


Runner = t.Callable[..., tuple[int, Object]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runner:
    monkeypatch.setattr(_module, "MISSING", None)
    values = tmp_path / "values.yaml"
    values.write_text(build().text)

    def runner(part: Part | None = None, api: Exception | None = None, **options: t.Any) -> tuple[int, Object]:
        def connect(params: t.Any) -> Cluster:
            if api:
                raise api
            return Cluster(SimpleNamespace(client=Api(), configuration=SimpleNamespace(host=SERVER)))

        monkeypatch.setattr(holmes_preflight, "connect", connect)
        monkeypatch.setattr(_preflight, "PARTS", (part or Part(), Part()))
        monkeypatch.setattr(_preflight, "_preflight_model", Part())
        given = {"chart": str(NEW), "values_file": str(values), "helm_binary": helm(), **options}
        arguments = {name: value for name, value in given.items() if value is not None}
        with patch_module_args(arguments), pytest.raises(SystemExit) as ended:
            holmes_preflight.main()
        output = capsys.readouterr().out
        assert PASSWORD not in output and KEY not in output
        return int(ended.value.code or 0), json.loads(output)

    return runner


def states(result: Object) -> dict[str, str]:
    return {check["id"]: check["status"] for check in result["checks"]}


def failing(check: str = "llm.tool_call") -> Part:
    return Part(Check(check, "x", "fail", "It is wrong.", "Mend it."))


@pytest.mark.parametrize("check_mode", [False, True])
def test_everything_is_fine(run: Runner, check_mode: bool) -> None:
    part = Part(Check("part.one", "One part", "pass", "fine"))
    code, result = run(part, _ansible_check_mode=check_mode)
    assert (code, result["changed"], result["verdict"]) == (0, False, "ready")
    assert states(result) == {"host.helm": "pass", "cluster.api": "pass", "part.one": "pass"}
    assert result["learned"] == LEARNED and result["budget"] == "1 model, quick"


def test_what_the_parts_are_given(run: Runner) -> None:
    part = Part()
    run(
        part,
        namespace="n",
        release_name="r",
        secret_data={"model": KEY},
        registry=REGISTRY,
        ca_file="/ca.pem",
        timeout=3,
    )
    context = part.seen[0]
    assert (context.namespace, context.release_name, context.timeout) == ("n", "r", 3.0)
    assert context.secrets["holmes-secrets"] == {"model": KEY}
    assert json.loads(context.secrets["holmes-registry"][".dockerconfigjson"])["auths"]
    assert (context.ca_file, context.registry_ca_file, context.chart_repo_url) == ("/ca.pem", "", "")
    assert context.server == (0, 45, 0)
    assert "gpt-oss-120b" in context.values["modelList"]
    rendered = context.rendered()
    assert {manifest["metadata"]["name"] for manifest in rendered.manifests} >= {"r-holmes"}
    assert context.rendered() is rendered, "Helm runs once"


def test_nothing_left_to_do_is_said_only_where_it_is_asked_for(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Object] = []

    def settled(_context: Context, chart: Object) -> Settled:
        asked.append(chart)
        return Settled("5e77", [Check("release.lock", "Lock", "pass", "free")])

    monkeypatch.setattr(_settled, "settled", settled)
    assert "settled" not in run()[1]
    result = run(settles=True)[1]["settled"]
    assert (result["values_sha256"], result["checks"][0]["id"]) == ("5e77", "release.lock")
    assert run(settles=True, gate="none")[1]["settled"] == {}, "nothing was checked"
    assert [(chart["name"], chart["version"]) for chart in asked] == [("holmes", "0.45.0")]


def test_a_failed_check_fails_the_module_with_one_sentence(run: Runner) -> None:
    code, result = run(failing())
    assert code == 1 and result["verdict"] == "not_ready"
    assert result["msg"] == "[llm.tool_call] It is wrong. Mend it."
    assert result["learned"] == LEARNED, "what was learned is worth something also then"


def test_gate_and_exceptions(run: Runner) -> None:
    code, result = run(failing(), gate="warn")
    assert code == 0 and states(result)["preflight.gate"] == "warn"
    code, result = run(failing(), exceptions={"llm.tool_call": "a test model"})
    assert code == 0 and states(result)["llm.tool_call"] == "warn"
    part = failing()
    code, result = run(part, gate="none", api=KubeError("nobody may be asked"))
    assert code == 0 and states(result) == {"preflight.gate": "warn"} and result["budget"] == ""


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"autotune": True}, "warn"),
        ({"autotune": False}, "fail"),
    ],
)
def test_what_this_run_puts_right_does_not_stop_it(run: Runner, options: Object, status: str) -> None:
    assert states(run(failing("llm.context"), **options)[1])["llm.context"] == status
    assert states(run(failing(), **options)[1])["llm.tool_call"] == "fail"


def test_an_unasked_model_server_is_named(run: Runner) -> None:
    code, result = run(llm_probe="none")
    assert code == 0 and result["budget"] == "" and result["verdict"] == "ready_with_limitations"
    assert [check["fix"] for check in result["checks"] if check["status"] == "not_checked"] == [
        "Set holmes_llm_probe: quick."
    ]


def test_no_connection_is_told_once(run: Runner) -> None:
    code, result = run(api=KubeError("No connection to the cluster: refused.", 0, "Check holmes_kubeconfig."))
    assert code == 1
    assert result["msg"] == "[cluster.api] No connection to the cluster: refused. Check holmes_kubeconfig."


@pytest.mark.parametrize(
    ("output", "status", "says"),
    [
        ("v3.11.9", "fail", "3.12 or newer"),
        ("v5.0.0", "fail", "up to 4.x"),
        ("v3.12.0", "pass", ""),
        ("hello", "fail", "did not answer"),
    ],
)
def test_helm(run: Runner, tmp_path: Path, output: str, status: str, says: str) -> None:
    program = tmp_path / "helm"
    program.write_text(f"#!/bin/sh\necho '{output}'\n")
    program.chmod(0o755)
    _code, result = run(helm_binary=str(program))
    found = next(check for check in result["checks"] if check["id"] == "host.helm")
    assert found["status"] == status and says in found["message"] + found["fix"]


def test_without_a_chart_only_the_host_is_checked(run: Runner) -> None:
    part = failing()
    code, result = run(part, chart=None, values_file=None)
    assert code == 0 and states(result) == {"host.helm": "pass", "cluster.api": "pass"}
    assert part.seen == [] and result["budget"] == ""


def test_helm_that_is_not_there(run: Runner) -> None:
    code, result = run(helm_binary="no-such-helm")
    assert code == 1 and "'no-such-helm' was not found" in result["msg"] and "holmes_helm_binary" in result["msg"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"values_file": "/no/such/file.yaml"}, "/no/such/file.yaml"),
        ({"chart": "/no/such/chart.tgz"}, "/no/such/chart.tgz"),
        ({"secret_data": {"k": [KEY]}}, "holmes_secrets"),
        ({"secret_data": KEY}, "holmes_secrets"),
        ({"registry": {"host": "h", "username": "u", "password": [PASSWORD]}}, "password"),
        ({"registry": PASSWORD}, "registry"),
        ({"exceptions": {"llm.tool_call": ""}}, "holmes_exceptions"),
    ],
)
def test_bad_input_is_one_sentence(run: Runner, options: Object, says: str) -> None:
    code, result = run(**options)
    assert code == 1 and says in result["msg"] and "\n" not in result["msg"]
    assert "Traceback" not in json.dumps(result)


def test_the_host_of_the_registry_may_be_shown(run: Runner) -> None:
    part = Part(Check("part.one", "One part", "pass", f"{REGISTRY['host']} answers, not {PASSWORD}"))
    _code, result = run(part, registry=REGISTRY)
    message = next(check["message"] for check in result["checks"] if check["id"] == "part.one")
    assert message.startswith("registry.site.internal:5000 answers, not ***")


def test_helm_that_cannot_render_is_a_sentence_for_those_who_need_it(run: Runner, tmp_path: Path) -> None:
    part = Part()
    values = tmp_path / "broken.yaml"
    values.write_text(yaml.safe_dump({"resources": "x", "modelList": {"a": {"model": "openai/a"}}, "toolsets": 1}))
    run(part, values_file=str(values))
    with pytest.raises(HolmesError):
        part.seen[0].rendered()

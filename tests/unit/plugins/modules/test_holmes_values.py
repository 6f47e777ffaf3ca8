# SPDX-License-Identifier: GPL-3.0-or-later
"""The module: results, files, check mode, diff, failures, and that it shows no secret."""

from __future__ import annotations

import json
import stat
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _python_needs, _values_arguments, _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.modules import holmes_values

from tests.unit.fixtures.values_world import GUIDE, LLM, MODELS, NEW, helm

CANARY = "canary-4711-hunter2"


class Result(dict[str, t.Any]):
    """What the module printed, with its return code and the text itself."""

    rc = 0
    text = ""


class Module(t.Protocol):
    def __call__(self, **options: t.Any) -> Result: ...


@pytest.fixture(name="module")
def _module(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Module:
    def call(**options: t.Any) -> Result:
        good = {"chart": str(NEW), "registry": "reg.site:5000/h", "llm": LLM, "models": MODELS, "helm_binary": helm()}
        internal = {
            "_ansible_remote_tmp": str(tmp_path),
            "_ansible_tmpdir": str(tmp_path),
            "_ansible_inject_invocation": True,
        }
        with patch_module_args({**good, **internal, **options}), pytest.raises(SystemExit) as left:
            holmes_values.main()
        printed = capsys.readouterr()
        result = Result(json.loads(printed.out))
        result.rc, result.text = int(left.value.code or 0), printed.out + printed.err
        return result

    return call


def test_without_a_file_nothing_changes(module: Module) -> None:
    result = module()
    assert (result.rc, result["changed"], result["verdict"]) == (0, False, "ready")
    assert {
        "chart_values",
        "values_sha256",
        "chart",
        "models",
        "default_model",
        "limits",
        "images",
        "rbac_rules",
        "checks",
    } <= set(result)
    assert result["images"] == ["reg.site:5000/h/holmes:0.45.0"]
    assert len(result["rbac_rules"]) == 32


def test_the_file_is_written_once_and_only_for_its_user(module: Module, tmp_path: Path) -> None:
    dest = tmp_path / "out" / "values.yaml"
    dest.parent.mkdir()
    first = module(dest=str(dest))
    assert first["changed"] is True
    assert stat.S_IMODE(dest.stat().st_mode) == 0o600
    assert _yaml_text.load_mapping(dest.read_text(), "dest")[0] == first["chart_values"]
    assert first["diff"]["before"] == "" and "modelList" in first["diff"]["after"]
    assert module(dest=str(dest))["changed"] is False
    dest.chmod(0o644)
    assert module(dest=str(dest))["changed"] is True
    assert stat.S_IMODE(dest.stat().st_mode) == 0o600
    assert [path.name for path in dest.parent.iterdir()] == ["values.yaml"]


def test_check_mode_answers_the_same_and_writes_nothing(module: Module, tmp_path: Path) -> None:
    dest = tmp_path / "values.yaml"
    checked = module(dest=str(dest), _ansible_check_mode=True)
    assert checked["changed"] is True and not dest.exists()
    real = module(dest=str(dest))
    for key in ("chart_values", "values_sha256", "diff", "models", "images", "verdict"):
        assert checked[key] == real[key]
    again = module(dest=str(dest), _ansible_check_mode=True, rollout_token="new")
    assert again["changed"] is True
    assert "holmesgpt.onprem/secrets-checksum: new" in again["diff"]["after"]
    assert "holmesgpt.onprem/secrets-checksum" not in again["diff"]["before"] + dest.read_text()


def test_the_diff_hides_what_somebody_wrote_into_the_file(module: Module, tmp_path: Path) -> None:
    dest = tmp_path / "values.yaml"
    dest.write_text(f"modelList: {{a: {{api_key: {CANARY}}}}}\n")
    result = module(dest=str(dest))
    assert "********" in result["diff"]["before"]
    assert CANARY not in result.text
    dest.write_text(f"'{CANARY}\n")
    result = module(dest=str(dest))
    assert result["diff"]["before"] == "(not readable as YAML)\n"
    assert CANARY not in result.text


def test_a_failed_check_fails_with_its_id_and_its_fix(module: Module, tmp_path: Path) -> None:
    dest = tmp_path / "values.yaml"
    result = module(default_model="other", values={"zzz": 1}, dest=str(dest))
    assert (result.rc, result["failed"], result["verdict"]) == (1, True, "not_ready")
    assert "[values.unknown_key]" in result["msg"] and "[values.default_model]" in result["msg"]
    assert "Correct holmes_default_model." in result["msg"]
    assert not dest.exists()
    assert {check["status"] for check in result["checks"]} == {"pass", "fail"}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"chart": "/does/not/exist"}, "There is no chart at '/does/not/exist' on this host."),
        ({"values_files": ["/does/not/exist"]}, "The values file '/does/not/exist' cannot be read on this host"),
        ({"llm": {"api_base": "x", "service": {"name": "a", "namespace": "b", "port": 1}}}, "exclude each other"),
        ({"dest": "/does/not/exist/values.yaml"}, "dest '/does/not/exist/values.yaml' cannot be written: No such file"),
        ({"dest": "/"}, "dest '/' cannot be read: Is a directory."),
    ],
)
def test_bad_input_ends_in_a_sentence(options: dict[str, t.Any], sentence: str, module: Module) -> None:
    result = module(**options)
    assert result.rc == 1
    assert sentence in result["msg"]
    assert "Traceback" not in result.text


@pytest.mark.parametrize("binary", ["no-such-helm", "/no/such/helm"])
def test_without_helm_the_verdict_is_limited(binary: str, module: Module) -> None:
    result = module(helm_binary=binary)
    assert (result.rc, result["verdict"]) == (0, "ready_with_limitations")


def test_a_helm_that_cannot_be_run(module: Module, tmp_path: Path) -> None:
    broken = tmp_path / "helm"
    broken.write_text("not a program")
    broken.chmod(0o755)
    result = module(helm_binary=str(broken))
    assert result.rc == 1
    assert "[render.failed] helm template failed:" in result["msg"]


def test_the_guides_values(module: Module, tmp_path: Path) -> None:
    (tmp_path / "v.yaml").write_text(GUIDE)
    result = module(
        values_files=[str(tmp_path / "v.yaml")], models={}, llm={"context_window": 131072, "max_output_tokens": 8192}
    )
    assert (result.rc, result["verdict"], result["default_model"]) == (0, "ready_with_limitations", "gpt-oss-120b")
    assert [check["id"] for check in result["checks"] if check["status"] != "pass"] == ["values.config_model"]


@pytest.mark.parametrize(
    "options",
    [
        {"env": {"A_TOKEN": CANARY}},
        {"env": {"A_TOKEN": [CANARY]}},
        {"env": CANARY},
        {"env": [CANARY]},
        {"models": {"a": {"model": "a", "api_key": CANARY}}},
        {"models": CANARY},
        {"models": {"a": CANARY}},
        {"llm": {"api_base": "http://x/v1", "api_key": CANARY}},
        {"llm": {"api_base": "http://x/v1", "api_key": {"value": CANARY}}},
        {"llm": CANARY},
        {"llm": {"api_key": CANARY, "unknown": 1}},
        {"holmes_api_key": CANARY},
        {"holmes_api_key": {"secret": "s", "key": CANARY, "x": 1}},
        {"values": {"modelList": {"a": {"model": "openai/a", "api_key": CANARY}}}},
        {"values": CANARY},
        {"values": [CANARY]},
        {"toolsets": {"x": {"config": {"api_key": CANARY}}}},
        {"unknown_option": 1, "values": {"modelList": {"a": {"api_key": CANARY}}}},
    ],
)
def test_no_secret_is_shown(options: dict[str, t.Any], module: Module) -> None:
    result = module(**options)
    assert result.rc == 1, "a secret in clear fails, whatever its shape"
    assert CANARY not in result.text


def test_a_secret_in_a_file_is_not_shown(module: Module, tmp_path: Path) -> None:
    for text in (f"modelList: {{a: {{api_key: {CANARY}}}}}\n", f"a: *{CANARY}\n", f"a: !{CANARY} b\n", f"'{CANARY}\n"):
        (tmp_path / "v.yaml").write_text(text)
        result = module(values_files=[str(tmp_path / "v.yaml")])
        assert result.rc == 1
        assert CANARY not in result.text


def test_names_of_secrets_are_no_secrets(module: Module) -> None:
    reference = {"secret": "holmes-secrets", "key": "openai-api-key"}
    result = module(llm={**LLM, "api_key": reference}, holmes_api_key=reference, rollout_token="abcdef")
    found = {entry["name"]: entry.get("valueFrom") for entry in result["chart_values"]["additionalEnvVars"]}
    expected = {"secretKeyRef": {"name": "holmes-secrets", "key": "openai-api-key"}}
    assert found["VLLM_API_KEY"] == found["HOLMES_API_KEY"] == expected
    assert result["chart_values"]["podAnnotations"] == {"holmesgpt.onprem/secrets-checksum": "abcdef"}


def test_arguments_are_not_written_to_the_systems_log(module: Module, monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[str] = []
    monkeypatch.setattr(basic.AnsibleModule, "_log_invocation", lambda _self: logged.append("logged"))
    assert module(values={"modelList": {"a": {"api_key": CANARY}}}).rc == 1
    assert logged == []


def test_arguments_are_shown_without_what_may_hold_secrets(module: Module) -> None:
    shown = module()["invocation"]["module_args"]
    assert shown["chart"] == str(NEW)
    assert shown["llm"] == shown["models"] == "********"


def test_without_pyyaml(module: Module, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_python_needs, "find_spec", lambda name: None)
    result = module()
    assert result.rc == 1
    assert "The Python package PyYAML is missing on the host" in result["msg"]


def documented() -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", yaml.safe_load(holmes_values.DOCUMENTATION)["options"])


def test_documentation_and_arguments_agree() -> None:
    def compare(docs: dict[str, t.Any], arguments: dict[str, t.Any], where: str) -> None:
        assert list(docs) == list(arguments), where
        for name, argument in arguments.items():
            for key in ("type", "default", "choices", "elements", "required"):
                assert docs[name].get(key) == argument.get(key), f"{where}{name}: {key}"
            compare(docs[name].get("suboptions", {}), argument.get("options", {}), f"{where}{name}.")

    compare(documented(), _values_arguments.ARGUMENTS, "")


def test_returned_keys_are_documented(module: Module) -> None:
    documented_keys = set(yaml.safe_load(holmes_values.RETURN))
    assert set(module()) - {"changed", "diff", "invocation"} == documented_keys


def test_examples_use_known_options() -> None:
    for task in yaml.safe_load(holmes_values.EXAMPLES):
        assert set(task.get("holmesgpt.onprem.holmes_values", {})) <= set(documented())

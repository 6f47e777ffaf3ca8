# SPDX-License-Identifier: GPL-3.0-or-later
"""Running helm template: the command, the file with the values, Helm's errors, what is seen in the manifests."""

from __future__ import annotations

import os
import stat
import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render, _render_view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered, Request

from tests.unit.fixtures.values_world import NEW, env, helms, run


class Recorder:
    """A double of run_command that looks at the values file while it exists."""

    def __init__(self, rc: int = 0, out: str = "kind: X\n---\n# empty\n", err: str = "") -> None:
        self.answer = (rc, out, err)
        self.command: list[str] = []
        self.values = ""
        self.mode = 0

    def __call__(self, command: list[str]) -> tuple[int, str, str]:
        self.command = command
        path = self.path
        self.mode = stat.S_IMODE(os.stat(path).st_mode)
        self.values = Path(path).read_text(encoding="utf-8")
        return self.answer

    @property
    def path(self) -> str:
        return self.command[self.command.index("--values") + 1]


REQUEST = Request(chart="some/chart", release_name="r", namespace="n")


def test_the_command_and_the_file(tmp_path: Path) -> None:
    recorder = Recorder()
    found = _render.render(REQUEST, {"a": "{{ env.X }}"}, "/bin/helm", recorder, str(tmp_path))
    assert found == Rendered(manifests=({"kind": "X"},))
    assert recorder.command == [
        *("/bin/helm", "template", "--namespace", "n", "--values", recorder.path),
        *("--", "r", os.path.abspath("some/chart")),
    ]
    assert recorder.mode == 0o600
    assert recorder.values == 'a: "{{ env.X }}"\n'
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_gone_after_any_failure(tmp_path: Path) -> None:
    assert not _render.render(REQUEST, {}, "helm", Recorder(rc=1, err="Error: x"), str(tmp_path)).done

    def breaks(_command: list[str]) -> tuple[int, str, str]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _render.render(REQUEST, {}, "helm", breaks, str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_without_helm_nothing_is_known() -> None:
    found = _render.render(REQUEST, {}, None, Recorder())
    assert found.missing and not found.done and not found.error


@pytest.mark.parametrize(
    ("err", "sentence"),
    [
        ("Error: a b\n\nUse --debug flag to render out invalid YAML\n", "a b"),
        ("WARNING: Kubernetes configuration file is group-readable.\nError: x\n  y\n", "x y"),
        ("level=WARN msg=z\nError: x", "x"),
        ("Error: execution error at (a): error calling include: template: b:1: why", "template: b:1: why"),
        ("", "Helm gave no reason"),
        ("killed", "killed"),
        ("Error: bad value hunter2-canary here", "bad value ******** here"),
    ],
)
def test_helms_error_in_one_sentence(err: str, sentence: str) -> None:
    values = {"modelList": {"a": {"api_key": "hunter2-canary"}}}
    found = _render.render(REQUEST, values, "helm", Recorder(rc=1, out="", err=err))
    assert found.error == sentence


def test_output_that_is_no_yaml() -> None:
    assert "YAML cannot be read" in _render.render(REQUEST, {}, "helm", Recorder(out="a: 'b\n")).error


@pytest.mark.parametrize(
    ("release", "namespace", "wrong"),
    [
        ("holmes", "holmes", []),
        ("h" * 53, "n" * 63, []),
        ("h" * 54, "n" * 64, ["release_name", "namespace"]),
        ("-x", "a b", ["release_name", "namespace"]),
        ("Holmes", "", ["release_name", "namespace"]),
        ("a\n", "a-", ["release_name", "namespace"]),
    ],
)
def test_illegal_names(release: str, namespace: str, wrong: list[str]) -> None:
    assert _render.illegal_names(Request(chart="x", release_name=release, namespace=namespace)) == wrong


@pytest.mark.parametrize("program", helms())
def test_real_helm(program: str, tmp_path: Path) -> None:
    assert program, "this test renders a chart: put helm on PATH or set HOLMES_TEST_HELM to its path"
    request = Request(chart=str(NEW), release_name="r", namespace="n")
    values: dict[str, t.Any] = {
        "registry": "reg:5000/h",
        "additionalEnvVars": env(A="1"),
        "initContainers": [{"name": "i", "image": "init:1"}],
        "modelList": {"b": {}, "a10": {}, "a9": {}},
        "extraEnvVarsSecrets": ["s"],
    }
    found = _render.render(request, values, program, run, str(tmp_path))
    assert found.done, found.error
    assert _render_view.images(found) == {
        "init:1": "Deployment/r-holmes",
        "reg:5000/h/holmes:0.45.0": "Deployment/r-holmes",
    }
    rules = _render_view.rules(found)
    assert len(rules) == 32
    assert {(rule["kind"], rule["name"]) for rule in rules} == {("ClusterRole", "r-holmes-cluster-role")}
    names, more = _render_view.environment(found, request)
    assert {"A", "LOG_LEVEL", "SENTRY_DSN"} <= set(names) and more
    assert _render_view.model_order(found) == ["a9", "a10", "b"], "numbers in names count as numbers for Helm"
    failed = _render.render(request, {"tls": {"enabled": True}}, program, run, str(tmp_path))
    assert "tls.enabled needs tls.secretName" in failed.error and "\n" not in failed.error
    assert list(tmp_path.iterdir()) == []


def test_pods_of_every_kind() -> None:
    def spec(image: str) -> dict[str, t.Any]:
        return {"containers": [{"image": image}]}

    manifests: tuple[dict[str, t.Any], ...] = (
        {"kind": "Pod", "metadata": {"name": "p"}, "spec": spec("pod")},
        {"kind": "Job", "metadata": {"name": "j"}, "spec": {"template": {"spec": spec("job")}}},
        {
            "kind": "CronJob",
            "metadata": {"name": "c"},
            "spec": {"jobTemplate": {"spec": {"template": {"spec": spec("cron")}}}},
        },
        {"kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": []}},
    )
    assert _render_view.images(Rendered(manifests)) == {"cron": "CronJob/c", "job": "Job/j", "pod": "Pod/p"}
    others: tuple[dict[str, t.Any], ...] = (
        {"kind": "Deployment", "metadata": {"name": "r-operator"}, "spec": {"template": {"spec": spec("operator")}}},
        {"kind": "Job", "metadata": {"name": "r-holmes"}, "spec": {"template": {"spec": spec("job")}}},
    )
    own = {"kind": "Deployment", "metadata": {"name": "r-holmes"}, "spec": {"template": {"spec": spec("own")}}}
    assert _render_view.holmes_pod(Rendered((*manifests, *others)), REQUEST) == {}
    assert _render_view.holmes_pod(Rendered((*others, own)), REQUEST) == spec("own")
    assert _render_view.environment(Rendered(manifests), REQUEST) == ([], False)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs holmes_values with and without Helm, and says what every answer has to look like."""

from __future__ import annotations

import os
import tempfile
import typing as t
from pathlib import Path

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values, _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered, Request

from tests.unit.fixtures.values_world import NEW, OLD, helm, run

Values = dict[str, t.Any]
CHARTS = (NEW, OLD)
STATES = ("pass", "warn", "fail", "not_checked")


def pretend(request: Request, values: Values) -> Rendered:
    """Manifests as a chart without any guard would make them: what was given stands where rules look, unchecked."""
    name = f"{request.release_name}-holmes"
    container = {
        "name": "holmes",
        "image": f"{values.get('registry')}/{values.get('image')}",
        "env": values.get("additionalEnvVars"),
        "envFrom": values.get("additional_env_froms"),
        "securityContext": values.get("containerSecurityContext"),
        "resources": values.get("resources"),
        "volumeMounts": values.get("additionalVolumeMounts"),
    }
    pod = {
        "serviceAccountName": values.get("customServiceAccountName"),
        "containers": [container],
        "initContainers": values.get("initContainers"),
        "volumes": values.get("additionalVolumes"),
        "securityContext": values.get("podSecurityContext"),
        "imagePullSecrets": values.get("imagePullSecrets"),
    }
    models = (
        {"model_list.yaml": _yaml_text.dump(values["modelList"])} if "modelList" in values else values.get("config")
    )
    return Rendered(
        manifests=(
            {"kind": "ConfigMap", "metadata": {"name": name}, "data": models},
            {"kind": "ClusterRole", "metadata": {"name": name}, "rules": values.get("customClusterRoleRules")},
            {"kind": "ClusterRoleBinding", "metadata": {"name": name}, "roleRef": values.get("serviceAccount")},
            {"kind": "Deployment", "metadata": {"name": name}, "spec": {"template": {"spec": pod}}},
        )
    )


def real(request: Request, values: Values) -> Rendered:
    """What Helm makes of them."""
    return _values.renderer(helm(), run)(request, values)


def answer(request: Request, render: _values.Renderer) -> _values.Outcome | HolmesError:
    """An outcome or the one error that users see; anything else is a bug and goes on."""
    try:
        outcome = _values.build(request, render)
        assert outcome.text
    except HolmesError as error:
        assert_sentence(error.msg)
        return error
    return outcome


def assert_sentence(text: str) -> None:
    assert text.strip() and "\n" not in text and "Traceback" not in text, text


def assert_check(check: Check) -> None:
    """What the reports rely on."""
    assert check.id.startswith(("values.", "render.")), check
    assert check.title and check.status in STATES, check
    assert_sentence(check.message)
    assert bool(check.fix.strip()) == (check.status != "pass"), check


class Files:
    """Values files for one example; gone with it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="values-")

    def __enter__(self) -> Files:
        return self

    def __exit__(self, *_error: object) -> None:
        self._folder.cleanup()

    def write(self, content: str | bytes) -> str:
        path = Path(self._folder.name, f"{len(os.listdir(self._folder.name))}.yaml")
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        return str(path)

# SPDX-License-Identifier: GPL-3.0-or-later
"""holmes_values: what generating and validating takes, beside a module that does nothing.

Both run as Ansible runs a module on a host: one process of the same interpreter, arguments as JSON on standard input,
sources without compiled copies, because those in Ansible's archive have none either. What Ansible adds around it
(packing, copying, unpacking) is the same for both and left out.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import typing as t
from pathlib import Path

from tests.bench.measure import Broken, Comparison

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "tests" / "doubles" / "charts" / "holmes-0.45.0"
EMPTY = """\
from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    module.exit_json(changed=False)


if __name__ == "__main__":
    main()
"""
# A usual installation: a values file beside an intent, a chart archive. Without Helm nothing is rendered.
FILE = """\
additionalEnvVars:
  - name: ARGOCD_AUTH_TOKEN
    valueFrom: {secretKeyRef: {name: holmes-secrets, key: argocd-token}}
toolsets:
  prometheus/metrics: {enabled: true, config: {prometheus_url: "http://prometheus.monitoring:9090"}}
"""
OPTIONS: dict[str, t.Any] = {
    "registry": "registry.site.internal:5000/holmesgpt",
    "image": "holmes:0.45.0",
    "llm": {
        "service": {"name": "vllm-server", "namespace": "inference", "port": 8000},
        "context_window": 131072,
        "max_output_tokens": 8192,
    },
    "models": {"gpt-oss-120b": {"model": "gpt-oss-120b", "temperature": 1}},
    "helm_binary": "no-such-helm",
}


@contextlib.contextmanager
def without_rendering() -> t.Iterator[Comparison]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        plugins = folder / "ansible_collections" / "holmesgpt" / "onprem" / "plugins"
        shutil.copytree(ROOT / "plugins", plugins, ignore=shutil.ignore_patterns("__pycache__"))
        empty = folder / "empty.py"
        empty.write_text(EMPTY, encoding="utf-8")
        chart = folder / "chart.tgz"
        with tarfile.open(chart, "w:gz") as archive:
            archive.add(CHART, arcname="holmes")
        given, dest = folder / "given.yaml", folder / "values.yaml"
        given.write_text(FILE, encoding="utf-8")
        options = {**OPTIONS, "chart": str(chart), "values_files": [str(given)], "dest": str(dest)}

        def ours() -> None:
            dest.unlink(missing_ok=True)
            result = _run(plugins / "modules" / "holmes_values.py", options, folder)
            if result.get("verdict") != "ready_with_limitations" or not dest.exists():
                raise Broken(f"holmes_values answered {result.get('msg') or result.get('verdict')}")

        yield Comparison(
            "values",
            "holmes_values, generate and validate without rendering, on top of an empty module",
            ours,
            lambda: _check(_run(empty, {}, folder)),
            "at most 200 ms on top",
        )


def _check(result: dict[str, t.Any]) -> None:
    if result.get("changed") is not False:
        raise Broken(f"the empty module answered {result}")


def _run(module: Path, options: dict[str, t.Any], folder: Path) -> dict[str, t.Any]:
    internal = {"_ansible_remote_tmp": str(folder), "_ansible_tmpdir": str(folder), "_ansible_diff": True}
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, str(module)],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": {**options, **internal}}),
        capture_output=True,
        text=True,
        env=env,
        cwd=folder,
        check=False,
    )
    try:
        return t.cast("dict[str, t.Any]", json.loads(done.stdout))
    except ValueError:
        raise Broken(f"{module.name} printed no result: {done.stderr[-300:]}") from None

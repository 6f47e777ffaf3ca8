# SPDX-License-Identifier: GPL-3.0-or-later
"""Installations as the guide makes them: plain helm and kubectl, no role of ours."""

from __future__ import annotations

import json
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.site_run import Place, Site, Vars

PULL_SECRET = "site-registry"
LABEL = "made-by-hand"
# What a site has to add to the guide before anything can start: its mirror. The requests only make room for many.
SITE_VALUES = """\
registry: "{SITE_REGISTRY}/holmesgpt"
image: "holmes:{image}"
imagePullSecrets: [{"name": "site-registry"}]
resources: {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "1Gi"}}
"""
SERVICE_URL = "http://vllm-server.inference.svc.cluster.local:8000/v1"
# What the guide forgets: the default model, the sizes, the way out, and curl's headers.
FORGOTTEN = {
    "MODEL": "gpt-oss-120b",
    "OVERRIDE_MAX_CONTENT_SIZE": "131072",
    "OVERRIDE_MAX_OUTPUT_TOKEN": "8192",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "HOLMES_PASSTHROUGH_BLOCKED_HEADERS": "authorization,cookie,set-cookie,accept,user-agent,content-type,x-api-key",
}
NOT_OUTSIDE = {name: {"enabled": False} for name in ("internet", "robusta", "connectivity_check")}


def corrected(env: t.Mapping[str, t.Any] | None = None, api: str = SERVICE_URL, **keys: t.Any) -> str:
    """The guide's values with what it forgets, as text. ``env``: more variables, None takes one away."""
    given = {"OPENAI_API_BASE": api, "OPENAI_API_KEY": "none", **FORGOTTEN, **(env or {})}
    values = {
        "additionalEnvVars": [
            {"name": name, **(value if isinstance(value, dict) else {"value": value})}
            for name, value in given.items()
            if value is not None
        ],
        "modelList": {
            "gpt-oss-120b": {
                "api_key": "{{ env.OPENAI_API_KEY }}",
                "api_base": "{{ env.OPENAI_API_BASE }}",
                "model": "openai/gpt-oss-120b",
                "temperature": 1,
            }
        },
        "toolsets": NOT_OUTSIDE,
        "enableTelemetry": False,
        "sentryDSN": "",
        **keys,
    }
    return json.dumps(values, indent=2)


def from_secret(key: str, name: str = "holmes-secrets") -> Vars:
    """A variable whose value stands in a Secret."""
    return {"valueFrom": {"secretKeyRef": {"name": name, "key": key}}}


@dataclass(frozen=True)
class Hand:
    """Somebody with helm and kubectl. ``folder``: for files of values."""

    site: Site
    folder: Path

    def namespaces(self, *names: str) -> None:
        """Namespaces with a log-in for the registry."""
        facts = self.site.facts
        login = {"username": facts["SITE_REGISTRY_USERNAME"], "password": facts["SITE_REGISTRY_PASSWORD"]}
        text = json.dumps({"auths": {facts["SITE_REGISTRY"]: login}})
        items: list[Vars] = []
        for name in names:
            items.append(
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {LABEL: "yes"}}}
            )
            items.append(
                {
                    "apiVersion": "v1",
                    "kind": "Secret",
                    "metadata": {"name": PULL_SECRET, "namespace": name},
                    "type": "kubernetes.io/dockerconfigjson",
                    "stringData": {".dockerconfigjson": text},
                }
            )
        self.apply(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))

    def apply(self, text: str) -> None:
        self.site.exec("kubectl", "apply", "-f", "-", input=text)

    def helm(self, release: str, *values: str, chart: str = "0.45.0", check: bool = True) -> str:
        """``helm upgrade --install`` into the namespace of the same name; gives what Helm says."""
        words: list[str] = []
        for number, text in enumerate(values):
            path = self.folder / f"{release}-{number}.yaml"
            path.write_text(text)
            words += ["-f", str(path)]
        archive = Place(self.site, self.folder, release).chart(chart)
        command = ("helm", "upgrade", "--install", release, archive, "-n", release, *words)
        done = self.site.exec(*command, check=False, stderr=subprocess.STDOUT)
        assert not check or done.returncode == 0, done.stdout
        assert check or done.returncode != 0, "Helm was expected to refuse this"
        return done.stdout

    def rolled_out(self, release: str, seconds: int = 120) -> None:
        """Wait until all pods are ready."""
        self.site.kubectl("rollout", "status", f"deployment/{release}-holmes", "-n", release, f"--timeout={seconds}s")

    def remove(self, *releases: str) -> None:
        """Releases, their namespaces and what is theirs in the cluster; they need not exist."""
        names = [f"{name}-holmes-cluster-role{end}" for name in releases for end in ("", "-binding")]
        for kind, gone in (("clusterrole,clusterrolebinding", names), ("namespace", list(releases))):
            self.site.kubectl("delete", kind, *gone, "--ignore-not-found", "--wait=false")

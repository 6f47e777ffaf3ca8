# SPDX-License-Identifier: GPL-3.0-or-later
"""The installations of one contender: names, the files that describe them, what the cluster says of them."""

from __future__ import annotations

import json
import os
import typing as t
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.bench.measure import Broken
from tests.e2e.by_hand import PULL_SECRET, SITE_VALUES, corrected, from_secret
from tests.e2e.site_run import Place, Site, Vars

MARK = "BENCH_ROUND"  # a variable of the pod: another text is a changed upgrade
KEY = "not-needed-by-this-server"
SMALL: Vars = {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "1Gi"}}


@dataclass(frozen=True)
class Hosts:
    """``names`` are at once host, namespace and release; ``chart`` is the archive for all."""

    site: Site
    folder: Path
    names: tuple[str, ...]
    chart: Path

    @property
    def ports(self) -> dict[str, int]:
        return {name: 18000 + place for place, name in enumerate(self.names)}

    def ours(self, round_: int) -> Vars:
        """Inventory for site.yml."""
        shared = Place(self.site, self.folder, "").variables(
            holmes_chart_archive=str(self.chart),
            holmes_namespace="{{ inventory_hostname }}",
            holmes_release_name="{{ inventory_hostname }}",
            holmes_secrets={"openai-api-key": KEY},
            holmes_llm_api_key={"secret": "holmes-secrets", "key": "openai-api-key"},
            holmes_env={MARK: str(round_)},
            holmes_resources=SMALL,
            # All checks but the model server's: the others do not ask it either.
            holmes_llm_probe="none",
            holmes_report_dir=str(self.folder / "report"),
        )
        return {"all": {"hosts": {name: {} for name in self.names}, "vars": shared}}

    def plain(self, round_: int) -> Vars:
        """Inventory for plain.yml."""
        local = ("ansible_connection", "ansible_python_interpreter")
        base = Place(self.site, self.folder, "").variables()
        shared = {
            **{name: base[name] for name in local},
            "namespace": "{{ inventory_hostname }}",
            "chart": str(self.chart),
            "values_file": str(self.values(round_)),
            "key": KEY,
            "login": self.login(),
        }
        return {"all": {"hosts": {name: {"port": port} for name, port in self.ports.items()}, "vars": shared}}

    def login(self) -> str:
        facts = self.site.facts
        login = {"username": facts["SITE_REGISTRY_USERNAME"], "password": facts["SITE_REGISTRY_PASSWORD"]}
        return json.dumps({"auths": {facts["SITE_REGISTRY"]: login}})

    def values(self, round_: int) -> Path:
        """The guide's values with what it forgets and the site's mirror, as a file."""
        site = yaml.safe_load(
            SITE_VALUES.replace("{SITE_REGISTRY}", self.site.facts["SITE_REGISTRY"]).replace("{image}", "0.45.0-light")
        )
        site["resources"] = SMALL
        assert site["imagePullSecrets"] == [{"name": PULL_SECRET}]
        env = {"OPENAI_API_KEY": from_secret("openai-api-key"), MARK: str(round_)}
        return self.write("values.json", corrected(env, **site))

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            stream.write(text)
        return path

    def state(self, round_: int) -> dict[str, int]:
        """Generation of each Deployment. Raises Broken if one is not rolled out with this round's values."""
        found = {}
        for item in self.site.get("deployments", "-A", "-l", "app=holmes")["items"]:
            name = item["metadata"]["namespace"]
            if name in self.names:
                _check(name, item, round_)
                found[name] = item["metadata"]["generation"]
        missing = sorted(set(self.names) - set(found))
        if missing:
            raise Broken(f"there is no Deployment in {', '.join(missing)}")
        return found

    def read(self, name: str) -> str:
        """A file of the folder, as text."""
        return (self.folder / name).read_text(encoding="utf-8", errors="replace")


def remove(these: t.Sequence[Hosts]) -> None:
    """All of them and what is theirs in the cluster; they need not exist."""
    names = [name for hosts in these for name in hosts.names]
    roles = [f"{name}-holmes-cluster-role{end}" for name in names for end in ("", "-binding")]
    kubectl = these[0].site.kubectl
    kubectl("delete", "clusterrole,clusterrolebinding", *roles, "--ignore-not-found")
    kubectl("delete", "namespace", *names, "--ignore-not-found")


def _check(name: str, item: t.Any, round_: int) -> None:
    [container, *_] = item["spec"]["template"]["spec"]["containers"]
    mark = {entry["name"]: entry.get("value") for entry in container["env"]}.get(MARK)
    status = item["status"]
    counts = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "readyReplicas")]
    if mark != str(round_) or counts != [1, 1, 1]:
        raise Broken(f"{name} has {MARK}={mark} and {counts} pods (all, updated, ready), not {round_} and one of each")

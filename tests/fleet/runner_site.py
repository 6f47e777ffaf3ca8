# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab as a site that has an AWX: its settings and secrets, an account in the cluster, an inventory."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.site_run import ROOT, Site, Vars
from tests.fleet.runner_job import Controller, controller

# What an operator keeps in git for all clusters, as inventories/airgap does; what is secret comes from credentials.
SHARED: Vars = {
    "ansible_connection": "local",
    "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    "ansible_pipelining": True,
    "site_ca_file": "{{ lookup('ansible.builtin.env', 'SITE_CA_FILE') | default('/etc/pki/site-ca.crt', true) }}",
    "holmes_chart_repo_name": "site",
    "holmes_chart_repo_ca_file": "{{ site_ca_file }}",
    "holmes_chart_version": "0.45.0",
    "holmes_image": "holmes:0.45.0-light",
    "holmes_registry_username": "{{ lookup('ansible.builtin.env', 'SITE_REGISTRY_USERNAME') }}",
    "holmes_registry_password": "{{ lookup('ansible.builtin.env', 'SITE_REGISTRY_PASSWORD') }}",
    "holmes_registry_ca_file": "{{ site_ca_file }}",
    "holmes_namespace": "{{ inventory_hostname }}",
    "holmes_release_name": "{{ inventory_hostname }}",
    "holmes_resources": {"requests": {"cpu": "25m", "memory": "64Mi"}, "limits": {"memory": "2Gi"}},
    "holmes_models": {"gpt-oss-120b": {"model": "gpt-oss-120b", "temperature": 1}},
    "holmes_llm_context_window": 131072,
    "holmes_llm_max_output_tokens": 8192,
    "holmes_llm_api_base": "https://vllm-tls.inference.svc.cluster.local:8443/v1",
    "holmes_ca_file": "{{ site_ca_file }}",
    "holmes_secrets": {
        "openai-api-key": "{{ lookup('ansible.builtin.env', 'SITE_LLM_API_KEY') }}",
        "holmes-api-key": "{{ lookup('ansible.builtin.env', 'SITE_HOLMES_API_KEY') }}",
    },
    "holmes_llm_api_key": {"secret": "holmes-secrets", "key": "openai-api-key"},
    "holmes_server_api_key": {"secret": "holmes-secrets", "key": "holmes-api-key"},
    "holmes_report_dir": "reports",
}


@dataclass
class Awx:
    """What a test has of the site: its objects, programs, and a name that all its namespaces begin with."""

    site: Site
    objects: Controller
    programs: Path
    name: str

    def inventory(self, *hosts: str, **changes: t.Any) -> Vars:
        """These hosts, in AWX's shape; each is an installation in a namespace of its own name."""
        facts = self.site.facts
        here = {
            "holmes_chart_repo_url": facts["SITE_CHARTS_URL"],
            "holmes_image_registry": f"{facts['SITE_REGISTRY']}/holmesgpt",
            "holmes_registry_host": facts["SITE_REGISTRY"],
        }
        names = [f"{self.name}-{host}" for host in hosts]
        hostvars = {name: {"remote_tower_enabled": "true"} for name in names}
        return {
            "all": {"children": ["clusters"], "hosts": [], "vars": {**SHARED, **here, **changes}},
            "clusters": {"hosts": names},
            "_meta": {"hostvars": hostvars},
        }

    @property
    def env(self) -> dict[str, str]:
        """What AWX sets for all jobs of this site: an execution environment has the authority in a file of its own."""
        return {"SITE_CA_FILE": self.site.facts["SITE_CA_FILE"]}

    def remove(self) -> None:
        """Take away every namespace of this name, and what its releases have outside."""
        kubectl = self.site.kubectl
        for kind in ("namespaces", "clusterroles", "clusterrolebindings"):
            found = [one["metadata"]["name"] for one in self.site.get(kind)["items"]]
            mine = [name for name in found if name.startswith(f"{self.name}-")]
            if mine:
                kubectl("delete", kind, *mine, "--ignore-not-found", "--wait=true", "--timeout=180s")


@contextlib.contextmanager
def awx_at(site: Site, folder: Path, name: str) -> t.Iterator[Awx]:
    """An AWX whose account may do everything in the cluster; what was made in its name is gone afterwards."""
    made = subprocess.run([ROOT / "tests/tools/venv"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    account, kubectl = f"{name}-awx", site.kubectl
    awx = Awx(site, _objects(site, folder, account), Path(made.stdout.strip()) / "bin", name)
    awx.remove()
    try:
        yield awx
    finally:
        awx.remove()
        kubectl("delete", "clusterrolebinding", f"awx:{account}", "--ignore-not-found")
        kubectl("delete", "serviceaccount", account, "-n", "default", "--ignore-not-found")


def _objects(site: Site, folder: Path, account: str) -> Controller:
    kubectl, facts = site.kubectl, site.facts
    subject = {"kind": "ServiceAccount", "name": account, "namespace": "default"}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    objects: list[Vars] = [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account, "namespace": "default"}},
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": f"awx:{account}"},
            "roleRef": role,
            "subjects": [subject],
        },
    ]
    site.exec("kubectl", "apply", "-f", "-", input=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    config = json.loads(kubectl("config", "view", "--raw", "--minify", "-o", "json"))["clusters"][0]["cluster"]
    # The node's own address is in its certificate, and can be reached from other networks of the site as well.
    node = site.get("nodes")["items"][0]["status"]["addresses"]
    address = next(one["address"] for one in node if one["type"] == "InternalIP")
    secrets = {
        "SITE_LLM_API_KEY": facts["SITE_LLM_API_KEY"],
        "SITE_HOLMES_API_KEY": facts["SITE_HOLMES_API_KEY"],
        "SITE_REGISTRY_PASSWORD": facts["SITE_REGISTRY_PASSWORD"],
        "SITE_CLUSTER_TOKEN": kubectl("create", "token", account, "-n", "default", "--duration=8h").strip(),
        "SITE_CLUSTER_CA": base64.b64decode(config["certificate-authority-data"]).decode(),
    }
    settings = {
        "holmes_awx_cluster_host": f"https://{address}:6443",
        "holmes_awx_registry_username": facts["SITE_REGISTRY_USERNAME"],
    }
    return controller(folder, settings, secrets)

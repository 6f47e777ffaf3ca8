# SPDX-License-Identifier: GPL-3.0-or-later
"""What verification proves of our own installations: with which rights, by which way, live, and as a drift check."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import time
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.e2e.site_run import ROOT, SITE, Place, Vars

BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
LINE = re.compile(r"^cluster: \d+ s: ", re.MULTILINE)


def report(folder: Path) -> Vars:
    found: Vars = json.loads((folder / "hosts" / "cluster.json").read_text())
    return found


def checks(folder: Path) -> dict[str, Vars]:
    return {check["id"]: check for check in report(folder)["checks"]}


def account(place: Place, *rules: Vars) -> Vars:
    """Variables of a run as somebody with just the rights of docs/verify.md, changed by ``rules`` if given."""
    (text,) = BLOCK.findall((ROOT / "docs" / "verify.md").read_text())
    role, cluster_role = yaml.safe_load_all(text)
    name = f"{place.namespace}-verifier"
    role["metadata"].update(namespace=place.namespace, name=name)
    cluster_role["metadata"].update(name=name)
    role["rules"] = list(rules) or role["rules"]
    subject = {"kind": "ServiceAccount", "name": name, "namespace": place.namespace}
    objects: list[Vars] = [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": place.namespace}},
        role,
        cluster_role,
    ]
    for kind, scope in (("Role", {"namespace": place.namespace}), ("ClusterRole", {})):
        objects.append(
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": f"{kind}Binding",
                "metadata": {"name": name, **scope},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
                "subjects": [subject],
            }
        )
    site = place.site
    site.exec("kubectl", "apply", "-f", "-", input=yaml.safe_dump_all(objects))
    config = json.loads(site.kubectl("config", "view", "--raw", "--minify", "-o", "json"))
    cluster = config["clusters"][0]["cluster"]
    authority = place.folder / "cluster-ca.crt"
    authority.write_bytes(base64.b64decode(cluster["certificate-authority-data"]))
    token = site.kubectl("create", "token", name, "-n", place.namespace).strip()
    return {
        "holmes_kube_host": cluster["server"],
        "holmes_kube_api_key": token,
        "holmes_kube_ca_cert": str(authority),
    }


@pytest.fixture
def installed(place: Place) -> t.Iterator[Place]:
    place.install()
    yield place
    place.site.kubectl("delete", "clusterrole,clusterrolebinding", f"{place.namespace}-verifier", "--ignore-not-found")


def test_the_documented_rights_are_enough_for_every_check(installed: Place, tmp_path: Path) -> None:
    run = installed.play("playbooks/verify.yml", holmes_report_dir=str(tmp_path), **account(installed))
    assert run.code == 0
    assert {name: check["message"] for name, check in checks(tmp_path).items() if check["status"] != "pass"} == {}
    assert report(tmp_path)["verdict"] == "ready"


def test_without_port_forwards_the_service_proxy_is_the_way(installed: Place, tmp_path: Path) -> None:
    reading = {"apiGroups": ["", "apps"], "resources": ["*"], "verbs": ["get", "list"]}
    proxy = {"apiGroups": [""], "resources": ["services/proxy"], "verbs": ["get", "create"]}
    run = installed.play("playbooks/verify.yml", holmes_report_dir=str(tmp_path), **account(installed, reading, proxy))
    found = checks(tmp_path)
    assert run.code == 0
    assert "through the API server's proxy" in found["verify.api"]["message"]
    assert found["verify.ground_truth"]["status"] == "pass"
    for check, right in (("access.refused", "serviceaccounts/token"), ("egress.blocked", "pods/exec")):
        assert found[check]["status"] == "not_checked"
        assert right in found[check]["message"] + found[check]["fix"]


def test_a_scheduled_verification_finds_drift(installed: Place, tmp_path: Path) -> None:
    site, name = installed.site, f"{installed.namespace}-holmes"
    assert installed.play("playbooks/verify.yml", holmes_report_dir=str(tmp_path)).code == 0
    assert report(tmp_path)["verdict"] == "ready"

    site.kubectl("set", "env", f"deployment/{name}", "-n", installed.namespace, "BY_HAND=1")
    site.kubectl("rollout", "status", f"deployment/{name}", "-n", installed.namespace, "--timeout=90s")
    run = installed.play("playbooks/verify.yml", holmes_report_dir=str(tmp_path))
    assert run.code == 2
    found = checks(tmp_path)
    assert [check for check, entry in found.items() if entry["status"] == "fail"] == ["live.pods", "live.objects"]
    assert all("BY_HAND" in found[check]["message"] for check in ("live.pods", "live.objects"))

    run = installed.play("playbooks/verify.yml", holmes_report_dir=str(tmp_path), holmes_llm_max_output_tokens=4096)
    assert checks(tmp_path)["verify.values"]["status"] == "fail", "the inventory wants something else by now"


def test_a_slow_rollout_is_told_while_it_happens(place: Place, tmp_path: Path) -> None:
    inventory = tmp_path / "hosts.json"
    inventory.touch(mode=0o600)
    inventory.write_text(json.dumps({"all": {"hosts": {"cluster": {}}, "vars": place.variables()}}))
    command = [str(SITE), "exec", "--name", place.site.name, "--", "ansible-playbook", "site.yml", "-i", str(inventory)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ}
    )
    assert process.stdout
    seen: list[tuple[float, str]] = []
    for line in process.stdout:
        print(line, end="")
        seen.append((time.monotonic(), line))
    assert process.wait() == 0
    told = [moment for moment, line in seen if LINE.match(line)]
    assert len(told) >= 2, "what it waits for, and that it is over"
    assert told[-1] - told[0] > 5, "the first line came while the pods were starting, not at the end"
    text = "".join(line for _moment, line in seen)
    assert not LINE.search(place.install().output), f"nothing to tell when nothing happens: {text}"

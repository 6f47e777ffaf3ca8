# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab as its users see it. Needs what `lab up` needs (root); two labs, about three minutes with a full cache."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from .tool import Tool

NAMESPACE = "system-test"
WAIT = "--timeout=60s"


def pod(name: str, image: str, secret: str = "", policy: str = "Always", node: str = "") -> str:
    spec: dict[str, object] = {
        "terminationGracePeriodSeconds": 0,
        "containers": [{"name": "c", "image": image, "imagePullPolicy": policy}],
    }
    if secret:
        spec["imagePullSecrets"] = [{"name": secret}]
    if node:
        spec |= {"nodeName": node, "tolerations": [{"operator": "Exists"}]}
    meta = {"name": name, "namespace": NAMESPACE, "labels": {"app": name}}
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})


@pytest.fixture(scope="session")
def namespace(one: Tool, image: Path) -> str:
    """A namespace with a good and a bad pull secret, and the image loaded by hand and pushed to the registry."""
    one.sh(f"kubectl create namespace {NAMESPACE}")
    for name, password in (("good", "$SITE_REGISTRY_PASSWORD"), ("bad", "wrong")):
        one.sh(
            f"kubectl -n {NAMESPACE} create secret docker-registry {name} --docker-server=$SITE_REGISTRY "
            f"--docker-username=$SITE_REGISTRY_USERNAME --docker-password={password}"
        )
    one("load", image)
    pushed = one("push", image, "demo/app:1", "demo/app:2", "demo/app:3").stdout.split()
    assert pushed == [f"registry.site.internal:5000/demo/app:{number}" for number in (1, 2, 3)]
    one.sh("kubectl apply -f -", stdin=pod("loaded", "localhost/app:1", policy="Never"))
    one.sh(f"kubectl -n {NAMESPACE} wait --for=condition=Ready pod/loaded {WAIT}")
    return NAMESPACE


def test_nodes_are_ready(one: Tool, two: Tool) -> None:
    for tool, count in ((one, 1), (two, 2)):
        nodes = tool.sh("kubectl get nodes --no-headers").splitlines()
        assert len(nodes) == count
        assert all(line.split()[1] == "Ready" for line in nodes)
        assert f"{count} of {count} nodes ready" in tool("status").stdout


def test_second_up_makes_nothing_anew(one: Tool) -> None:
    def identities() -> str:
        return one.sh("kubectl get nodes,namespaces -o jsonpath='{.items[*].metadata.uid}'")

    before = identities()
    assert "is up already" in one("up").stderr
    assert identities() == before


def test_other_size_is_refused(one: Tool) -> None:
    assert "is up with 0 workers, not 2" in one("up", "--workers", 2, code=1).stderr


def test_kubelet_pulls_with_the_secret(one: Tool, namespace: str) -> None:
    one.sh("kubectl apply -f -", stdin=pod("pulled", "registry.site.internal:5000/demo/app:1", "good"))
    one.sh(f"kubectl -n {namespace} wait --for=condition=Ready pod/pulled {WAIT}")
    events = one.sh(f"kubectl -n {namespace} get events --field-selector involvedObject.name=pulled")
    assert 'Successfully pulled image "registry.site.internal:5000/demo/app:1"' in events


@pytest.mark.parametrize(("name", "secret", "tag"), [("wrong", "bad", 2), ("anonymous", "", 3)])
def test_pull_without_the_right_login_is_401(one: Tool, namespace: str, name: str, secret: str, tag: int) -> None:
    one.sh("kubectl apply -f -", stdin=pod(name, f"registry.site.internal:5000/demo/app:{tag}", secret))
    deadline = time.monotonic() + 30
    events = ""
    while "401 Unauthorized" not in events and time.monotonic() < deadline:
        time.sleep(0.5)
        events = one.sh(f"kubectl -n {namespace} get events --field-selector involvedObject.name={name}")
    assert "401 Unauthorized" in events


def test_a_pod_reaches_nothing_outside(one: Tool, namespace: str) -> None:
    inside = f"kubectl -n {namespace} exec loaded --"
    assert "Network is unreachable" in one.sh(f"{inside} nc -w 5 1.1.1.1 443", code=1)
    assert "NXDOMAIN" in one.sh(f"{inside} nslookup outside-from-pod.example.com", code=1)
    assert "10.202." in one.sh(f"{inside} nslookup charts.site.internal")
    log = one.sh("kubectl -n kube-system logs -l k8s-app=kube-dns --tail=-1")
    assert '"A IN outside-from-pod.example.com.' in log
    assert "HINFO" not in log


def test_nothing_of_the_lab_asks_outside_names(one: Tool, namespace: str) -> None:
    one.sh(f"kubectl -n {namespace} exec loaded -- nslookup charts.site.internal")
    questions = (one.state / "log/dns.log").read_text().splitlines()
    asked = {line.split('"')[1].split()[2] for line in questions if line.count('"') >= 2}
    outside = {name for name in asked if not name.endswith((".internal.", "-control-plane."))}
    assert outside <= {f"outside-from-{where}.example.com." for where in ("pod", "exec")}
    assert "charts.site.internal." in asked  # by the pod: the log does work


def test_exec_reaches_nothing_outside(one: Tool) -> None:
    assert "Could not resolve host" in one.sh("curl -sS -m 5 https://outside-from-exec.example.com", code=6)
    one.sh("curl -sS -m 5 https://1.1.1.1", code=7)


def test_charts_are_there_for_those_who_trust_the_ca(one: Tool) -> None:
    assert one.sh('curl -sS --cacert "$SITE_CA_FILE" "$SITE_CHARTS_URL/index.yaml"').startswith("apiVersion: v1")
    one.sh('curl -sS "$SITE_CHARTS_URL/index.yaml"', code=60)


def test_registry_wants_the_login(one: Tool) -> None:
    catalog = 'curl -sS -o /dev/null -w "%{http_code}" --cacert "$SITE_CA_FILE" https://$SITE_REGISTRY/v2/'
    assert one.sh(catalog) == "401"
    login = '"$SITE_REGISTRY_USERNAME:$SITE_REGISTRY_PASSWORD"'
    assert one.sh(f"{catalog} -u {login}") == "200"


def test_helm_finds_charts(one: Tool, tmp_path: Path) -> None:
    chart = tmp_path / "demo"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: demo\nversion: 1.2.3\n")
    (chart / "values.yaml").write_text("a: 1\n")
    assert one("charts", chart).stdout.strip() == "https://charts.site.internal:8443/demo-1.2.3.tgz"
    home = f"export HELM_CACHE_HOME={tmp_path}/c HELM_CONFIG_HOME={tmp_path}/k; cd {tmp_path}; "
    add = 'repo add site "$SITE_CHARTS_URL" --ca-file "$SITE_CA_FILE"'
    for helm in ("helm3", "helm4"):
        text = one.sh(f"{home}{helm} {add} --force-update && {helm} repo update && {helm} show chart site/demo")
        assert "version: 1.2.3" in text
    before = one.sh('curl -sS --cacert "$SITE_CA_FILE" "$SITE_CHARTS_URL/index.yaml"')
    (chart / "values.yaml").write_text("a: 2\n")
    one("charts", chart)
    after = one.sh('curl -sS --cacert "$SITE_CA_FILE" "$SITE_CHARTS_URL/index.yaml"')
    assert before.count("digest:") == after.count("digest:") == 1
    assert before.split("digest:")[1].split()[0] != after.split("digest:")[1].split()[0]


def test_helm_tells_its_version(one: Tool) -> None:
    assert one.sh("helm3 version --template '{{.Version}}'").startswith("v3.")
    assert one.sh("helm4 version --template '{{.Version}}'").startswith("v4.")


def test_exec_passes_everything_through(one: Tool, tmp_path: Path) -> None:
    assert one("exec", "--", "sh", "-c", "exit 42", code=42)
    assert one("exec", "--", "cat", stdin="hello").stdout == "hello"
    done = subprocess.run(one.argv("exec", "pwd"), cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(tmp_path)
    running = subprocess.Popen(one.argv("exec", "--", "sh", "-c", "echo ready; exec sleep 60"), stdout=subprocess.PIPE)
    assert running.stdout
    running.stdout.readline()
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=5) == -signal.SIGTERM


def test_exec_many_at_once(one: Tool) -> None:
    script = ["exec", "--", "sh", "-c", "getent hosts registry.site.internal && kubectl get nodes -o name"]
    running = [subprocess.Popen(one.argv(*script), stdout=subprocess.PIPE, text=True) for _ in range(15)]
    answers = {process.communicate(timeout=120)[0] for process in running}
    assert len(answers) == 1
    assert "node/system-one-control-plane" in answers.pop()


def test_the_machine_keeps_its_own_names(one: Tool) -> None:
    one.sh("grep -q registry.site.internal /etc/hosts")
    assert "site.internal" not in Path("/etc/hosts").read_text() + Path("/etc/resolv.conf").read_text()


def test_secrets_are_closed_and_not_printed(one: Tool) -> None:
    password = one.sh('printf %s "$SITE_REGISTRY_PASSWORD"')
    assert len(password) >= 24
    for name in ("site/registry.password", "site/auth.json", "site/htpasswd", "certs/ca.key", "kubeconfig"):
        assert (one.state / name).stat().st_mode & 0o077 == 0, name
    assert one.state.stat().st_mode & 0o077 == 0
    assert (one.state / "site/htpasswd").read_text().startswith("site-puller:$2y$")
    assert password not in one("env").stdout
    for log in (one.state / "log").iterdir():
        assert password not in log.read_text(errors="replace"), log


def test_certificates_on_request(one: Tool) -> None:
    certificate, key = one("cert", "vllm-tls", "vllm-tls.inference.svc", "10.1.2.3").stdout.split()
    ca = str(one.state / "certs/ca.crt")
    for name in (["-verify_hostname", "vllm-tls.inference.svc"], ["-verify_ip", "10.1.2.3"]):
        subprocess.run(["openssl", "verify", "-x509_strict", *name, "-CAfile", ca, certificate], check=True)
    assert Path(key).stat().st_mode & 0o077 == 0
    assert "neither a DNS name" in one("cert", "x", "Not A Name", code=1).stderr


def test_labs_do_not_see_each_other(one: Tool, two: Tool) -> None:
    addresses = [dict(line.split("=", 1) for line in tool("env").stdout.splitlines()) for tool in (one, two)]
    assert addresses[0]["SITE_ADDRESS"] != addresses[1]["SITE_ADDRESS"]
    assert addresses[0]["KUBECONFIG"] != addresses[1]["KUBECONFIG"]
    one.sh(f"curl -sS -m 3 http://{addresses[1]['SITE_ADDRESS']}:8053/health", code=7)
    assert two.sh(f"curl -sS -m 3 http://{addresses[1]['SITE_ADDRESS']}:8053/health") == "OK"


def test_pods_of_two_nodes_talk(two: Tool, image: Path) -> None:
    two("load", image)
    two.sh(f"kubectl create namespace {NAMESPACE}")
    for name, node in (("server", "worker"), ("client", "control-plane")):
        two.sh("kubectl apply -f -", stdin=pod(name, "localhost/app:1", policy="Never", node=f"system-two-{node}"))
    two.sh(f"kubectl -n {NAMESPACE} wait --for=condition=Ready pod/server pod/client {WAIT}")
    two.sh(f"kubectl -n {NAMESPACE} expose pod server --port=8080")
    two.sh(f"kubectl -n {NAMESPACE} exec server -- sh -c 'mkdir /w; echo hi >/w/index.html; httpd -p 8080 -h /w'")
    ask = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 server 8080"
    deadline = time.monotonic() + 20
    answer = ""
    while "hi" not in answer.split() and time.monotonic() < deadline:
        answer = two.sh(f'kubectl -n {NAMESPACE} exec -i client -- sh -c "{ask}"', code=None)
    assert "hi" in answer.split()

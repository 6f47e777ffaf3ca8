# SPDX-License-Identifier: GPL-3.0-or-later
"""What the intent can ask for beside the guide, on a real cluster: each variant is checked, applied and repeated."""

from __future__ import annotations

import subprocess

import pytest

from tests.e2e.site_run import LAB, Place


def can(place: Place, verb: str, what: str, *more: str) -> bool:
    """What the API server says of HolmesGPT's account, not what we say."""
    account = place.pods()[0]["spec"]["serviceAccountName"]
    user = f"--as=system:serviceaccount:{place.namespace}:{account}"
    answer = place.site.exec(
        "kubectl", "auth", "can-i", verb, what, user, *more, check=False, stderr=subprocess.DEVNULL
    )
    return bool(answer.stdout.strip() == "yes")


def check_apply_repeat(place: Place, **variables: object) -> str:
    """A check run that changes nothing, the run, and a run that has nothing to do; gives what the second printed."""
    before = place.site.kubectl("get", "all,role,rolebinding", "-n", place.namespace, "-o", "name")
    checked = place.play("site.yml", "--check", "--diff", **variables)
    assert checked.code == 0 and checked.recap("changed") > 0
    assert place.site.kubectl("get", "all,role,rolebinding", "-n", place.namespace, "-o", "name") == before
    applied = place.install(**variables)
    assert place.install(**variables).recap("changed") == 0
    return applied.output


def test_in_a_restricted_namespace(place: Place) -> None:
    """HolmesGPT's own library, as a user without rights, where Pod Security refuses anything else."""
    place.site.kubectl("create", "namespace", place.namespace)
    place.site.kubectl("label", "namespace", place.namespace, "pod-security.kubernetes.io/enforce=restricted")
    output = check_apply_repeat(place, holmes_image="holmes:0.45.0", holmes_pod_security="restricted")
    assert "render.pod_security" in output
    [pod] = place.pods()
    assert pod["spec"]["securityContext"]["runAsUser"] == 10001
    who = place.site.kubectl("exec", "-n", place.namespace, pod["metadata"]["name"], "-c", "holmes", "--", "id", "-u")
    assert who.strip() == "10001"


def test_tls_of_the_server(place: Place) -> None:
    name = f"{place.namespace}-holmes"
    hosts = [f"{name}.{place.namespace}.svc", f"{name}.{place.namespace}.svc.cluster.local"]
    made = subprocess.check_output([LAB, "--name", place.site.name, "cert", name, *hosts], text=True).split()
    files = {path.rpartition(".")[2]: path for path in made}
    place.site.kubectl("create", "namespace", place.namespace)
    place.site.kubectl(
        *("create", "secret", "tls", "holmes-tls", "-n", place.namespace),
        *(f"--cert={files['crt']}", f"--key={files['key']}"),
    )
    tls = {"holmes_server_tls": {"secret": "holmes-tls"}, "holmes_ca_file": place.site.facts["SITE_CA_FILE"]}
    output = check_apply_repeat(place, **tls)
    assert "READY" in output and "https" in output
    [pod] = place.pods()
    assert pod["spec"]["containers"][0]["readinessProbe"]["httpGet"]["scheme"] == "HTTPS"


def test_a_write_right_needs_an_exception_and_stays_visible(place: Place) -> None:
    rule = {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "patch"]}
    refused = place.play("site.yml", holmes_custom_cluster_role_rules=[rule])
    assert refused.code == 2 and "render.rbac_read_only" in refused.output
    assert place.site.exec("helm", "list", "-n", place.namespace, "-q").stdout == "", "refused before Helm ran"
    role = f"ClusterRole/{place.namespace}-holmes-cluster-role"
    accepted = {f"render.rbac_read_only:{role}": "ticket 4711", "verify.rbac_read_only": "ticket 4711"}
    output = check_apply_repeat(place, holmes_custom_cluster_role_rules=[rule], holmes_exceptions=accepted)
    assert "READY WITH LIMITATIONS" in output and output.count("Accepted (ticket 4711)") >= 2
    assert can(place, "patch", "deployments.apps", "--all-namespaces")
    assert place.play("site.yml").code == 0, "and back"
    assert not can(place, "patch", "deployments.apps", "--all-namespaces")


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_rights_in_its_own_namespace_only(place: Place, helm: str) -> None:
    place.install(holmes_helm_binary=helm)
    assert can(place, "list", "pods", "--all-namespaces")
    place.install(holmes_helm_binary=helm, holmes_rbac_scope="namespace")
    assert can(place, "list", "pods", "-n", place.namespace)
    assert not can(place, "list", "pods", "--all-namespaces")
    place.install(holmes_helm_binary=helm)
    assert can(place, "list", "pods", "--all-namespaces")


def test_a_model_with_a_server_a_key_and_limits_of_its_own(place: Place) -> None:
    """The default model is on the second server: HTTPS by the site's authority, with a key that the first has not."""
    facts = place.site.facts
    models = {
        "plain": {"model": "gpt-oss-120b"},
        "secured": {
            "model": "gpt-oss-120b",
            "service": {"name": "vllm-tls", "namespace": "inference", "port": 8443, "scheme": "https"},
            "api_key": {"secret": "holmes-secrets", "key": "second"},
            "context_window": 65536,
            "max_output_tokens": 4096,
        },
    }
    output = check_apply_repeat(
        place,
        holmes_models=models,
        holmes_default_model="secured",
        holmes_secrets={"second": facts["SITE_LLM_API_KEY"]},
        holmes_ca_file=facts["SITE_CA_FILE"],
    )
    assert "READY" in output and "65536" in output
    assert facts["SITE_LLM_API_KEY"] not in output

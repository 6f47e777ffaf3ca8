# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that may be wrong before an installation: what is broken, the check that must find it, and what it says.

The end-to-end test breaks all of it in one lab, one host of the inventory for each; docs/faults.md is this table.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

Vars = dict[str, t.Any]
MODEL = "gpt-oss-120b"


@dataclass(frozen=True)
class Fault:
    """``broken`` tells it to a reader. ``says`` and ``fix`` are decisive pieces of the check's sentences.

    ``variables`` are the host's own, in which {NAME} stands for a fact of the site, {models} for the address of the
    model farm and {port} for the double with this fault. ``double``: faults and settings of that double.
    ``manifests`` are applied before; {namespace} is the host's.
    """

    name: str
    broken: str
    check: str
    status: str
    says: str
    fix: str
    variables: Vars = field(default_factory=dict)
    double: Vars | None = None
    manifests: str = ""


def model(name: str, broken: str, check: str, status: str, says: str, fix: str, **faults: t.Any) -> Fault:
    """A fault of the model server, reached by its own URL."""
    variables = {"holmes_llm_service": {}, "holmes_llm_api_base": "http://{models}:{port}/v1"}
    settings, more = faults.pop("settings", {}), faults.pop("variables", {})
    double = {"faults": faults, "settings": settings}
    return Fault(name, broken, check, status, says, fix, {**variables, **more}, double)


def tls(name: str, broken: str, says: str, fix: str, certificate: str, **more: t.Any) -> Fault:
    """A model server with a bad certificate; ``certificate`` is the file that it shows."""
    variables = {"holmes_llm_service": {}, "holmes_llm_api_base": "https://{models}:{port}/v1", **more}
    settings = {"tls_port": 0, "tls_cert": f"{{certs}}/{certificate}.crt", "tls_key": f"{{certs}}/{certificate}.key"}
    return Fault(name, broken, "tls.model_server", "fail", says, fix, variables, {"settings": settings})


def service(**changes: t.Any) -> Vars:
    return {"holmes_llm_service": {"name": "vllm-server", "namespace": "inference", "port": 8000, **changes}}


NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {namespace}\n"
RESTRICTED = NAMESPACE + "  labels: {pod-security.kubernetes.io/enforce: restricted}\n"
QUOTA = f"""{NAMESPACE}---
apiVersion: v1
kind: ResourceQuota
metadata: {{name: small, namespace: "{{namespace}}"}}
spec: {{hard: {{requests.memory: 1Gi, limits.memory: 1Gi}}}}
"""
LIMITS = f"""{NAMESPACE}---
apiVersion: v1
kind: LimitRange
metadata: {{name: small, namespace: "{{namespace}}"}}
spec: {{limits: [{{type: Container, max: {{memory: 512Mi}}}}]}}
"""
OTHER = f"""{NAMESPACE}---
apiVersion: v1
kind: ConfigMap
metadata: {{name: custom-toolsets-configmap, namespace: "{{namespace}}"}}
"""
NO_PODS = f"""{NAMESPACE}---
apiVersion: v1
kind: Service
metadata: {{name: empty, namespace: "{{namespace}}"}}
spec: {{selector: {{app: nothing}}, ports: [{{port: 8000}}]}}
"""
# May look at namespaces, and nothing more.
DEPLOYER = f"""{NAMESPACE}---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: deployer, namespace: "{{namespace}}"}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: "{{namespace}}-deployer"}}
rules: [{{apiGroups: [""], resources: [namespaces], verbs: [get, create]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: "{{namespace}}-deployer"}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "{{namespace}}-deployer"}}
subjects: [{{kind: ServiceAccount, name: deployer, namespace: "{{namespace}}"}}]
"""

FAULTS = (
    # The model server, as an agent uses it.
    model(
        "no tools",
        "vLLM runs without tool calling",
        "llm.tool_call",
        "fail",
        "vLLM runs without tool calling",
        "--enable-auto-tool-choice and --tool-call-parser",
        no_auto_tools={},
    ),
    model(
        "prose",
        "the tool parser does not fit the model",
        "llm.tool_call",
        "fail",
        "describes in words",
        "--tool-call-parser",
        prose={},
    ),
    model(
        "broken arguments",
        "arguments of a tool call are cut",
        "llm.tool_call",
        "fail",
        "no whole JSON",
        "--tool-call-parser",
        broken_arguments={},
    ),
    model(
        "strict refused",
        "the server refuses strict tool schemas",
        "llm.strict",
        "fail",
        "refuses tools with 'strict'",
        "HOLMES_DISABLE_STRICT_TOOL_CALLS",
        refuse_strict={},
    ),
    model(
        "result ignored",
        "the model invents instead of reading the tool's answer",
        "llm.tool_result",
        "fail",
        "answered without it",
        "--chat-template",
        ignore_tool_result={},
    ),
    model(
        "json",
        "the model calls no tool when JSON is asked for",
        "llm.json_with_tools",
        "warn",
        "does not call the tool it needs",
        "operator.enabled",
        json_no_tools={},
        variables={"holmes_llm_probe": "full"},
    ),
    model(
        "wrong name",
        "the model is served under another name",
        "llm.models",
        "fail",
        "No model is served as",
        "--served-model-name",
        wrong_model={},
    ),
    model(
        "short context",
        "--max-model-len is smaller than the inventory says",
        "llm.context",
        "fail",
        "the server has 32768",
        "holmes_llm_context_window",
        settings={"max_model_len": 32768},
    ),
    model(
        "key refused",
        "the server refuses the key",
        "llm.answers",
        "fail",
        "refuses the key (401)",
        "holmes_llm_api_key",
        http_401={"match": "/v1/"},
    ),
    model(
        "rate limit",
        "a proxy limits requests",
        "llm.answers",
        "fail",
        "limits the rate (429",
        "at the gateway",
        http_429={"match": "/v1/"},
    ),
    model(
        "engine dead",
        "vLLM's engine died",
        "llm.answers",
        "fail",
        "engine failed (500)",
        "vLLM's log",
        http_500={"match": "/v1/"},
    ),
    model(
        "proxy",
        "the proxy has no server behind it",
        "llm.answers",
        "fail",
        "answers 503",
        "vLLM's pod is ready",
        http_503={"match": "/v1/"},
    ),
    model(
        "hangs",
        "the server accepts requests and does not answer",
        "llm.answers",
        "fail",
        "no answer within",
        "vllm:num_requests_waiting",
        hang={},
        variables={"holmes_llm_probe_timeout": 5},
    ),
    model(
        "breaks off",
        "the server breaks off its answer",
        "llm.answers",
        "fail",
        "broke off",
        "Look for a crash",
        reset={},
    ),
    # The way to it.
    Fault(
        "no such Service",
        "the Service's name is wrong",
        "llm.endpoint",
        "fail",
        "Did you mean 'vllm-server'?",
        "holmes_llm_service",
        service(name="vllm-servre"),
    ),
    Fault(
        "wrong port",
        "the Service has no such port",
        "llm.endpoint",
        "fail",
        "has no port 8001",
        "holmes_llm_api_base",
        service(port=8001),
    ),
    Fault(
        "no endpoints",
        "no pod stands behind the Service",
        "llm.endpoint",
        "fail",
        "has no endpoints",
        "kubectl get pods",
        service(name="empty", namespace="{namespace}"),
        manifests=NO_PODS,
    ),
    Fault(
        "unknown host",
        "the host name does not resolve",
        "llm.endpoint",
        "fail",
        "does not resolve",
        "holmes_llm_api_base",
        {"holmes_llm_service": {}, "holmes_llm_api_base": "http://no-such.site.internal:8000/v1"},
    ),
    Fault(
        "refused",
        "nothing listens there",
        "llm.endpoint",
        "fail",
        "Nothing listens",
        "holmes_llm_api_base",
        {"holmes_llm_service": {}, "holmes_llm_api_base": "http://{models}:9/v1"},
    ),
    Fault(
        "plain to TLS",
        "http:// where the server speaks TLS",
        "llm.endpoint",
        "fail",
        "speaks TLS, but its URL says http",
        "Write https://",
        {"holmes_llm_service": {}, "holmes_llm_api_base": "http://{models}:{port}/v1"},
        {"settings": {"tls_port": 0, "tls_cert": "{certs}/good.crt", "tls_key": "{certs}/good.key"}},
    ),
    # Certificates.
    tls(
        "unknown authority",
        "the CA is not the one that signed",
        "signed by the authority 'Site CA'",
        "holmes_ca_file",
        "good",
        holmes_ca_file="{certs}/other-ca.crt",
    ),
    tls("expired", "the certificate is over", "expired on", "Renew it", "expired", holmes_ca_file="{SITE_CA_FILE}"),
    tls(
        "wrong host",
        "the certificate is for another host",
        "made for another-host.invalid",
        "subjectAltName",
        "wrong_host",
        holmes_ca_file="{SITE_CA_FILE}",
    ),
    tls(
        "self-signed",
        "the certificate is signed by itself",
        "is self-signed",
        "holmes_ca_file",
        "self_signed",
        holmes_ca_file="{SITE_CA_FILE}",
    ),
    tls(
        "incomplete chain",
        "the server does not send its intermediate certificate",
        "is incomplete",
        "--ssl-certfile",
        "incomplete",
        holmes_ca_file="{SITE_CA_FILE}",
    ),
    # Registry and chart.
    Fault(
        "registry down",
        "nothing listens at the registry's port",
        "registry.reachable",
        "fail",
        "connection refused",
        "holmes_image_registry",
        {
            "holmes_image_registry": "registry.site.internal:5999/holmesgpt",
            "holmes_registry_host": "registry.site.internal:5999",
        },
    ),
    Fault(
        "registry log-in",
        "the registry refuses the password",
        "registry.login",
        "fail",
        "refuses the log-in",
        "holmes_registry_password",
        {"holmes_registry_password": "wrong-password-1"},
    ),
    Fault(
        "image missing",
        "the image was not mirrored",
        "registry.image",
        "fail",
        "has no tag '0.99.0'",
        "Push the image to the mirror",
        {"holmes_image": "holmes:0.99.0"},
    ),
    Fault(
        "registry CA",
        "another authority than the registry's is given",
        "registry.reachable",
        "fail",
        "authority that this host does not know",
        "holmes_registry_ca_file",
        {"holmes_registry_ca_file": "{certs}/other-ca.crt"},
    ),
    # The cluster.
    Fault(
        "quota",
        "the quota of the namespace is too small",
        "cluster.quota",
        "fail",
        "ResourceQuota 'small' allows 1024Mi",
        "holmes_resources",
        manifests=QUOTA,
    ),
    Fault(
        "limit range",
        "a LimitRange allows less memory",
        "cluster.quota",
        "fail",
        "LimitRange 'small' allows 512Mi",
        "holmes_resources",
        manifests=LIMITS,
    ),
    Fault(
        "restricted",
        "the namespace enforces Pod Security restricted",
        "cluster.pod_security",
        "fail",
        "enforces 'restricted'",
        "holmes_pod_security: restricted",
        manifests=RESTRICTED,
    ),
    Fault(
        "no namespace",
        "the namespace is missing and shall not be made",
        "cluster.namespace",
        "fail",
        "does not exist",
        "holmes_create_namespace",
        {"holmes_create_namespace": False},
    ),
    Fault(
        "rights",
        "the account may do too little",
        "cluster.rights",
        "fail",
        "may not",
        "Grant a Role",
        {"holmes_kube_host": "{server}", "holmes_kube_api_key": "{token}", "holmes_kube_ca_cert": "{cluster_ca}"},
        manifests=DEPLOYER,
    ),
    Fault(
        "foreign object",
        "somebody else's ConfigMap has the name that the chart uses",
        "release.conflict",
        "fail",
        "belongs to no Helm release",
        "meta.helm.sh/release-name",
        {"holmes_toolsets": {"prometheus/metrics": {"enabled": True}}},
        manifests=OTHER,
    ),
    Fault(
        "no API server",
        "the API server does not answer",
        "cluster.api",
        "fail",
        "No connection to the cluster",
        "K8S_AUTH_",
        {"holmes_kube_host": "https://127.0.0.1:9", "holmes_kube_api_key": "x"},
    ),
    Fault(
        "no Helm",
        "Helm is not on the host",
        "host.helm",
        "fail",
        "'no-such-helm' was not found",
        "holmes_helm_binary",
        {"holmes_helm_binary": "no-such-helm"},
    ),
)

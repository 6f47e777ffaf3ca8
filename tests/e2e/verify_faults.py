# SPDX-License-Identifier: GPL-3.0-or-later
"""Broken installations, each made by plain helm and kubectl, with the check and the words that must tell it.

One line is one installation in a namespace of its own; one run of ``verify.yml`` goes over all of them.
``docs/faults.md`` is generated from this table.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from tests.e2e.by_hand import SITE_VALUES, corrected, from_secret
from tests.unit.fixtures.values_world import GUIDE, GUIDE_SECRETS

Vars = dict[str, t.Any]


@dataclass(frozen=True)
class Step:
    """``kubectl apply`` of manifests, then ``helm upgrade --install`` with these texts of values, the last wins.

    {NAME} is replaced: facts of the site, the ``namespace``, ``models`` and ``port`` of the fault's model server.
    """

    values: tuple[str, ...] = ()
    manifests: str = ""
    # Helm itself refuses it.
    refused: bool = False


@dataclass(frozen=True)
class Fault:
    """What is broken, how it came to be, and how it must be told.

    ``image``: tag of the double, None for the chart's own default. ``double``: faults and settings of a model server
    at the edge of the site. ``variables`` of the host for ``verify.yml``, beside namespace and release.
    """

    name: str
    broken: str
    check: str
    status: str
    says: str
    fix: str
    steps: tuple[Step, ...]
    chart: str = "0.45.0"
    image: str | None = "0.45.0-light"
    double: Vars | None = None
    variables: Vars = field(default_factory=dict)

    @property
    def starts(self) -> bool:
        """Whether pods come up, so that everything but the fault is there before it is diagnosed."""
        return self.check not in ("verify.rollout", "verify.release")

    def texts(self, step: Step) -> tuple[str, ...]:
        """The site's own values, then those of the step."""
        site = SITE_VALUES.replace("{image}", self.image) if self.image else ""
        return (site, *step.values) if site else step.values


def good(*more: str, **keys: t.Any) -> tuple[Step, ...]:
    return (Step((corrected(**keys), *more)),)


AT_EDGE = "http://{models}:{port}/v1"
FULL = "0.45.0"
OLD: Vars = {"chart": "0.16.1", "image": "0.16.1-light"}


def model(name: str, broken: str, check: str, says: str, fix: str, faults: Vars) -> Fault:
    """A good installation with a model server that has faults."""
    double = {"faults": faults}
    return Fault(name, broken, check, "fail", says, fix, good(api=AT_EDGE), double=double)


def secret(name: str, **data: str) -> str:
    lines = "".join(f'  {key.replace("_", "-")}: "{value}"\n' for key, value in data.items())
    return f'apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}, namespace: "{{namespace}}"}}\nstringData:\n{lines}'


ACCOUNT = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: own, namespace: "{namespace}"}\n'
OWN_ACCOUNT: Vars = {"createServiceAccount": False, "customServiceAccountName": "own"}
HOLMES = '{kind: ServiceAccount, name: "{namespace}-holmes-service-account", namespace: "{namespace}"}'
RBAC = "---\napiVersion: rbac.authorization.k8s.io/v1\n"
EXTRA_ROLE = f"""{RBAC}kind: Role
metadata: {{name: extra, namespace: "{{namespace}}"}}
rules: [{{apiGroups: [""], resources: [configmaps], verbs: [get, patch]}}]
{RBAC}kind: RoleBinding
metadata: {{name: extra-binding, namespace: "{{namespace}}"}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: extra}}
subjects: [{HOLMES}]
"""
EXTRA_CLUSTER_ROLE = f"""{RBAC}kind: ClusterRole
metadata: {{name: "{{namespace}}-extra", labels: {{made-by-hand: "yes"}}}}
rules: [{{apiGroups: [apps], resources: [deployments], verbs: [list, delete]}}]
{RBAC}kind: ClusterRoleBinding
metadata: {{name: "{{namespace}}-extra-binding", labels: {{made-by-hand: "yes"}}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "{{namespace}}-extra"}}
subjects: [{HOLMES}]
"""
AGGREGATED = f"""{RBAC}kind: ClusterRole
metadata: {{name: "{{namespace}}-sum", labels: {{made-by-hand: "yes"}}}}
aggregationRule: {{clusterRoleSelectors: [{{matchLabels: {{"joins-{{namespace}}": "yes"}}}}]}}
rules: []
{RBAC}kind: ClusterRole
metadata: {{name: "{{namespace}}-part", labels: {{made-by-hand: "yes", "joins-{{namespace}}": "yes"}}}}
rules: [{{apiGroups: [batch], resources: [jobs], verbs: [create]}}]
{RBAC}kind: ClusterRoleBinding
metadata: {{name: "{{namespace}}-sum-binding", labels: {{made-by-hand: "yes"}}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "{{namespace}}-sum"}}
subjects: [{HOLMES}]
"""
GROUP = f"""{RBAC}kind: Role
metadata: {{name: for-all, namespace: "{{namespace}}"}}
rules: [{{apiGroups: [""], resources: [pods], verbs: [get, deletecollection]}}]
{RBAC}kind: RoleBinding
metadata: {{name: for-all-binding, namespace: "{{namespace}}"}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: for-all}}
subjects: [{{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:serviceaccounts:{{namespace}}"}}]
"""
NODE_PORT = """apiVersion: v1
kind: Service
metadata: {name: reachable, namespace: "{namespace}", labels: {made-by-hand: "yes"}}
spec: {type: NodePort, selector: {app: holmes}, ports: [{port: 80, targetPort: 5050}]}
"""
WRAPPED = "certificate: |\n  {ca_line_1}\n  {ca_line_2}\n"
TLS = "https://vllm-tls.inference.svc.cluster.local:8443/v1"
KEY = {"OPENAI_API_KEY": from_secret("openai-api-key")}
OWN_KEY = {"HOLMES_API_KEY": from_secret("own-key")}


def rights(name: str, broken: str, says: str, manifests: str) -> Fault:
    """A good installation whose account gets one verb more."""
    fix = "or the binding"
    steps = (Step((corrected(),), manifests),)
    return Fault(name, broken, "verify.rbac_read_only", "fail", says, fix, steps)


FAULTS = (
    # The image.
    Fault(
        "default image",
        "the chart's default image, which is on the internet",
        "verify.rollout",
        "fail",
        "cannot resolve the registry's name",
        "holmes_image_registry",
        (Step((GUIDE,)),),
        image=None,
    ),
    Fault(
        "old default image",
        "the same with chart 0.16.1",
        "verify.rollout",
        "fail",
        "cannot resolve the registry's name",
        "holmes_image_registry",
        (Step((GUIDE,)),),
        chart="0.16.1",
        image=None,
    ),
    Fault(
        "registry silent",
        "chart 0.16.1 always pulls, and the registry does not answer",
        "verify.rollout",
        "fail",
        "cannot reach the registry",
        "holmes_image_registry",
        (Step((GUIDE, "registry: registry.site.internal:5999/holmesgpt")),),
        **OLD,
    ),
    # Request headers.
    Fault(
        "proxy header",
        "an ingress adds a header with a shell character (Forwarded: for=...;proto=https)",
        "verify.tool_call",
        "fail",
        "request header 'forwarded'",
        "HOLMES_PASSTHROUGH_BLOCKED_HEADERS",
        (Step((corrected(env={"HOLMES_PASSTHROUGH_BLOCKED_HEADERS": None}),), NODE_PORT),),
        variables={"holmes_verify_url": "{proxy}"},
    ),
    Fault(
        "curl",
        "the guide's curl: its Accept header breaks every tool call, with HTTP 200",
        "live.headers",
        "warn",
        "The request headers accept, user-agent, content-type reach the kubernetes tools",
        "HOLMES_PASSTHROUGH_BLOCKED_HEADERS",
        good(env={"HOLMES_PASSTHROUGH_BLOCKED_HEADERS": None}),
    ),
    # Models.
    Fault(
        "guide literally",
        "the guide's values as they stand: config.model is read by nothing",
        "verify.models",
        "fail",
        "lists gpt-5.4, which nobody configured",
        "holmes_default_model",
        (Step((GUIDE,)),),
    ),
    Fault(
        "old guide literally",
        "the guide's values with chart 0.16.1",
        "verify.models",
        "fail",
        "lists gpt-4.1, which nobody configured",
        "Rename OPENAI_API_KEY",
        (Step((GUIDE,)),),
        **OLD,
    ),
    Fault(
        "old with MODEL",
        "MODEL is set on 0.16.1, where it replaces the model's entry",
        "verify.chat",
        "fail",
        "has no provider",
        "remove MODEL",
        good(),
        **OLD,
    ),
    # Names.
    Fault(
        "wrong release",
        "the release's name is wrong (the guide's deployment/holmes)",
        "verify.rollout",
        "fail",
        "(Deployments there: vf-wrong-release-holmes)",
        "holmes_release_name",
        good(),
        variables={"holmes_release_name": "holmes"},
    ),
    Fault(
        "wrong namespace",
        "the namespace is wrong",
        "verify.release",
        "fail",
        "knows no release vf-wrong-namespace in namespace vf-nowhere",
        "holmes_namespace",
        good(),
        variables={"holmes_namespace": "vf-nowhere"},
    ),
    # Rights.
    Fault(
        "write rules",
        "customClusterRoleRules with every verb",
        "verify.rbac_read_only",
        "fail",
        "vf-write-rules-holmes-cluster-role (bound by vf-write-rules-holmes-cluster-role-binding",
        "holmes_custom_cluster_role_rules",
        good(customClusterRoleRules=[{"apiGroups": ["sparkoperator.k8s.io"], "resources": ["*"], "verbs": ["*"]}]),
    ),
    rights(
        "role",
        "a role with one verb more",
        "bound by extra-binding, vf-role, ServiceAccount): verbs patch on configmaps",
        EXTRA_ROLE,
    ),
    rights(
        "cluster role",
        "a cluster role with one verb more",
        "bound by vf-cluster-role-extra-binding, cluster-wide, ServiceAccount): verbs delete on deployments",
        EXTRA_CLUSTER_ROLE,
    ),
    rights(
        "aggregated role",
        "a verb that comes by an aggregated cluster role",
        "bound by vf-aggregated-role-sum-binding, cluster-wide, ServiceAccount): verbs create on jobs",
        AGGREGATED,
    ),
    rights(
        "group",
        "a verb for all accounts of the namespace",
        "bound by for-all-binding, vf-group, system:serviceaccounts:vf-group): verbs deletecollection on pods",
        GROUP,
    ),
    Fault(
        "account missing",
        "an upgrade to a ServiceAccount that does not exist; the old pod runs on",
        "verify.rollout",
        "fail",
        'serviceaccount "own" not found',
        "Create ServiceAccount own",
        (*good(), *good(**OWN_ACCOUNT)),
    ),
    Fault(
        "account without rights",
        "a ServiceAccount without a binding: the tool says success",
        "verify.tool_call",
        "fail",
        "says success, but its output is Error from server (Forbidden)",
        "holmes_rbac_create",
        (Step((corrected(**OWN_ACCOUNT),), ACCOUNT),),
    ),
    Fault(
        "old account without rights",
        "the same with 0.16.1, where the tool fails",
        "verify.tool_call",
        "fail",
        "kubectl_get_by_kind_in_namespace failed: Error from server (Forbidden)",
        "holmes_rbac_create",
        (Step((GUIDE, '{"createServiceAccount": false, "customServiceAccountName": "own"}'), ACCOUNT),),
        **OLD,
    ),
    # Secrets.
    Fault(
        "section appended",
        "the guide's section about Secrets appended: the second additionalEnvVars wins",
        "verify.rollout",
        "fail",
        "{{ env.OPENAI_API_BASE }}, but the pod has no such variable",
        "a second additionalEnvVars",
        (Step((GUIDE + GUIDE_SECRETS,), secret("holmes-secrets", argocd_token="none", openai_api_key="none")),),
    ),
    Fault(
        "second values file",
        "the same section as a second file in an upgrade; the old pod runs on",
        "verify.rollout",
        "fail",
        "{{ env.OPENAI_API_BASE }}, but the pod has no such variable",
        "a second additionalEnvVars",
        (
            *good(),
            Step((GUIDE, GUIDE_SECRETS), secret("holmes-secrets", argocd_token="none", openai_api_key="none")),
        ),
    ),
    Fault(
        "model key changed",
        "the Secret got the model server's new key, and helm upgrade left the old pod",
        "live.secrets",
        "fail",
        "Changed after pod vf-model-key-changed-holmes-",
        "rollout restart deployment/vf-model-key-changed-holmes",
        (
            Step((corrected(KEY, AT_EDGE),), secret("holmes-secrets", openai_api_key="old-key-1")),
            Step((corrected(KEY, AT_EDGE),), secret("holmes-secrets", openai_api_key="new-key-2")),
        ),
        double={"settings": {"api_key": "new-key-2"}},
    ),
    Fault(
        "own key changed",
        "the same with HolmesGPT's own key",
        "verify.api_key",
        "fail",
        "refuses the given API key",
        "restarts the pods",
        (
            Step((corrected(OWN_KEY),), secret("holmes-secrets", own_key="old-key-1")),
            Step((corrected(OWN_KEY),), secret("holmes-secrets", own_key="new-key-2")),
        ),
        variables={"holmes_server_api_key": {"secret": "holmes-secrets", "key": "own-key"}},
    ),
    # Certificates.
    Fault(
        "certificate as block",
        "base64 of several lines as a block: Helm refuses to render it",
        "verify.release",
        "fail",
        "knows no release vf-certificate-as-block",
        "site.yml",
        (Step((GUIDE, WRAPPED), refused=True),),
    ),
    Fault(
        "certificate no base64",
        "certificate is no base64",
        "verify.rollout",
        "fail",
        "'certificate' is no base64 text",
        "holmes_ca_file",
        good(certificate="LS0tLS1CRUdJTi..."),
    ),
    Fault(
        "certificate as text",
        "certificate is the PEM text itself on one line",
        "verify.rollout",
        "fail",
        "'certificate' is no base64 text",
        "holmes_ca_file",
        good(certificate="{ca_text}"),
    ),
    Fault(
        "certificate as text that decodes",
        "the same with a text of another length, which is taken for base64: HolmesGPT starts and trusts it not",
        "verify.chat",
        "fail",
        "its certificate is not trusted",
        "holmes_ca_file",
        good(certificate="{ca_text_that_decodes}", api=TLS),
    ),
    Fault(
        "CA missing",
        "the model server's CA is not known to HolmesGPT",
        "verify.chat",
        "fail",
        "its certificate is not trusted",
        "holmes_ca_file",
        good(api=TLS),
    ),
    # The model server.
    Fault(
        "wrong Service",
        "the name of the model server's Service is wrong",
        "verify.chat",
        "fail",
        "its name does not resolve",
        "holmes_llm_service",
        good(api="http://no-such-service.inference.svc.cluster.local:8000/v1"),
    ),
    Fault(
        "vLLM down",
        "nothing listens behind the model server's address",
        "verify.chat",
        "fail",
        "it refuses the connection",
        "Check that the model server runs",
        good(api="http://{models}:9/v1"),
    ),
    Fault(
        "short context",
        "the guide's values (64000 tokens reserved) against --max-model-len 32768",
        "verify.chat",
        "fail",
        "do not fit into the model's context",
        "holmes_llm_context_window",
        good(env={"OVERRIDE_MAX_CONTENT_SIZE": None, "OVERRIDE_MAX_OUTPUT_TOKEN": None}, api=AT_EDGE),
        double={"settings": {"max_model_len": 32768}},
    ),
    model(
        "key refused",
        "the model server wants another key",
        "verify.chat",
        "the model server refuses HolmesGPT's key",
        "holmes_llm_api_key",
        {"http_401": {}},
    ),
    model(
        "prose",
        "the model answers in prose",
        "verify.tool_call",
        "no tool at all: the model answered in prose",
        "--tool-call-parser",
        {"prose": {}},
    ),
    model(
        "broken arguments",
        "the tool fails, because its arguments are cut",
        "verify.tool_call",
        "its output is error: the server doesn't have a resource type",
        "--tool-call-parser",
        {"broken_arguments": {}},
    ),
    model(
        "invented names",
        "the answer does not hold what the tool found",
        "verify.ground_truth",
        "but the answer names no pod that exists",
        "follows its tools",
        {"ignore_tool_result": {}},
    ),
    model(
        "no tools",
        "vLLM runs without tool calling",
        "verify.chat",
        "refuses tool calls",
        "--enable-auto-tool-choice",
        {"no_auto_tools": {}},
    ),
    # The tool itself.
    Fault(
        "kubectl out of memory",
        "kubectl dies of TOOL_MEMORY_LIMIT_MB: the tool says success",
        "verify.tool_call",
        "fail",
        "out of memory",
        "TOOL_MEMORY_LIMIT_MB",
        good(env={"TOOL_MEMORY_LIMIT_MB": "700"}),
        image=FULL,
    ),
)

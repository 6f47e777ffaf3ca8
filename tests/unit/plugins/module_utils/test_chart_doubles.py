# SPDX-License-Identifier: GPL-3.0-or-later
"""The chart doubles behave as the facts say, with Helm 3 and Helm 4."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text

from tests.unit.fixtures.values_world import NEW, OLD, RECORDED, env, helm, helms, run

Manifests = dict[tuple[str, str], dict[str, t.Any]]


def template(
    chart: Path, tmp_path: Path, values: dict[str, t.Any] | None = None, program: str = ""
) -> tuple[int, str, str]:
    file = tmp_path / "values.yaml"
    file.write_text(_yaml_text.dump(values or {}))
    return run([program or helm(), "template", "holmes", str(chart), "--namespace", "obs", "--values", str(file)])


def rendered(chart: Path, tmp_path: Path, values: dict[str, t.Any] | None = None, program: str = "") -> Manifests:
    rc, out, err = template(chart, tmp_path, values, program)
    assert rc == 0, err
    found = [document.data for document in _yaml_text.load_all(out, "rendered") if document.data]
    return {(one["kind"], one["metadata"]["name"]): one for one in found}


def pod(manifests: Manifests) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", manifests[("Deployment", "holmes-holmes")]["spec"]["template"]["spec"])


def container(manifests: Manifests) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", pod(manifests)["containers"][0])


def variables(manifests: Manifests) -> dict[str, t.Any]:
    return {entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in container(manifests)["env"]}


def as_sets(rules: list[dict[str, t.Any]]) -> list[dict[str, list[str]]]:
    return [{key: sorted(value) for key, value in rule.items()} for rule in rules]


@pytest.mark.parametrize("program", helms())
@pytest.mark.parametrize(("chart", "version", "count"), [(NEW, "0.45.0", 32), (OLD, "0.16.1", 17)])
def test_rules_are_the_recorded_ones(chart: Path, version: str, count: int, program: str, tmp_path: Path) -> None:
    recorded = json.loads((RECORDED / f"rbac-{version}.json").read_text())
    rules = rendered(chart, tmp_path, program=program)[("ClusterRole", "holmes-holmes-cluster-role")]["rules"]
    assert len(rules) == count
    assert as_sets(rules) == as_sets(recorded)


@pytest.mark.parametrize(
    ("switch", "groups"),
    [
        ("argo", {"argoproj.io"}),
        (
            "flux",
            {
                "source.toolkit.fluxcd.io",
                "kustomize.toolkit.fluxcd.io",
                "helm.toolkit.fluxcd.io",
                "notification.toolkit.fluxcd.io",
            },
        ),
        ("kafka", {"kafka.strimzi.io"}),
        ("keda", {"keda.sh"}),
        ("crossplane", {"pkg.crossplane.io", "apiextensions.crossplane.io"}),
        ("istio", {"networking.istio.io", "telemetry.istio.io"}),
        ("gatewayApi", {"gateway.networking.k8s.io"}),
        ("velero", {"velero.io"}),
        ("externalSecrets", {"external-secrets.io"}),
    ],
)
def test_each_crd_permission_switches_its_groups(switch: str, groups: set[str], tmp_path: Path) -> None:
    def granted(values: dict[str, t.Any]) -> set[str]:
        rules = rendered(NEW, tmp_path, values)[("ClusterRole", "holmes-holmes-cluster-role")]["rules"]
        return {group for rule in rules for group in rule["apiGroups"]}

    assert granted({}) - granted({"crdPermissions": {switch: False}}) == groups


@pytest.mark.parametrize("chart", [NEW, OLD])
def test_objects_have_the_known_names(chart: Path, tmp_path: Path) -> None:
    assert set(rendered(chart, tmp_path)) == {
        ("Deployment", "holmes-holmes"),
        ("Service", "holmes-holmes"),
        ("ConfigMap", "custom-toolsets-configmap"),
        ("ServiceAccount", "holmes-holmes-service-account"),
        ("ClusterRole", "holmes-holmes-cluster-role"),
        ("ClusterRoleBinding", "holmes-holmes-cluster-role-binding"),
    }


@pytest.mark.parametrize("chart", [NEW, OLD])
def test_service_leads_to_the_pod(chart: Path, tmp_path: Path) -> None:
    manifests = rendered(chart, tmp_path)
    spec = manifests[("Service", "holmes-holmes")]["spec"]
    assert spec["ports"] == [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": 5050}]
    assert (
        spec["selector"]
        == {"app": "holmes"}
        == manifests[("Deployment", "holmes-holmes")]["spec"]["selector"]["matchLabels"]
    )


def test_probes_and_pull_policy_by_version(tmp_path: Path) -> None:
    new, old = (
        container(rendered(NEW, tmp_path)),
        container(rendered(OLD, tmp_path, {"imagePullPolicy": "IfNotPresent"})),
    )
    assert (new["readinessProbe"]["httpGet"]["path"], new["readinessProbe"]["initialDelaySeconds"]) == ("/readyz", 15)
    assert (new["livenessProbe"]["httpGet"]["path"], new["livenessProbe"]["initialDelaySeconds"]) == ("/healthz", 30)
    assert new["imagePullPolicy"] == "IfNotPresent"
    assert "readinessProbe" not in old and "livenessProbe" not in old
    assert old["imagePullPolicy"] == "Always"


@pytest.mark.parametrize("chart", [NEW, OLD])
def test_config_model_changes_nothing(chart: Path, tmp_path: Path) -> None:
    assert rendered(chart, tmp_path, {"config": {"model": "x"}}) == rendered(chart, tmp_path)


@pytest.mark.parametrize("chart", [NEW, OLD])
def test_model_list_keeps_the_servers_templating_and_rolls_the_pod(chart: Path, tmp_path: Path) -> None:
    plain, models = (
        rendered(chart, tmp_path),
        rendered(chart, tmp_path, {"modelList": {"a": {"api_key": "{{ env.X }}"}}}),
    )
    text = models[("ConfigMap", "custom-toolsets-configmap")]["data"]["model_list.yaml"]
    assert _yaml_text.load_mapping(text, "models")[0] == {"a": {"api_key": "{{ env.X }}"}}

    def checksum(manifests: Manifests) -> str:
        annotations = manifests[("Deployment", "holmes-holmes")]["spec"]["template"]["metadata"]["annotations"]
        return str(annotations["checksum/toolset-config"])

    assert checksum(plain) != checksum(models)


@pytest.mark.parametrize("chart", [NEW, OLD])
def test_without_toolsets_there_is_no_model_list(chart: Path, tmp_path: Path) -> None:
    assert ("ConfigMap", "custom-toolsets-configmap") not in rendered(chart, tmp_path, {"toolsets": None})


def test_short_reference_is_rewritten_by_the_new_chart_only(tmp_path: Path) -> None:
    values = {
        "modelList": {"a": {"api_key": "envRef:KEY_1", "note": "see envRef:KEY_1 there"}},
        "extraEnvVarsSecrets": ["llm"],
    }
    for chart, expected in ((NEW, "{{ env.KEY_1 }}"), (OLD, "envRef:KEY_1")):
        text = rendered(chart, tmp_path, values)[("ConfigMap", "custom-toolsets-configmap")]["data"]["model_list.yaml"]
        entry = _yaml_text.load_mapping(text, "models")[0]["a"]
        assert entry == {"api_key": expected, "note": "see envRef:KEY_1 there"}
    assert container(rendered(NEW, tmp_path, values))["envFrom"] == [{"secretRef": {"name": "llm"}}]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "true"),
        ({"enableTelemetry": False}, "false"),
        ({"additionalEnvVars": env(ROBUSTA_UI_DOMAIN="ui.example")}, "false"),
        ({"additionalEnvVars": env(ROBUSTA_UI_DOMAIN="eu.robusta.dev")}, "true"),
    ],
)
def test_telemetry_is_on_unless_switched_off(values: dict[str, t.Any], expected: str, tmp_path: Path) -> None:
    assert variables(rendered(NEW, tmp_path, values))["ENABLE_TELEMETRY"] == expected


def test_old_chart_has_a_hosted_address_baked_in(tmp_path: Path) -> None:
    found = variables(rendered(OLD, tmp_path))
    assert found["ENABLE_TELEMETRY"] == "true"
    assert "sentry.io" in found["SENTRY_DSN"]


@pytest.mark.parametrize(
    ("chart", "values", "account"),
    [
        (NEW, {"createServiceAccount": False}, "default"),
        (OLD, {"createServiceAccount": False}, "holmes-holmes-service-account"),
        (NEW, {"createServiceAccount": False, "customServiceAccountName": "mine"}, "mine"),
        (OLD, {"createServiceAccount": False, "customServiceAccountName": "mine"}, "mine"),
    ],
)
def test_accounts(chart: Path, values: dict[str, t.Any], account: str, tmp_path: Path) -> None:
    manifests = rendered(chart, tmp_path, values)
    assert pod(manifests)["serviceAccountName"] == account
    assert not [key for key in manifests if key[0] in ("ServiceAccount", "ClusterRole", "ClusterRoleBinding")]


def test_k8s_rbac_makes_no_role_and_turns_toolsets_off(tmp_path: Path) -> None:
    manifests = rendered(NEW, tmp_path, {"k8sRBAC": True})
    assert ("ClusterRole", "holmes-holmes-cluster-role") not in manifests
    assert manifests[("ServiceAccount", "holmes-holmes-service-account")]["automountServiceAccountToken"] is False
    text = manifests[("ConfigMap", "custom-toolsets-configmap")]["data"]["custom_toolset.yaml"]
    toolsets = _yaml_text.load_mapping(text, "toolsets")[0]["toolsets"]
    assert [name for name, toolset in toolsets.items() if not toolset["enabled"]] == [
        "bash",
        "kubernetes/core",
        "kubernetes/logs",
    ]


def test_namespace_scope_makes_a_role(tmp_path: Path) -> None:
    manifests = rendered(NEW, tmp_path, {"namespaceScopedRBAC": True})
    assert ("Role", "holmes-holmes-role") in manifests
    assert not [key for key in manifests if key[0] == "ClusterRole"]
    assert variables(manifests)["SCOPED_NAMESPACES"] == "obs"


@pytest.mark.parametrize("chart", [NEW, OLD])
def test_openshift_adds_a_rule_and_a_binding(chart: Path, tmp_path: Path) -> None:
    manifests = rendered(chart, tmp_path, {"openshift": True})
    assert ("ClusterRoleBinding", "holmes-holmes-cluster-monitoring") in manifests
    assert variables(manifests)["IS_OPENSHIFT"] == "True"
    groups = [rule["apiGroups"] for rule in manifests[("ClusterRole", "holmes-holmes-cluster-role")]["rules"]]
    assert ["apps.openshift.io"] in groups


def test_server_tls(tmp_path: Path) -> None:
    manifests = rendered(NEW, tmp_path, {"tls": {"enabled": True, "secretName": "s"}})
    assert container(manifests)["readinessProbe"]["httpGet"]["scheme"] == "HTTPS"
    assert variables(manifests)["HOLMES_SSL_CERTFILE"] == "/etc/holmes/tls/tls.crt"
    mutual = rendered(NEW, tmp_path, {"tls": {"enabled": True, "secretName": "s", "caCertsSecretKey": "ca.crt"}})
    assert container(mutual)["readinessProbe"]["tcpSocket"] == {"port": "http"}


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"tls": {"enabled": True}}, "tls.enabled needs tls.secretName"),
        ({"commonLabels": {"app": "x"}}, "used by selectors"),
        ({"modelList": {"a": {"api_key": "envRef:a-b"}}}, "legal environment variable"),
        ({"dnsConfig": {"enabled": True, "policy": "None"}}, "nameservers"),
        ({"certificate": "abc\ndef\n"}, "YAML parse error"),
    ],
)
def test_what_the_chart_refuses(values: dict[str, t.Any], text: str, tmp_path: Path) -> None:
    rc, _out, err = template(NEW, tmp_path, values)
    assert rc != 0
    assert text in err


def test_read_only_root_twice_is_a_duplicate_key(tmp_path: Path) -> None:
    rc, out, err = template(NEW, tmp_path, {"containerSecurityContext": {"readOnlyRootFilesystem": True}})
    assert rc == 0, err
    assert out.count("readOnlyRootFilesystem: true") == 2


def test_volumes(tmp_path: Path) -> None:
    volumes = {volume["name"]: volume for volume in pod(rendered(NEW, tmp_path))["volumes"]}
    assert volumes["tmp-volume"]["emptyDir"] == {"sizeLimit": "256Mi"}
    assert volumes["custom-toolsets-configmap"]["configMap"]["optional"] is True
    assert volumes["playbooks-config-secret"]["secret"] == {
        "secretName": "robusta-playbooks-config-secret",
        "optional": True,
    }
    assert "tmp-volume" not in {volume["name"] for volume in pod(rendered(OLD, tmp_path))["volumes"]}


def test_add_ons_and_operator_bring_images_and_write_verbs(tmp_path: Path) -> None:
    addons = {name: {"enabled": True} for name in ("kubernetesRemediation", "kubernetes")}
    manifests = rendered(NEW, tmp_path, {"operator": {"enabled": True}, "mcpAddons": addons})
    assert manifests[("Deployment", "holmes-operator")]["spec"]["template"]["spec"]["containers"][0]["image"] == (
        "robustadev/holmes-operator:0.45.0"
    )
    for role in ("holmes-operator", "holmes-k8s-remediation-mcp-role"):
        verbs = {verb for rule in manifests[("ClusterRole", role)]["rules"] for verb in rule["verbs"]}
        assert {"patch", "delete"} <= verbs
    assert manifests[("ClusterRoleBinding", "holmes-k8s-mcp")]["roleRef"]["name"] == "view"


@pytest.mark.parametrize("program", helms())
def test_crds_come_with_the_new_chart_only(program: str, tmp_path: Path) -> None:
    def definitions(chart: Path) -> set[str]:
        rc, out, err = run([program, "template", "holmes", str(chart), "--include-crds"])
        assert rc == 0, err
        found = [document.data for document in _yaml_text.load_all(out, "rendered") if document.data]
        return {one["metadata"]["name"] for one in found if one["kind"] == "CustomResourceDefinition"}

    assert definitions(NEW) == {"healthchecks.holmesgpt.dev", "scheduledhealthchecks.holmesgpt.dev"}
    assert definitions(OLD) == set()


@pytest.mark.parametrize("program", helms())
@pytest.mark.parametrize("chart", [NEW, OLD])
def test_helm_has_nothing_to_object_to(chart: Path, program: str) -> None:
    assert program, "these tests render charts: put helm on PATH or set HOLMES_TEST_HELM to its path"
    rc, out, err = run([program, "lint", "--strict", str(chart)])
    assert rc == 0, out + err


@pytest.mark.parametrize("chart", [NEW, OLD])
def test_doubles_say_what_they_are(chart: Path) -> None:
    assert "double" in (chart / "Chart.yaml").read_text()
    assert "not** HolmesGPT's chart" in (chart / "README.md").read_text()

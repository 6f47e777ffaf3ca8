# SPDX-License-Identifier: GPL-3.0-or-later
"""What the strategies draw from: tricky texts and numbers, keys with a meaning, values with something of everything."""

from __future__ import annotations

import typing as t

Values = dict[str, t.Any]

# Texts that some reader, template or rule takes for something else.
TRICKY = (
    *("", " ", "\t", "\n", "\r\n", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ufeff", "�", "\ud800"),
    *("é", "모델", "~", "null", "true", "yes", "no", "y", "N", "on", "0", "-1", "1e3", "0x1F", "0o17", "1_000"),
    *(".nan", "-.inf", "12:30", "<<", "*a", "&a", "!!str", "!unsafe", "---", "...", "- a", "a: b", "#", "'"),
    *('"', "|", ">", "%", "@", "`", "{", "}", "2024-01-01", "[]", "{}", "null:", "a\nb", " a", "a ", "a\n"),
    *("\na", "x" * 300, "a/" * 40, "." * 20, "\\", "$(X)", "{{ env.X }}", "{{env.X}}", "{{ env.X"),
    *("{{ env. }}", "{{ env.A-B }}", "{{ env.X }}{{ env.Y }}", "{{ X }}", "{{", "envRef:X", "envRef:"),
    *("${X}", "os.environ/X", "{{ env.OPENAI_API_KEY }}", "{% raw %}", "{{ .Values.x }}", "http://"),
    *("https://h", "http://[::1", "http://h:99999/v1", "http://h:x/v1", "ftp://h/v1", "//h/v1"),
    *("http://h/v1?x#y", "openai/", "/x", "openai/gpt-4", "openai", "bedrock/x", "holmes:0.45.0"),
    *("holmes:0.16.1", "holmes@sha256:", "holmes:", "-----BEGIN CERTIFICATE-----", "QUJD", "=", "QUJD\nQUJD"),
    *("A" * 200, "cluster-admin", "secrets", "*", "get", "1.5", "4096", "²", "٣", "9" * 4400),
    *("0x" + "F" * 4000,),
)
NUMBERS = (
    *(0, -1, 1, 2**31, 2**53 + 1, 2**64, -(2**63), 10**40),
    *(0.0, -0.0, 1.0, 1.5, 1e308, float("nan"), float("inf"), float("-inf")),
)
# Keys with a meaning somewhere, for right and wrong places.
KEYS = (
    *("name", "value", "valueFrom", "secretKeyRef", "key", "model", "api_base", "base_url", "api_key"),
    *("temperature", "enabled", "config", "modelList", "additionalEnvVars", "additional_env_vars"),
    *("toolsets", "mcp_servers", "image", "registry", "custom_args", "max_context_size", "is_robusta_model"),
    *("rules", "verbs", "resources", "apiGroups", "global", "onprem", "certificate", "createServiceAccount"),
    *("customServiceAccountName", "customClusterRoleRules", "containerSecurityContext", "env", "models"),
    *("holmes", "model_list", "ModelList", "url", "headers", "Authorization", "password", "1", "true"),
)

# Something of everything that a rule looks at.
RICH: Values = {
    "registry": "registry.site.internal:5000/holmesgpt",
    "image": "holmes:0.45.0",
    "imagePullSecrets": [{"name": "pull"}],
    "certificate": "",
    "additionalEnvVars": [
        {"name": "VLLM_API_BASE", "value": "http://vllm.inference.svc.cluster.local:8000/v1"},
        {"name": "VLLM_API_KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        {"name": "OVERRIDE_MAX_CONTENT_SIZE", "value": "131072"},
        {"name": "OVERRIDE_MAX_OUTPUT_TOKEN", "value": "8192"},
        {"name": "MODEL", "value": "big"},
    ],
    "additional_env_vars": [{"name": "X", "value": "x"}],
    "additional_env_froms": [{"secretRef": {"name": "s"}}],
    "extraEnvVarsSecrets": ["s"],
    "modelList": {
        "big": {"model": "openai/big", "api_base": "{{ env.VLLM_API_BASE }}", "api_key": "{{ env.VLLM_API_KEY }}"},
        "small": {
            "model": "hosted_vllm/small",
            "api_base": "http://small:8000/v1",
            "api_key": "none",
            "temperature": 0.5,
            "custom_args": {"max_context_size": 32768},
        },
    },
    "config": {"model": "big"},
    "toolsets": {
        "internet": {"enabled": False},
        "prometheus/metrics": {"enabled": True, "config": {"prometheus_url": "http://prometheus:9090", "headers": {}}},
        "bash": {"enabled": True, "config": {"builtin_allowlist": "core"}},
    },
    "mcp_servers": {"x": {"url": "http://x/mcp", "config": {"headers": {"Authorization": "{{ env.X }}"}}}},
    "mcpAddons": {"github": {"enabled": True, "registry": "reg/mcp"}, "aws": {"enabled": False}},
    "operator": {"enabled": True, "additionalEnvVars": [{"name": "A", "value": "a"}]},
    "createServiceAccount": True,
    "customServiceAccountName": "",
    "customClusterRoleRules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}],
    "crdPermissions": {"argo": True},
    "k8sRBAC": False,
    "openshift": False,
    "enableTelemetry": False,
    "sentryDSN": "",
    "containerSecurityContext": {"readOnlyRootFilesystem": True},
    "podSecurityContext": {"runAsNonRoot": True},
    "initContainers": [{"name": "i", "image": "reg/i:1", "env": []}],
    "additionalVolumes": [{"name": "v", "emptyDir": {}}],
    "additionalVolumeMounts": [{"name": "v", "mountPath": "/v"}],
    "resources": {"limits": {"memory": "2Gi"}, "requests": {"cpu": "100m"}},
    "tls": {"enabled": True, "secretName": "tls"},
    "customSkills": {"a": {"content": "text"}},
    "podAnnotations": {"a": "b"},
    "tolerations": [{"operator": "Exists"}],
    "autoscaling": {"enabled": False},
}

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The toolsets of HolmesGPT's server: their names, which are on by themselves, which ask the internet.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Source: load_builtin_toolsets() of the packages 0.16.4, 0.22 to 0.24 and 0.45.0, run.
"""

from __future__ import annotations

from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import (
    BASH_IS_ON,
    CONNECTIVITY_IS_ON,
    INTERNET_IS_ON,
)

# Of all versions up to 0.45.0; newer ones may have more.
SERVER = frozenset(
    (
        *("MongoDBAtlas", "argocd/core", "bash", "confluence", "connectivity_check", "coralogix", "coralogix/logs"),
        *("core_investigation", "crossplane/core", "database/sql", "datadog/general", "datadog/logs"),
        *("datadog/metrics", "datadog/traces", "elasticsearch/cluster", "elasticsearch/data", "grafana/dashboards"),
        *("grafana/loki", "grafana/tempo", "helm/core", "internet", "kafka/admin", "kubernetes/core"),
        *("kubernetes/kube-prometheus-stack", "kubernetes/live-metrics"),
        *("kubernetes/logs", "kubevela/core", "newrelic", "notion", "opensearch/query_assist", "openshift/core"),
        *("openshift/live-metrics", "openshift/logs", "openshift/security", "prometheus/metrics"),
        *("prometheus/multi-tenant-metrics", "rabbitmq/core", "robusta", "runbook", "servicenow/tables", "skills"),
        *("slab", "victorialogs"),
        *("azure/sql", "datadog/rds", "git", "opensearch/logs", "opensearch/status", "opensearch/traces"),
    )
)
# Loaded by the command line only; the server leaves them out with a line in its log.
COMMAND_LINE = frozenset(
    (
        *("aks/core", "aks/node-health", "cilium/core", "docker/core", "hubble/observability", "inspektor-gadget/node"),
        *("aws/rds", "aws/security", "inspektor-gadget/tcpdump"),
    )
)
REMOVED = frozenset(("kubectl-run", "kubernetes/krew-extras", "kubernetes/kube-lineage-extras"))
# On, although no configuration names them: only 'enabled: false' turns them off.
ON_BY_THEMSELVES = {
    "bash": BASH_IS_ON,
    "connectivity_check": CONNECTIVITY_IS_ON,
    "internet": INTERNET_IS_ON,
}
# Those that can only ask a hosted service, and which one.
HOSTED = {
    "MongoDBAtlas": "cloud.mongodb.com",
    "coralogix": "coralogix.com",
    "datadog/general": "datadoghq.com",
    "datadog/logs": "datadoghq.com",
    "datadog/metrics": "datadoghq.com",
    "datadog/traces": "datadoghq.com",
    "newrelic": "api.newrelic.com",
    "notion": "api.notion.com",
    "slab": "api.slab.com",
}

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generated from the modules' documentation by tests/tools/specs/generate. Do not edit.

Private to this collection: it may change in any release.
"""

from __future__ import annotations

import typing as t

ARGUMENTS: dict[str, t.Any] = {
    "chart": {"type": "path", "required": True},
    "chart_sha256": {"type": "str"},
    "release_name": {"type": "str", "default": "holmes"},
    "namespace": {"type": "str", "default": "holmes"},
    "values_files": {"type": "list", "elements": "path", "default": []},
    "values": {"type": "raw"},
    "profile": {"type": "str", "choices": ["airgap", "none"], "default": "airgap"},
    "registry": {"type": "str"},
    "image": {"type": "str"},
    "image_pull_secrets": {"type": "list", "elements": "raw", "default": [], "no_log": False},
    "llm": {
        "type": "dict",
        "options": {
            "api_base": {"type": "str"},
            "service": {"type": "dict"},
            "api_key": {"type": "raw", "no_log": False},
            "context_window": {"type": "int"},
            "max_output_tokens": {"type": "int", "no_log": False},
        },
    },
    "cluster_domain": {"type": "str", "default": "cluster.local"},
    "models": {"type": "raw"},
    "default_model": {"type": "str"},
    "env": {"type": "raw"},
    "env_from_secrets": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "holmes_api_key": {"type": "raw", "no_log": False},
    "server_tls": {"type": "dict"},
    "ca_file": {"type": "path"},
    "rbac": {
        "type": "dict",
        "options": {
            "create": {"type": "bool", "default": True},
            "scope": {"type": "str", "choices": ["cluster", "namespace"], "default": "cluster"},
            "service_account": {"type": "str"},
            "crd_permissions": {"type": "dict"},
            "custom_cluster_role_rules": {"type": "list", "elements": "dict"},
            "openshift": {"type": "bool", "default": False},
        },
    },
    "toolsets": {"type": "raw"},
    "resources": {"type": "dict", "default": {}},
    "pod_security": {"type": "str", "choices": ["chart", "restricted"], "default": "chart"},
    "exceptions": {"type": "dict", "default": {}},
    "rollout_token": {"type": "str", "no_log": False},
    "learned": {"type": "dict"},
    "helm_binary": {"type": "path", "default": "helm"},
    "dest": {"type": "path"},
}

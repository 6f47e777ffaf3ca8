# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of holmes_values, and a module that never shows what may hold a secret.

Private to this collection: it may change in any release.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secrets import MASK

_SERVICE = {
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "scheme": {"type": "str", "choices": ["http", "https"], "default": "http"},
    "path": {"type": "str", "default": "/v1"},
}
_LLM = {
    "api_base": {"type": "str"},
    "service": {"type": "dict", "options": _SERVICE},
    # A reference. Raw, because Ansible shows a value of a wrong type: a key given by mistake must not be seen.
    "api_key": {"type": "raw", "no_log": False},
    "context_window": {"type": "int"},
    "max_output_tokens": {"type": "int", "no_log": False},
}
_RBAC = {
    "create": {"type": "bool", "default": True},
    "service_account": {"type": "str"},
    "crd_permissions": {"type": "dict"},
    "custom_cluster_role_rules": {"type": "list", "elements": "dict"},
    "openshift": {"type": "bool", "default": False},
}
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
    "image_pull_secrets": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "llm": {"type": "dict", "options": _LLM},
    "models": {"type": "dict", "default": {}},
    "default_model": {"type": "str"},
    "env": {"type": "dict", "default": {}},
    "holmes_api_key": {"type": "raw", "no_log": False},
    "ca_file": {"type": "path"},
    "rbac": {"type": "dict", "options": _RBAC},
    "toolsets": {"type": "dict", "default": {}},
    "resources": {"type": "dict", "default": {}},
    "rollout_token": {"type": "str", "no_log": False},
    "helm_binary": {"type": "path", "default": "helm"},
    "dest": {"type": "path"},
}
# They hold references; whoever writes a secret there by mistake must not find it in a log.
MAY_HOLD_SECRETS = ("values", "llm", "models", "env", "holmes_api_key", "toolsets")


class ValuesModule(AnsibleModule):  # type: ignore[misc]
    """With no_log the arguments are not written to the system's log; here they are also hidden from the result."""

    def __init__(self) -> None:
        super().__init__(argument_spec=ARGUMENTS, supports_check_mode=True, no_log=True)

    def exit_json(self, **kwargs: t.Any) -> t.NoReturn:
        super().exit_json(**{**kwargs, "invocation": self._shown()})
        raise SystemExit  # never reached; AnsibleModule has left already

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        super().fail_json(msg, **{**kwargs, "invocation": self._shown()})
        raise SystemExit(1)  # never reached

    def _shown(self) -> dict[str, t.Any]:
        hidden = {name: MASK for name in MAY_HOLD_SECRETS if self.params.get(name)}
        return {"module_args": {**self.params, **hidden}}

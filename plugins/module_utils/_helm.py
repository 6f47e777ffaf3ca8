# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one Helm command that kubernetes.core has no module for, with the access to the cluster that its modules have.

Private to this collection: it may change in any release.
"""

from __future__ import annotations

import os
import typing as t

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _program
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release_reason import harmless

try:
    from ansible_collections.kubernetes.core.plugins.module_utils.helm import AnsibleHelmModule
except ImportError:
    AnsibleHelmModule = None

# What kubernetes.core's Helm modules take from the environment, as a credential of AWX sets it. Its other modules take
# it when they connect, so it is not among the options of ours; Helm knows none of these names.
FROM_ENVIRONMENT = {
    "context": "K8S_AUTH_CONTEXT",
    "kubeconfig": "K8S_AUTH_KUBECONFIG",
    "host": "K8S_AUTH_HOST",
    "ca_cert": "K8S_AUTH_SSL_CA_CERT",
    "validate_certs": "K8S_AUTH_VERIFY_SSL",
    "api_key": "K8S_AUTH_API_KEY",
}


class _Asked:
    """Our module as one of kubernetes.core for Helm sees itself: with the environment for options that are unset."""

    def __init__(self, module: t.Any, binary: str) -> None:
        self._module = module
        self.params: dict[str, t.Any] = {**module.params, "binary_path": binary}
        for option, name in FROM_ENVIRONMENT.items():
            if self.params.get(option) is None and os.environ.get(name):
                self.params[option] = os.environ[name]
        if isinstance(self.params.get("validate_certs"), str):
            self.params["validate_certs"] = boolean(self.params["validate_certs"])

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._module, name)


class Helm:
    """Helm for one release; the module's parameters say which, where Helm is and how long it may take."""

    def __init__(self, module: t.Any) -> None:
        self.module = module

    def rollback(self, revision: int) -> None:
        """Back to a revision, without waiting for its pods. Raises HolmesError with Helm's reason."""
        params = self.module.params
        helm = self.module.get_bin_path(params["helm_binary"])
        if not helm:
            raise HolmesError(f"'{params['helm_binary']}' was not found on this host.", "Set holmes_helm_binary.")
        command = [helm, "rollback", params["release_name"], str(revision), "--namespace", params["namespace"]]
        command += ["--timeout", params["timeout"]]
        rc, out, err = _program.run(command, AnsibleHelmModule(module=_Asked(self.module, helm)).env_update)
        if rc != 0:
            reason = harmless(err or out) or "it gave no reason"
            message = f"Helm could not go back to revision {revision}: {reason}."
            raise HolmesError(message, "Mend what it names and run rollback.yml again.")

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one Helm command that kubernetes.core has no module for, with the access to the cluster that its modules have.

Private to this collection: it may change in any release.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _program
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release_reason import harmless

try:
    from ansible_collections.kubernetes.core.plugins.module_utils.helm import AnsibleHelmModule
except ImportError:
    AnsibleHelmModule = None


class Helm:
    """Helm for one release; the module's parameters say which, where Helm is and how long it may take."""

    def __init__(self, module: t.Any) -> None:
        self.module = AnsibleHelmModule(module=module)

    def rollback(self, revision: int) -> None:
        """Back to a revision, without waiting for its pods. Raises HolmesError with Helm's reason."""
        params = self.module.params
        helm = self.module.get_bin_path(params["helm_binary"])
        if not helm:
            raise HolmesError(f"'{params['helm_binary']}' was not found on this host.", "Set holmes_helm_binary.")
        command = [helm, "rollback", params["release_name"], str(revision), "--namespace", params["namespace"]]
        command += ["--timeout", params["timeout"]]
        rc, out, err = _program.run(command, self.module.env_update)
        if rc != 0:
            reason = harmless(err or out) or "it gave no reason"
            message = f"Helm could not go back to revision {revision}: {reason}."
            raise HolmesError(message, "Mend what it names and run rollback.yml again.")

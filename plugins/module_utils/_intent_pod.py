# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values for the pod: security contexts, TLS of HolmesGPT's own server, whole Secrets as environment.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_keys import ChartKeys
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Request

RESTRICTED = "restricted"
# Any number but 0 would do; the image names no user of its own and would run as root (facts: 5, row 10; #1632).
USER = 10001

_TLS = {
    "secret": "secretName",
    "password_key": "keyfilePasswordSecretKey",
    "client_ca_key": "caCertsSecretKey",
}


def security(request: Request, keys: ChartKeys) -> Values:
    """What the Pod Security level ``restricted`` asks for, where the chart has the keys (since PR #1725)."""
    if request.pod_security != RESTRICTED:
        return {}
    user = {} if request.rbac.get("openshift") else {"runAsUser": USER, "runAsGroup": USER, "fsGroup": USER}
    wanted: Values = {
        # OpenShift gives every namespace a range of users and refuses others.
        "podSecurityContext": {"runAsNonRoot": True, **user, "seccompProfile": {"type": "RuntimeDefault"}},
        "containerSecurityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    # Without them render.pod_security tells what is missing.
    return {key: value for key, value in wanted.items() if keys.knows((key,))}


def server_tls(given: Values) -> Values:
    """The chart's ``tls``. Raises HolmesError for unknown keys or without the Secret's name."""
    if not given:
        return {}
    unknown = sorted(set(map(str, given)) - set(_TLS))
    if unknown or not given.get("secret"):
        wrong = f"has unknown keys: {', '.join(unknown)}" if unknown else "lacks 'secret'"
        raise HolmesError(f"holmes_server_tls {wrong}.", f"Known are {', '.join(_TLS)}; 'secret' names a TLS Secret.")
    return {"tls": {"enabled": True, **{_TLS[key]: value for key, value in given.items() if value}}}


def env_froms(names: t.Sequence[str], keys: ChartKeys) -> Values:
    """Whole Secrets as environment, by the name that this chart has for it (extraEnvVarsSecrets since PR #2253)."""
    if not names:
        return {}
    if keys.knows(("extraEnvVarsSecrets",)) or not keys.knows(("additional_env_froms",)):
        return {"extraEnvVarsSecrets": list(names)}
    return {"additional_env_froms": [{"secretRef": {"name": name}} for name in names]}

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An Ansible module with kubernetes.core's options for cluster access.

Private to this collection: it may change in any release.
"""

from __future__ import annotations

import copy
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import MISSING

try:
    from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
except ImportError:
    AUTH_ARG_SPEC = {}


def cluster_module(argument_spec: dict[str, t.Any], needs_client: bool = True, **options: t.Any) -> AnsibleModule:
    """The module, supporting check mode; ends with one sentence if the Python client is missing on the host.

    Without ``needs_client`` it goes on, for a module that tells more than that.
    """
    module = AnsibleModule(
        argument_spec={**copy.deepcopy(AUTH_ARG_SPEC), **argument_spec}, supports_check_mode=True, **options
    )
    if MISSING and needs_client:
        module.fail_json(**MISSING.as_result())
    return module

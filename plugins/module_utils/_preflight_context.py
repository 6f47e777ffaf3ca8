# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the checks before an installation may look at.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster
from ansible_collections.holmesgpt.onprem.plugins.module_utils._shared import NOBODY, Shared
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import Version

# {name of a Secret: {key: text}}: what this run will put into Secrets. Never print a text of it.
Secrets = t.Mapping[str, t.Mapping[str, str]]


@dataclass(frozen=True)
class Context:
    """Options of holmes_preflight by their names, and ways to what has to be asked for only once.

    ``cluster`` and ``rendered`` raise HolmesError (KubeError) to everyone who calls them; call them inside a task.
    """

    cluster: t.Callable[[], Cluster]
    rendered: t.Callable[[], Rendered]
    namespace: str = "holmes"
    release_name: str = "holmes"
    create_namespace: bool = True
    # Path of the chart on this host; empty if there is none to look into.
    chart: str = ""
    # Whether the chart's CRDs are left alone.
    skip_crds: bool = True
    # The values that will be deployed, whole; what the chart ships is not in them.
    values: Values = field(default_factory=dict)
    # HolmesGPT's version as far as it is known.
    server: Version | None = None
    cluster_domain: str = "cluster.local"
    secrets: Secrets = field(default_factory=dict)
    # {host, username, password} of the image registry, or empty. Never print the password.
    registry: t.Mapping[str, str] = field(default_factory=dict)
    # PEM files on this host with authorities; empty means those of the system.
    ca_file: str = ""
    registry_ca_file: str = ""
    chart_repo_url: str = ""
    chart_repo_ca_file: str = ""
    # Seconds that a pending release is given to finish.
    pending_grace: float = 300.0
    # Who asks servers outside of the cluster for several hosts.
    shared: Shared = NOBODY
    # Seconds for one request, and for one task.
    timeout: float = 10.0

    @property
    def patience(self) -> float:
        """Seconds for another host that asks a server already: its request. Then there is time for one of our own."""
        return self.timeout + 2

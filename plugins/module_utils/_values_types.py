# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shapes that travel between the steps of holmes_values.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, fields

from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_keys import ChartKeys
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import Version
from ansible_collections.holmesgpt.onprem.plugins.module_utils._yaml_text import Duplicate


@dataclass(frozen=True)
class Request:
    """What the user asks for: the options of holmes_values, by the same names."""

    chart: str
    chart_sha256: str = ""
    release_name: str = "holmes"
    namespace: str = "holmes"
    values_files: t.Sequence[str] = ()
    values: t.Any = None
    profile: str = "airgap"
    registry: str = ""
    image: str = ""
    image_pull_secrets: t.Sequence[str] = ()
    llm: Values = field(default_factory=dict)
    cluster_domain: str = "cluster.local"
    models: t.Any = None
    default_model: str = ""
    env: t.Any = None
    env_from_secrets: t.Sequence[str] = ()
    holmes_api_key: t.Any = None
    server_tls: Values = field(default_factory=dict)
    ca_file: str = ""
    rbac: Values = field(default_factory=dict)
    toolsets: t.Any = None
    resources: Values = field(default_factory=dict)
    pod_security: str = "chart"
    exceptions: t.Any = None
    rollout_token: str = ""
    # {alias: {max_model_len, strict}}: what the model server says of itself.
    learned: t.Any = None

    @classmethod
    def from_options(cls, options: t.Mapping[str, t.Any]) -> Request:
        """From a module's parameters; an option that is not given has its default here."""
        names = {item.name for item in fields(cls)}
        return cls(**{name: value for name, value in options.items() if name in names and value is not None})


@dataclass(frozen=True)
class Layer:
    """Values of one origin. ``label`` names it in a message; ``given`` tells the user's own from the profile's."""

    label: str
    values: Values
    duplicates: tuple[Duplicate, ...] = ()
    given: bool = True


@dataclass(frozen=True)
class Repair:
    """Something that was put right; belongs to the check ``id``. ``path`` is the key that was taken out or changed."""

    id: str
    path: tuple[str, ...]
    message: str
    fix: str


@dataclass(frozen=True)
class Rendered:
    """Answer of ``helm template``: manifests, or the reason why there are none."""

    manifests: tuple[dict[str, t.Any], ...] = ()
    error: str = ""
    # Helm was not found: nothing is known about the rendered chart.
    missing: str = ""

    @property
    def done(self) -> bool:
        return bool(self.manifests)


@dataclass(frozen=True)
class Case:
    """All that a rule may look at."""

    request: Request
    chart: Chart
    keys: ChartKeys
    server: Version | None
    layers: tuple[Layer, ...]
    values: Values
    repairs: tuple[Repair, ...] = ()
    # What was unset, and what was changed in the intent because of ``request.learned``.
    filled: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()
    # Input that could not be used, by the id of the check that reports it.
    problems: t.Mapping[str, HolmesError] = field(default_factory=dict)
    rendered: Rendered = field(default_factory=Rendered)

    def repairs_of(self, check: str) -> list[Repair]:
        return [repair for repair in self.repairs if repair.id == check]

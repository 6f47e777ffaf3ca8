# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that is checked before a change, at the same time.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import base64
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _chart,
    _preflight_certificates,
    _preflight_cluster,
    _preflight_endpoint,
    _preflight_gate,
    _preflight_host,
    _preflight_images,
    _preflight_model,
    _preflight_upgrade,
    _render,
    _secret,
    _settled,
    _values_source,
    _values_versions,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, WARN, Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Once, Task, run_all
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import Exceptions
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_client import Patience
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context, Secrets
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_host import Host
from ansible_collections.holmesgpt.onprem.plugins.module_utils._shared import Shared
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered, Request

PARTS = (
    _preflight_cluster,
    _preflight_images,
    _preflight_certificates,
    _preflight_endpoint,
    _preflight_upgrade,
    _preflight_model,
)
# Every check with its title; the docs have a section for each.
IDS: dict[str, str] = {
    **_preflight_host.IDS,
    **{id_: title for part in PARTS for id_, title in part.IDS.items()},
    **_preflight_gate.IDS,
}


@dataclass(frozen=True)
class Preflight:
    """One preflight. ``budget`` is what the model server will be asked, as a sentence."""

    context: Context
    tasks: t.Sequence[Task]
    exceptions: Exceptions
    gate: str
    budget: str
    autotune: bool
    chart: Chart

    def run(self) -> tuple[list[Check], dict[str, t.Any]]:
        """All checks, and what was learned of the model servers: {alias: {max_model_len, strict}}."""
        if self.gate == _preflight_gate.OFF:
            return _preflight_gate.switched_off(), {}
        checks = run_all(self.tasks)
        learned = _preflight_model.learned(checks)
        if self.autotune:
            checks = [_tuned(check, learned) for check in checks]
        return _preflight_gate.judged(checks, self.exceptions, self.gate, IDS), learned

    def settled(self) -> dict[str, t.Any]:
        """What holds if nothing is left to be done, else nothing; see _settled."""
        if self.gate == _preflight_gate.OFF:
            return {}
        return _settled.settled(self.context, self.chart.facts()).as_result()

    def difference(self) -> list[str]:
        """What the run would change in the objects, as lines of a diff without secrets; empty if nothing is known."""
        try:
            return _preflight_upgrade.difference(self.context)
        except KubeError:  # the checks of the upgrade say why
            return []


def prepare(params: t.Mapping[str, t.Any], host: Host) -> Preflight:
    """From the module's options. Raises HolmesError for input that cannot be used."""
    exceptions, probe = Exceptions.from_option(params["exceptions"]), params["llm_probe"]
    chart = _chart.read(params["chart"])
    context = _context(params, host, chart)
    found = _preflight_host.tasks(context, host)
    for part in PARTS[:-1]:
        found += part.tasks(context)
    chat = float(params["llm_timeout"])
    patience = Patience(listing=context.timeout, chat=chat, total=4 * chat, slow=chat / 2)
    found += _preflight_model.tasks(context, probe, patience) if probe != "none" else [_unasked()]
    asked = _preflight_model.models(context)
    budget = str(_preflight_model.budget(asked, probe)) if asked and "none" not in (probe, params["gate"]) else ""
    return Preflight(context, found, exceptions, params["gate"], budget, params["autotune"], chart)


def _context(params: t.Mapping[str, t.Any], host: Host, chart: Chart) -> Context:
    values = _values_source.from_file(params["values_file"]).values

    def rendered() -> Rendered:
        request = Request(chart=params["chart"], release_name=params["release_name"], namespace=params["namespace"])
        found = _render.render(request, values, host.path, host.run, host.folder)
        if not found.done:
            raise HolmesError(found.missing or found.error, "See values.* and render.* above.")
        return found

    return Context(
        cluster=Once(host.connect),
        rendered=Once(rendered),
        values=values,
        server=_values_versions.server_version(chart, values),
        secrets=_secrets(params),
        registry=params["registry"] if isinstance(params["registry"], dict) else {},
        shared=Shared(**params["shared"]),
        timeout=float(params["timeout"]),
        pending_grace=float(params["pending_grace"]),
        namespace=params["namespace"],
        release_name=params["release_name"],
        chart=params["chart"],
        skip_crds=params.get("skip_crds", True),
        create_namespace=params["create_namespace"],
        cluster_domain=params["cluster_domain"],
        ca_file=params["ca_file"] or "",
        registry_ca_file=params["registry_ca_file"] or "",
        chart_repo_url=params["chart_repo_url"] or "",
        chart_repo_ca_file=params["chart_repo_ca_file"] or "",
    )


def _secrets(params: t.Mapping[str, t.Any]) -> Secrets:
    """What this run will write into Secrets, in clear."""
    found: dict[str, dict[str, str]] = {}
    if params["secret_data"]:
        found[params["secret_name"]] = _clear(_secret.opaque_data(params["secret_data"], "holmes_secrets"))
    if params["registry"]:
        found[params["registry_secret_name"]] = _clear(_secret.registry_data(params["registry"]))
    return found


def _clear(data: t.Mapping[str, str]) -> dict[str, str]:
    return {key: base64.b64decode(text).decode("utf-8", "replace") for key, text in data.items()}


def _unasked() -> Task:
    id_, title = next(iter(_preflight_model.IDS.items()))
    message, fix = "The model server was not asked, because holmes_llm_probe is 'none'.", "Set holmes_llm_probe: quick."
    return Task(id_, title, lambda: [Check(id_, title, NOT_CHECKED, message, fix)])


def _tuned(check: Check, learned: t.Mapping[str, t.Any]) -> Check:
    """What this run puts right by itself does not stop it."""
    if check.status != FAIL or check.id not in ("llm.context", "llm.strict") or not learned:
        return check
    fix = "holmes_llm_autotune corrects it in this run; see values.autotune."
    return replace(check, status=WARN, fix=fix)

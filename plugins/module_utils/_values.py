# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""holmes_values without Ansible: from a request to values and checks.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace
from functools import cached_property

from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _autotune,
    _chart,
    _intent,
    _profile,
    _render,
    _render_view,
    _rules,
    _values_models,
    _values_source,
    _yaml_text,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_keys import ChartKeys
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError, digest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, merge, normalised, put
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_repair import repair
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secrets import (
    Literal,
    literals,
    mask_text,
    masked,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case, Layer, Rendered, Request
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import server_version

HEADER = "# Written by holmesgpt.onprem.holmes_values. Changes made here are lost; change the variables instead.\n"

Renderer = t.Callable[[Request, Values], Rendered]


@dataclass(frozen=True)
class Outcome:
    """``values`` is what Helm gets; ``result`` is what may be shown."""

    values: Values
    checks: list[Check]
    result: dict[str, t.Any]

    @cached_property
    def text(self) -> str:
        """The content of the values file."""
        return HEADER + _yaml_text.dump(self.values)


def build(request: Request, render: Renderer) -> Outcome:
    """Values for the request, judged. Raises HolmesError if they cannot even be put together."""
    case = _case(request)
    if not _render.illegal_names(request):
        case = replace(case, rendered=render(request, case.values))
    secrets = literals(case.values)
    checks = [_without(check, secrets) for check in _rules.judge(case)]
    shown = masked(case.values)
    result = {
        "chart_values": shown,
        # Over the values as they are: a text that only looks like a secret is deployed, and found again in the release.
        "values_sha256": digest(case.values),
        "chart": case.chart.facts(),
        "models": _hidden(sorted(_values_models.model_list(case.values)), secrets),
        "default_model": _hidden(_values_models.default_alias(case), secrets),
        "limits": _values_models.limits(case),
        "images": _hidden(list(_render_view.images(case.rendered)), secrets),
        "rbac_rules": _hidden(_render_view.rules(case.rendered), secrets),
    }
    return Outcome(case.values, checks, result)


def renderer(helm: str | None, run: _render.Run, folder: str | None = None) -> Renderer:
    """Renders with a Helm program; see _render.render."""
    return lambda request, values: _render.render(request, values, helm, run, folder)


def _case(request: Request) -> Case:
    chart = _chart.read(request.chart)
    keys = ChartKeys(chart)
    problems: dict[str, HolmesError] = {}
    files = [_values_source.from_file(path) for path in request.values_files]
    inline = _values_source.inline(request.values)
    # The version decides what the intent may set, and depends on the image that wins in the end.
    image: Values = {}
    for layer in [*files, Layer("", {"image": request.image} if request.image else {}), inline]:
        image = merge(image, {key: value for key, value in layer.values.items() if key == "image"})
    server = server_version(chart, image)
    learned = _autotune.tuned(request, server)
    request = learned.request
    profile = (
        [Layer("the air-gap profile", _profile.defaults(chart, keys), given=False)]
        if request.profile == _profile.AIRGAP
        else []
    )
    layers = [*profile, *files, *_intent.layers(request, keys, server, problems)]
    layers += [inline] if inline.values else []
    values: Values = {}
    for layer in layers:
        values = merge(values, layer.values)
    _values_source.written(values)
    values, repairs = repair(normalised(values), keys, server, problems)
    # Tells from the release itself which archive was meant: a rebuilt one of the same version differs here.
    put(values, ("global", "onprem"), {"chartSha256": chart.sha256})
    found = Case(request, chart, keys, server, tuple(layers), values, tuple(repairs), problems=problems)
    return replace(found, filled=learned.filled, corrected=learned.corrected)


def _without(check: Check, secrets: list[Literal]) -> Check:
    """A check whose sentences hold no secret, even if a rule or Helm quoted a value."""
    if not secrets:
        return check
    message, fix, evidence = (_hidden(part, secrets) for part in (check.message, check.fix, check.evidence))
    return replace(check, message=message, fix=fix, evidence=evidence)


def _hidden(data: t.Any, secrets: list[Literal]) -> t.Any:
    if isinstance(data, dict):
        return {_hidden(key, secrets): _hidden(value, secrets) for key, value in data.items()}
    if isinstance(data, list):
        return [_hidden(value, secrets) for value in data]
    return mask_text(data, secrets) if isinstance(data, str) else data

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Definitions of custom resources: those of a chart, and how they compare with those of a cluster. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Helm installs what lies in ``crds/`` when it is not there yet, and never looks at it again.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, meta, name_of, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, items, normalised

API = "/apis/apiextensions.k8s.io/v1"
GROUP, RESOURCE, KIND = "apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition"
MISSING, DIFFERENT, SAME = "missing", "different", "same"

_ENDINGS = (".yaml", ".yml", ".json")


def place(name: str = "") -> str:
    """The path of a definition, or of all of them."""
    return path_of(API, RESOURCE, name=name)


def of_chart(chart: Chart) -> list[Object]:
    """The definitions in ``crds/`` of the chart and of charts in it, by name. Raises HolmesError for broken YAML."""
    found: dict[str, Object] = {}
    for name, text in chart.files.items():
        if name.startswith("crds/") and name.endswith(_ENDINGS):
            for document in _yaml_text.load_all(text, f"{name} of chart {chart}"):
                if isinstance(document.data, dict) and document.data.get("kind") == KIND:
                    found[name_of(document.data)] = document.data
    for inner in chart.subcharts.values():
        found.update({name_of(one): one for one in of_chart(inner)})
    return [found[name] for name in sorted(found)]


def state(wanted: Object, live: Object | None) -> str:
    """``missing``, ``different`` or ``same``: only the specification counts."""
    if live is None:
        return MISSING
    return SAME if spec(wanted) == spec(live) else DIFFERENT


def dropped(wanted: Object, live: Object | None) -> list[str]:
    """Versions in which the cluster has stored objects and which the wanted definition no longer knows.

    The API server refuses such an update; objects of that version could not be read any more.
    """
    known = {str(get(version, ("name",))) for version in items(get(wanted, ("spec", "versions")))}
    return [str(name) for name in items(get(live, ("status", "storedVersions"))) if str(name) not in known]


def is_established(live: Object | None) -> bool:
    """Whether the API server serves it."""
    return condition(live, "Established").get("status") == "True"


def condition(live: Object | None, kind: str) -> Object:
    """A condition of a definition; empty if it has none of that type."""
    found = [one for one in items(get(live, ("status", "conditions"))) if get(one, ("type",)) == kind]
    return dict(found[-1]) if found else {}


def update(wanted: Object, live: Object) -> Object:
    """The merge patch that gives the cluster's definition the wanted specification, and nothing else.

    Labels and status stay. It is refused (409) if somebody else has written in between.
    """
    version = meta(live).get("resourceVersion")
    spec = _merge(dict(live.get("spec") or {}), _filled(wanted))
    return {"metadata": {"resourceVersion": version}, "spec": spec}


def _merge(old: Object, new: Object) -> Object:
    """A merge patch: what is gone becomes None, lists are replaced."""
    found: Object = {key: None for key in old if key not in new}
    for key, value in new.items():
        before = old.get(key)
        found[key] = _merge(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return found


def _filled(definition: Object) -> Object:
    """The specification with what the API server fills in (apiextensions.k8s.io/v1)."""
    spec = dict(definition.get("spec") or {})
    names = dict(spec.get("names") or {})
    kind = str(names.get("kind") or "")
    names = {"singular": kind.lower(), "listKind": f"{kind}List", **{key: one for key, one in names.items() if one}}
    return {**spec, "names": names, "conversion": spec.get("conversion") or {"strategy": "None"}}


def spec(definition: Object) -> t.Any:
    """The specification in a form in which equal ones are equal."""
    return _full(normalised(_filled(definition)))


def _full(data: t.Any) -> t.Any:
    """Without what is empty, as the API server leaves it out; a default of a schema may be empty by right."""
    if isinstance(data, dict):
        kept = {key: value for key, value in data.items() if key == "default" or not _is_empty(value)}
        return {key: value if key == "default" else _full(value) for key, value in kept.items()}
    return [_full(entry) for entry in data] if isinstance(data, list) else data


def _is_empty(value: t.Any) -> bool:
    return value is None or value is False or value in ("", [])

# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of the double: made, found, changed, linked. Ids are shared by all kinds that can be launched."""

from __future__ import annotations

import itertools
import typing as t

Object = dict[str, t.Any]
API = "/api/v2"
TYPES: t.Mapping[str, str] = {
    "organizations": "organization",
    "execution_environments": "execution_environment",
    "credential_types": "credential_type",
    "credentials": "credential",
    "projects": "project",
    "inventories": "inventory",
    "inventory_sources": "inventory_source",
    "job_templates": "job_template",
    "workflow_job_templates": "workflow_job_template",
    "workflow_job_template_nodes": "workflow_job_template_node",
    "workflow_approval_templates": "workflow_approval_template",
    "schedules": "schedule",
}
UNIFIED = ("projects", "inventory_sources", "job_templates", "workflow_job_templates", "workflow_approval_templates")
ENCRYPTED = "$encrypted$"
# AWX's defaults of fields that awx.awx reads back.
DEFAULTS: t.Mapping[str, Object] = {
    "inventories": {"kind": "", "host_filter": None, "variables": ""},
    "projects": {"scm_revision": "", "scm_branch": "", "allow_override": False},
    "job_templates": {"job_slice_count": 1, "limit": "", "extra_vars": "", "diff_mode": False, "survey_enabled": False},
    "workflow_job_templates": {"limit": None, "extra_vars": "", "survey_enabled": False, "ask_limit_on_launch": False},
    "workflow_job_template_nodes": {"unified_job_template": None, "limit": None, "extra_data": {}},
    "schedules": {"enabled": True, "extra_data": {}},
}
KUBERNETES: Object = {
    "name": "OpenShift or Kubernetes API Bearer Token",
    "kind": "kubernetes",
    "managed": True,
    "inputs": {
        "fields": [
            {"id": "host", "label": "API server", "type": "string"},
            {"id": "bearer_token", "label": "Token", "type": "string", "secret": True},
            {"id": "verify_ssl", "label": "Verify", "type": "boolean"},
            {"id": "ssl_ca_cert", "label": "Authority", "type": "string", "secret": True, "multiline": True},
        ]
    },
    "injectors": {},
}


class Store:
    """What an AWX holds after its installation, and what is made since."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self.kinds: dict[str, dict[int, Object]] = {kind: {} for kind in TYPES}
        self.links: dict[tuple[str, int, str], list[int]] = {}
        self.surveys: dict[int, Object] = {}
        self.make("organizations", {"name": "Default"})
        self.make("credential_types", KUBERNETES)

    def make(self, kind: str, data: Object) -> Object:
        number = next(self._ids)
        url = f"{API}/{kind}/{number}/"
        related = {"survey_spec": f"{url}survey_spec/"} if kind.endswith("job_templates") else {}
        made = {**DEFAULTS.get(kind, {}), **data, "id": number, "type": TYPES[kind], "url": url}
        self.kinds[kind][number] = {**made, "related": related, "summary_fields": {}}
        return self.kinds[kind][number]

    def find(self, kind: str, wanted: t.Mapping[str, str]) -> list[Object]:
        """Objects that have all of the fields, or one of those that begin with or__."""
        kinds = UNIFIED if kind == "unified_job_templates" else (kind,)
        objects = [found for name in kinds for found in self.kinds[name].values()]
        either = {name.removeprefix("or__"): value for name, value in wanted.items() if name.startswith("or__")}
        every = {name: value for name, value in wanted.items() if not name.startswith("or__")}
        found = [thing for thing in objects if all(str(thing.get(name)) == value for name, value in every.items())]
        if either:
            found = [thing for thing in found if any(str(thing.get(name)) == value for name, value in either.items())]
        return found

    def one(self, kind: str, number: int) -> Object | None:
        return self.kinds.get(kind, {}).get(number)

    def linked(self, kind: str, number: int, name: str) -> list[int]:
        return self.links.setdefault((kind, number, name), [])

    def secret_fields(self, credential_type: t.Any) -> set[str]:
        kind = self.one("credential_types", int(credential_type)) or {}
        return {str(field["id"]) for field in kind["inputs"]["fields"] if field.get("secret")}

    def shown(self, kind: str, thing: Object) -> Object:
        """As AWX gives it back: without the secrets of a credential."""
        if kind != "credentials":
            return thing
        secret = self.secret_fields(thing["credential_type"])
        inputs = {name: ENCRYPTED if name in secret and value else value for name, value in thing["inputs"].items()}
        return {**thing, "inputs": inputs}

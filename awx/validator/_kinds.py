# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of objects, and the fields of each that the playbook hands on. A field that is not here would be lost."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

BOOL, INT, TEXT, LIST, MAPPING = "yes or no", "a whole number", "text", "a list of texts", "a mapping"


@dataclass(frozen=True)
class Kind:
    """Fields by their type, those that must not miss, and of which kind the object is that a field names."""

    fields: t.Mapping[str, str]
    required: tuple[str, ...]
    references: t.Mapping[str, str] = field(default_factory=dict)


def _fields(text: str, flags: str = "", numbers: str = "", lists: str = "", mappings: str = "") -> dict[str, str]:
    groups = ((text, TEXT), (flags, BOOL), (numbers, INT), (lists, LIST), (mappings, MAPPING))
    return {name: kind for names, kind in groups for name in names.split()}


KINDS: t.Mapping[str, Kind] = {
    "execution_environments": Kind(
        _fields("name description organization image credential pull"),
        ("name", "organization", "image"),
    ),
    "credential_types": Kind(
        _fields("name description kind", mappings="inputs injectors"),
        ("name", "kind", "inputs", "injectors"),
    ),
    "credentials": Kind(
        _fields("name description organization credential_type", mappings="inputs"),
        ("name", "organization", "credential_type", "inputs"),
    ),
    "projects": Kind(
        _fields(
            "name description organization scm_type scm_url scm_branch credential",
            flags="scm_clean scm_update_on_launch allow_override",
            numbers="scm_update_cache_timeout",
        ),
        ("name", "organization", "scm_type", "scm_url"),
    ),
    "inventories": Kind(
        _fields("name description organization", mappings="variables"),
        ("name", "organization"),
    ),
    "inventory_sources": Kind(
        _fields(
            "name description organization inventory source source_project source_path execution_environment",
            flags="overwrite overwrite_vars update_on_launch",
        ),
        ("name", "organization", "inventory", "source", "source_project", "source_path"),
        {
            "inventory": "inventories",
            "source_project": "projects",
            "execution_environment": "execution_environments",
        },
    ),
    "job_templates": Kind(
        _fields(
            "name description organization project inventory execution_environment playbook job_type limit",
            flags="ask_limit_on_launch ask_forks_on_launch ask_verbosity_on_launch ask_job_slice_count_on_launch"
            " ask_variables_on_launch diff_mode survey_enabled",
            numbers="job_slice_count forks timeout",
            lists="credentials",
            mappings="survey_spec extra_vars",
        ),
        ("name", "organization", "project", "inventory", "execution_environment", "playbook", "job_type"),
        {
            "project": "projects",
            "inventory": "inventories",
            "execution_environment": "execution_environments",
            "credentials": "credentials",
        },
    ),
    "workflows": Kind(
        _fields(
            "name description organization inventory limit",
            flags="ask_limit_on_launch ask_variables_on_launch survey_enabled",
            mappings="survey_spec extra_vars",
        ),
        ("name", "organization"),
        {"inventory": "inventories"},
    ),
    "workflow_nodes": Kind(
        _fields(
            "workflow identifier template limit",
            lists="success_nodes failure_nodes always_nodes",
            mappings="approval extra_data",
        ),
        ("workflow", "identifier"),
        {"workflow": "workflows", "template": "job_templates"},
    ),
    "schedules": Kind(
        _fields(
            "name description organization template rrule limit",
            flags="enabled",
            mappings="extra_data",
        ),
        ("name", "organization", "template", "rrule"),
    ),
}

# Kinds that AWX looks up together by their names.
LAUNCHED = ("projects", "inventory_sources", "job_templates", "workflows")

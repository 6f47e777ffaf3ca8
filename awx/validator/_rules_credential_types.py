# SPDX-License-Identifier: GPL-3.0-or-later
"""Credential types: what AWX takes, and what awx.awx stores as it was meant."""

from __future__ import annotations

import re
import typing as t

from ._world import Entry, Finding, Unsafe, World

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_FILE = re.compile(r"template(\.[A-Za-z_][A-Za-z0-9_]*)?\Z")
_REFERENCE = re.compile(r"\{\{ *([^{}]*?) *\}\}")
_INJECTORS = ("env", "extra_vars", "file")
# What AWX refuses beside ANSIBLE_*, and what would change any program.
_STEERING = {
    *("VIRTUAL_ENV", "PATH", "PYTHONPATH", "HOME", "USER", "SHELL", "LD_PRELOAD", "LD_LIBRARY_PATH"),
    *("JOB_ID", "INVENTORY_ID", "INVENTORY_SOURCE_ID", "INVENTORY_UPDATE_ID", "AD_HOC_COMMAND_ID", "REST_API_URL"),
    *("REST_API_TOKEN", "MAX_EVENT_RES", "CALLBACK_QUEUE", "CALLBACK_CONNECTION", "CACHE", "JOB_CALLBACK_DEBUG"),
    *("INVENTORY_HOSTVARS", "AWX_HOST", "PROJECT_REVISION", "SUPERVISOR_CONFIG_PATH"),
}
_SOUNDS_SECRET = re.compile(r"(password|token|secret|key)\Z")


def fields_of(entry: Entry) -> list[dict[str, t.Any]]:
    """The input fields of a type, as far as they are mappings."""
    inputs = entry.data.get("inputs")
    fields = inputs.get("fields") if isinstance(inputs, dict) else None
    return [field for field in fields if isinstance(field, dict)] if isinstance(fields, list) else []


def kind(world: World) -> t.Iterator[Finding]:
    """AWX takes two kinds from outside."""
    for entry in world.of("credential_types"):
        if entry.data.get("kind") not in ("cloud", "net"):
            yield entry.wrong(f"AWX takes no type of kind '{entry.data.get('kind')}'.", "Use cloud.")


def inputs(world: World) -> t.Iterator[Finding]:
    """Fields have an id, a label and a type; what sounds secret is marked so."""
    for entry in world.of("credential_types"):
        fields = fields_of(entry)
        ids = [field.get("id") for field in fields]
        if not fields:
            yield entry.wrong("inputs has no fields.", "Give at least one with id, label and type.")
        for field in fields:
            yield from _field(entry, field)
        for name in sorted({str(name) for name in ids if ids.count(name) > 1}):
            yield entry.wrong(f"field '{name}' stands twice.", "Rename one.")
        required = (entry.data.get("inputs") or {}).get("required", [])
        for name in required if isinstance(required, list) else [required]:
            if name not in ids:
                yield entry.wrong(f"required names '{name}', which is no field.", "Add the field, or take it away.")


def _field(entry: Entry, field: dict[str, t.Any]) -> t.Iterator[Finding]:
    name = str(field.get("id"))
    if not _NAME.match(name) or name == "tower":
        yield entry.wrong(f"field '{name}': this is no id.", "Use letters, digits and '_', and not 'tower'.")
    if not isinstance(field.get("label"), str):
        yield entry.wrong(f"field '{name}' has no label.", "Give it one.")
    if field.get("type", "string") not in ("string", "boolean"):
        yield entry.wrong(f"field '{name}': '{field.get('type')}' is no type.", "Use string or boolean.")
    if _SOUNDS_SECRET.search(name) and field.get("secret") is not True:
        yield entry.wrong(f"field '{name}' sounds like a secret and is shown.", "Set secret: true.")


def leaves(entry: Entry) -> t.Iterator[tuple[str, str, t.Any]]:
    """Each injector with its kind and name. What is no mapping has none."""
    injectors = entry.data.get("injectors")
    for group, content in injectors.items() if isinstance(injectors, dict) else ():
        for name, value in content.items() if isinstance(content, dict) else ():
            yield str(group), str(name), value


def injectors(world: World) -> t.Iterator[Finding]:
    """Each leaf is text marked !unsafe; a mark on the mapping stores nothing."""
    for entry in world.of("credential_types"):
        given = entry.data.get("injectors")
        for group, content in given.items() if isinstance(given, dict) else ():
            if group not in _INJECTORS:
                yield entry.wrong(f"'{group}' is no injector.", f"Choose from {', '.join(_INJECTORS)}.")
            elif not isinstance(content, dict):
                yield entry.wrong(
                    f"injectors.{group} is stored empty.", "Put !unsafe before each text, not before the mapping."
                )
        for group, name, value in leaves(entry):
            if not isinstance(value, str):
                yield entry.wrong(f"injectors.{group}.{name} is no text.", "Put it into quotes.")
            elif not isinstance(value, Unsafe):
                yield entry.wrong(
                    f"injectors.{group}.{name} would be filled in by Ansible.", "Put !unsafe before the text."
                )


def names(world: World) -> t.Iterator[Finding]:
    """No environment that steers Ansible or AWX, no illegal names."""
    for entry in world.of("credential_types"):
        for group, name, _value in leaves(entry):
            if group == "file":
                if not _FILE.match(name):
                    yield entry.wrong(f"'{name}' is no name of a file.", "Use template, or template.NAME.")
            elif not _NAME.match(name):
                yield entry.wrong(f"'{name}' is no name of a variable.", "Use letters, digits and '_'.")
            elif group == "env" and (name.startswith("ANSIBLE_") or name in _STEERING):
                yield entry.wrong(f"AWX does not let a credential set {name}.", "Use a name of your own.")


def references(world: World) -> t.Iterator[Finding]:
    """Plain Jinja over the type's own fields and files."""
    for entry in world.of("credential_types"):
        ids = {str(field.get("id")) for field in fields_of(entry)}
        files = {name.rpartition("template.")[2] for group, name, _value in leaves(entry) if group == "file"}
        known = ids | {f"tower.filename.{name}" if name != "template" else "tower.filename" for name in files}
        for group, name, value in leaves(entry):
            for used in _REFERENCE.findall(str(value)):
                if used not in known:
                    yield entry.wrong(
                        f"injectors.{group}.{name} uses '{used}'.",
                        f"Plain Jinja knows {', '.join(sorted(known)) or 'nothing'}.",
                    )
        used_ids = {used for _group, _name, value in leaves(entry) for used in _REFERENCE.findall(str(value))}
        for name in sorted(ids - used_ids):
            yield entry.wrong(f"nothing is made of field '{name}'.", "Add an injector, or take the field away.")


def texts(world: World) -> t.Iterator[Finding]:
    """Only paths stay what they are as extra variables: ansible-core reads the others like any YAML from 2.19 on."""
    for entry in world.of("credential_types"):
        for group, name, value in leaves(entry):
            used = _REFERENCE.findall(str(value))
            if group == "extra_vars" and not (used and used[0].startswith("tower.filename")):
                yield entry.wrong(
                    f"injectors.extra_vars.{name}: a text that looks like a number would arrive as one.",
                    "Inject it as env, and look it up in the inventory.",
                )


RULES = (kind, inputs, injectors, names, references, texts)

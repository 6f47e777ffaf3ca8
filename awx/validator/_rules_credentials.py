# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials: no secret in a file, none that a later run would empty, and API servers that are verified."""

from __future__ import annotations

import re
import typing as t

from ._rules_credential_types import fields_of
from ._world import Entry, Finding, Template, World

KUBERNETES = "OpenShift or Kubernetes API Bearer Token"
# Types that AWX brings, with their fields: whether one is secret.
BUILT_IN: t.Mapping[str, t.Mapping[str, bool]] = {
    KUBERNETES: {"host": False, "bearer_token": True, "verify_ssl": False, "ssl_ca_cert": True},
    "Vault": {"vault_password": True, "vault_id": False},
    "Machine": {"username": False, "password": True, "ssh_key_data": True, "ssh_key_unlock": True},
    "Source Control": {"username": False, "password": True, "ssh_key_data": True, "ssh_key_unlock": True},
    "Container Registry": {"host": False, "username": False, "password": True, "verify_ssl": False},
}
_LOOKUP = re.compile(r"\{\{ *lookup\('ansible\.builtin\.env', '[A-Z_][A-Z0-9_]*'\) *\}\}\Z")


def _known(world: World, entry: Entry) -> t.Mapping[str, bool] | None:
    """Fields of the credential's type by whether they are secret; None for a type that nobody has described."""
    name = entry.data.get("credential_type")
    kind = world.one("credential_types", name)
    if kind is None:
        return BUILT_IN.get(str(name))
    return {str(field.get("id")): field.get("secret") is True for field in fields_of(kind)}


def _inputs(entry: Entry) -> dict[str, t.Any]:
    inputs = entry.data.get("inputs")
    return inputs if isinstance(inputs, dict) else {}


def types(world: World) -> t.Iterator[Finding]:
    """The type exists, here or in AWX, and has the fields that are filled in."""
    for entry in world.of("credentials"):
        known = _known(world, entry)
        if known is None:
            names = sorted(world.names("credential_types")) + sorted(BUILT_IN)
            yield entry.wrong(
                f"there is no type '{entry.data.get('credential_type')}'.", f"Choose from {', '.join(names)}."
            )
            continue
        for name in sorted(set(_inputs(entry)) - set(known)):
            yield entry.wrong(f"the type has no field '{name}'.", f"Choose from {', '.join(known)}.")


def required(world: World) -> t.Iterator[Finding]:
    """Without what the type requires no job of it starts."""
    for entry in world.of("credentials"):
        kind = world.one("credential_types", entry.data.get("credential_type"))
        for name in ((kind.data.get("inputs") or {}).get("required") or []) if kind else []:
            if _inputs(entry).get(name) in (None, ""):
                yield entry.wrong(f"'{name}' is required and misses.", "Fill it in.")


def secrets(world: World) -> t.Iterator[Finding]:
    """A secret comes from the environment; what is none does not, or a run without it would empty it."""
    for entry in world.of("credentials"):
        for name, secret in (_known(world, entry) or {}).items():
            value = _inputs(entry).get(name)
            from_environment = isinstance(value, Template) and bool(_LOOKUP.match(value))
            if secret and value is not None and not from_environment:
                yield entry.wrong(
                    f"'{name}' is a secret and stands in the file.",
                    "Write \"{{ lookup('ansible.builtin.env', 'NAME') }}\".",
                )
            if not secret and isinstance(value, Template):
                yield entry.wrong(
                    f"'{name}' is no secret: a run without that environment would empty it.", "Make it a setting."
                )


def verified(world: World) -> t.Iterator[Finding]:
    """AWX leaves the API server unverified if the credential has no authority, whatever verify_ssl says."""
    for entry in world.of("credentials"):
        inputs = _inputs(entry)
        if entry.data.get("credential_type") != KUBERNETES:
            continue
        if inputs.get("verify_ssl") is not True or not inputs.get("ssl_ca_cert"):
            yield entry.wrong(
                "jobs would not verify the API server.",
                "Set verify_ssl: true and give ssl_ca_cert, also for a public authority.",
            )


RULES = (types, required, secrets, verified)

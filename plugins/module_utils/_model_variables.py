# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text behind ``{{ env.NAME }}`` in a model's entry: from the values, from this run's Secrets, from the cluster.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import base64
import binascii
import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, KubeError, Object, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import env_entry, get, items
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_models import (
    ENV_REFERENCE,
    SHORT_REFERENCE,
    references,
)


class Unknown(HolmesError):
    """A variable whose text cannot be had here."""


class Variables:
    """Fills variables in. Each Secret and ConfigMap is read from the cluster at most once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._read: dict[tuple[str, str], Object] = {}

    def filled(self, data: t.Any) -> t.Any:
        """Data with every reference replaced; raises :class:`Unknown`."""
        if isinstance(data, dict):
            return {key: self.filled(value) for key, value in data.items()}
        if isinstance(data, list):
            return [self.filled(value) for value in data]
        if not isinstance(data, str):
            return data
        short = SHORT_REFERENCE.match(data)
        return self._text(short.group(1)) if short else ENV_REFERENCE.sub(lambda found: self._text(found[1]), data)

    def _text(self, name: str) -> str:
        entry = env_entry(self._context.values, name)
        if entry is None:
            return self._from_whole_secrets(name)
        origin = get(entry, ("valueFrom",))
        if not origin:
            return str(entry.get("value") or "")
        for field, kind in (("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")):
            place = get(origin, (field,))
            if isinstance(place, dict):
                return self._from_object(kind, str(place.get("name")), str(place.get("key")))
        raise Unknown(
            f"The variable {name} comes from {', '.join(map(str, origin))}, which only the pod knows.",
            "Write it in clear, or take it from a Secret.",
        )

    def _from_object(self, kind: str, name: str, key: str) -> str:
        data = self._data(kind, name)
        if key not in data:
            raise Unknown(
                f"{kind} {name} has no key '{key}'.", f"Add it there, or correct the key's name ({_GIVEN[kind]})."
            )
        return str(data[key])

    def _from_whole_secrets(self, variable: str) -> str:
        """Of Secrets that become variables as a whole; Kubernetes takes the last that has the name."""
        values = self._context.values
        names = [str(name) for name in items(values.get("extraEnvVarsSecrets"))]
        froms = [get(item, ("secretRef", "name")) for item in items(values.get("additional_env_froms"))]
        for name in reversed([*names, *(name for name in froms if isinstance(name, str))]):
            data = self._data("Secret", name)
            if variable in data:
                return str(data[variable])
        raise Unknown(f"Nothing gives the variable {variable}.", f"Set {variable} in holmes_env.")

    def _data(self, kind: str, name: str) -> Object:
        if kind == "Secret" and name in self._context.secrets:
            return dict(self._context.secrets[name])
        if (kind, name) not in self._read:
            self._read[kind, name] = self._from_cluster(kind, name)
        return self._read[kind, name]

    def _from_cluster(self, kind: str, name: str) -> Object:
        namespace, resource = self._context.namespace, f"{kind.lower()}s"
        try:
            found = self._context.cluster().get(path_of(CORE, resource, namespace, name))
        except KubeError as error:
            raise _unreadable(kind, name, namespace, error) from error
        data = dict(found.get("data") or {})
        return data if kind == "ConfigMap" else {key: _decoded(text) for key, text in data.items()}


_GIVEN = {"Secret": "holmes_llm_api_key, holmes_env", "ConfigMap": "holmes_env"}


def _unreadable(kind: str, name: str, namespace: str, error: KubeError) -> Unknown:
    if error.status == 404:
        given = ", and this run does not bring it" if kind == "Secret" else ""
        fix = "Give it in holmes_secrets, or create it." if kind == "Secret" else "Create it."
        return Unknown(f"There is no {kind} {name} in namespace {namespace}{given}.", fix)
    if error.forbidden:
        fix = f"Grant this account 'get {kind.lower()}s' in namespace {namespace}"
        return Unknown(
            f"{kind} {name} in namespace {namespace} may not be read by this account.",
            f"{fix}, or give the Secret in holmes_secrets." if kind == "Secret" else f"{fix}.",
        )
    return Unknown(error.msg, error.fix or "Check the way to the cluster (holmes_kubeconfig).")


def _decoded(text: t.Any) -> str:
    try:
        return base64.b64decode(str(text)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def source(context: Context, data: t.Any) -> str:
    """Where a text comes from, for people; never the text itself."""
    names = [reference.name for reference in references(data)]
    if not names:
        return "the one in the values"
    origin = get(env_entry(context.values, names[0]) or {}, ("valueFrom", "secretKeyRef"))
    if isinstance(origin, dict):
        return f"key '{origin.get('key')}' of Secret {origin.get('name')}"
    return f"the variable {re.sub('[^A-Za-z0-9_]', '', names[0])}"

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How one pod specification differs from another. Pure functions over objects; no value of a variable comes out.

Private to this collection: it may change in any release. Imports nothing of Ansible.

What the API server fills in is no difference: of a mapping only what the first one says counts. But lists of variables,
volumes and containers have no defaults, so an entry more is one that somebody added.
"""

from __future__ import annotations

import typing as t
from functools import partial

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _quantity
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, items

CHANGED, ADDED, MISSING = "changed", "added", "missing"

_SPEC = ("serviceAccountName", "securityContext", "hostNetwork", "hostPID", "hostIPC", "runtimeClassName")
_CONTAINER = ("image", "command", "args", "workingDir", "securityContext", "resources")
# One more key in these is a change; anywhere else it may be a default.
_STRICT = ("resources", "securityContext")
# Where 0 and false are not what an absent field means.
_POWERS = "securityContext"
# The one default in a container's securityContext (Kubernetes 1.33 and later show it).
_DEFAULTS = {"procMount": "Default"}
_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105  # where every pod has its token

Same = t.Callable[[t.Any, t.Any], bool]


class Difference(t.NamedTuple):
    """``what`` differs ("variable MODEL") and ``how``; empty ``container`` means the pod as a whole."""

    container: str
    what: str
    how: str

    @property
    def told(self) -> str:
        return f"{self.what} {self.how}"


def differences(said: Object, live: Object, *, pod: bool = False) -> list[Difference]:
    """What ``live`` has other than ``said``, both ``spec`` of a pod.

    ``pod``: ``live`` is a running pod, in which admission puts the account's token and pull Secrets, OpenShift a
    securityContext, and a LimitRange resources.
    """
    found = [*_fields("", _SPEC, said, live)]
    found += _entries("", "volume", _by(said, "volumes"), _by(live, "volumes"), _same_volume)
    found += _entries("", "pull Secret", _by(said, "imagePullSecrets"), _by(live, "imagePullSecrets"), covers)
    for kind in ("initContainers", "containers"):
        ours, theirs = _by(said, kind), _by(live, kind)
        found += _entries("", "container", ours, theirs, lambda _said, _live: True)
        for name in ours.keys() & theirs.keys():
            found += _container(name, ours[name], theirs[name])
    usual = _token_volumes(live)
    return sorted(one for one in found if not (pod and _of_admission(one, usual)))


def _container(name: str, said: Object, live: Object) -> t.Iterator[Difference]:
    yield from _fields(name, _CONTAINER, said, live)
    yield from _entries(name, "variable", _by(said, "env"), _by(live, "env"), _same_variable)
    mounts = (_by(said, "volumeMounts", "mountPath"), _by(live, "volumeMounts", "mountPath"))
    yield from _entries(name, "mount", *mounts, covers)
    yield from _entries(name, "envFrom", _sources(said), _sources(live), covers)


def _fields(container: str, names: t.Iterable[str], said: Object, live: Object) -> t.Iterator[Difference]:
    for name in names:
        ours, theirs = said.get(name), live.get(name)
        if not is_empty(ours) and is_empty(theirs):
            yield Difference(container, name, MISSING)
        elif not is_empty(ours) and not covers(ours, theirs, strict=name == _POWERS):
            yield Difference(container, name, CHANGED)
        elif _more(name, ours or {}, theirs or {}):
            powers = _powers(ours or {}, theirs or {}) if name == _POWERS else ""
            yield Difference(container, f"{name} ({powers})" if powers else name, ADDED)


def _more(name: str, said: t.Any, live: t.Any) -> bool:
    """Whether there is more than was said."""
    if name in _STRICT and isinstance(said, dict) and isinstance(live, dict):
        return any(
            _DEFAULTS.get(key) != value if key not in said else _more(name, said[key], value)
            for key, value in live.items()
            if not is_empty(value, strict=name == _POWERS)
        )
    strict = name == _POWERS
    return is_empty(said, strict=strict) and not is_empty(live, strict=strict)


def _powers(said: Object, live: Object) -> str:
    """What makes a container mightier than was said; empty if nothing does."""
    found = [key for key in ("privileged", "allowPrivilegeEscalation") if live.get(key) and not said.get(key)]
    if live.get("runAsUser") == 0 != said.get("runAsUser"):
        found.append("runAsUser: 0")
    if get(live, ("capabilities", "add")) and not get(said, ("capabilities", "add")):
        found.append("capabilities.add")
    return ", ".join(found)


def _entries(
    container: str, kind: str, said: t.Mapping[str, t.Any], live: t.Mapping[str, t.Any], same: Same
) -> t.Iterator[Difference]:
    for name, one in said.items():
        if name not in live:
            yield Difference(container, f"{kind} {name}", MISSING)
        elif not same(one, live[name]):
            yield Difference(container, f"{kind} {name}", CHANGED)
    yield from (Difference(container, f"{kind} {name}", ADDED) for name in live if name not in said)


def _by(spec: Object, key: str, name: str = "name") -> dict[str, Object]:
    """A list of named entries as a mapping; of several with one name the last one counts, as for Kubernetes."""
    return {str(one.get(name)): one for one in items(spec.get(key)) if isinstance(one, dict)}


def _sources(container: Object) -> dict[str, Object]:
    """``envFrom`` by what it names."""
    found = {}
    for one in items(container.get("envFrom")):
        for kind in ("configMapRef", "secretRef"):
            if isinstance(one, dict) and isinstance(one.get(kind), dict):
                found[f"{kind} {one[kind].get('name')}"] = one
    return found


def _same_variable(said: Object, live: Object) -> bool:
    ours, theirs = said.get("valueFrom"), live.get("valueFrom")
    if ours or theirs:
        return bool(ours and theirs) and covers(ours, theirs)
    return str(said.get("value") or "") == str(live.get("value") or "")


def _same_volume(said: Object, live: Object) -> bool:
    ours, theirs = said.keys() - {"name"} or {"emptyDir"}, live.keys() - {"name"} or {"emptyDir"}
    return ours == theirs and covers(said, live)


def covers(said: t.Any, live: t.Any, *, strict: bool = False) -> bool:
    """Whether ``live`` holds all that ``said`` does; ``1000m`` is ``1``, and an empty thing may be absent.

    ``strict``: what is 0 or false may not.
    """
    same = partial(covers, strict=strict)
    if isinstance(said, dict):
        return isinstance(live or {}, dict) and all(same(one, (live or {}).get(key)) for key, one in said.items())
    if isinstance(said, list):
        theirs = live or []
        return isinstance(theirs, list) and len(said) == len(theirs) and all(map(same, said, theirs))
    if said == live or (live is None and is_empty(said, strict=strict)):
        return True
    number = _quantity.parse(said)
    return number is not None and number == _quantity.parse(live)


def is_empty(value: t.Any, *, strict: bool = False) -> bool:
    """The API server drops empty text and lists; 0 and false it keeps where they mean something (``strict``)."""
    return value is None or value in ("", {}, []) or (not strict and value in (0, False))


def _token_volumes(live: Object) -> set[str]:
    """The volumes that hold the account's token."""
    containers = [*items(live.get("initContainers")), *items(live.get("containers"))]
    mounts = [mount for one in containers for mount in items(one.get("volumeMounts"))]
    return {f"volume {mount.get('name')}" for mount in mounts if mount.get("mountPath") == _TOKEN}


def _of_admission(one: Difference, usual: set[str]) -> bool:
    """What every cluster puts into every pod."""
    kind = one.what.partition(" ")[0]
    return one.how == ADDED and (
        one.what in ("serviceAccountName", *_STRICT)
        or kind == "pull"
        or one.what in usual
        or one.what == f"mount {_TOKEN}"
    )

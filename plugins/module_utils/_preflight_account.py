# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rights of the account in use: what a right is, and what the API server answers about many of them.

Private to this collection: it may change in any release. Imports nothing of Ansible. Access reviews store nothing.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster, KubeError, Object
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import create
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_many import many

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
ALL = "*"


@dataclass(frozen=True, order=True)
class Right:
    """A verb on a resource (``pods`` or ``pods/log``), or on a ``url`` that is no resource.

    ``namespace`` is empty for the whole cluster, ``name`` for all objects.
    """

    verb: str
    resource: str = ""
    group: str = ""
    namespace: str = ""
    name: str = ""
    url: str = ""

    @property
    def target(self) -> str:
        """``clusterroles.rbac.authorization.k8s.io``; messages of the API server say it so."""
        if self.url:
            return self.url
        return f"{self.resource}.{self.group}" if self.group else self.resource

    @property
    def review(self) -> Object:
        """``spec`` of a SelfSubjectAccessReview."""
        if self.url:
            return {"nonResourceAttributes": {"verb": self.verb, "path": self.url}}
        resource, _slash, subresource = self.resource.partition("/")
        given = {
            "verb": self.verb,
            "group": self.group,
            "resource": resource,
            "subresource": subresource,
            "namespace": self.namespace,
            "name": self.name,
        }
        return {"resourceAttributes": {key: value for key, value in given.items() if value or key == "group"}}


# Answers an access review: True, False, or None when it could not be made.
Reviewer = t.Callable[[Right], t.Optional[bool]]


def reviewer(cluster: Cluster) -> Reviewer:
    """Asks the API server what this account may do."""

    def review(right: Right) -> bool | None:
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": right.review}
        try:
            return bool(create(cluster, REVIEWS, body)["status"]["allowed"])
        except KubeError as error:
            if error.forbidden:
                return None
            raise

    return review


@dataclass(frozen=True)
class Answers:
    """Rights that are not granted, and those about which there was no answer, in the order in which they were asked."""

    denied: t.Sequence[Right] = ()
    unknown: t.Sequence[Right] = ()


class Account:
    """What one account may do. Asks each right once, and none of those that a grant of everything covers."""

    def __init__(self, review: Reviewer) -> None:
        self._review = review
        self._known: dict[Right, bool | None] = {}

    def ask(self, rights: t.Iterable[Right]) -> Answers:
        rights = list(dict.fromkeys(rights))
        self._learn([Right(ALL, ALL, ALL)] if rights else [])
        self._learn(sorted({Right(ALL, ALL, ALL, right.namespace) for right in rights if not self._covered(right)}))
        self._learn([right for right in rights if not self._covered(right)])
        answers = {right: self.may(right) for right in rights}
        denied = [right for right, allowed in answers.items() if allowed is False]
        return Answers(denied, [right for right, allowed in answers.items() if allowed is None])

    def may(self, right: Right) -> bool | None:
        return True if self._covered(right) else self._known.get(right)

    def _learn(self, rights: t.Sequence[Right]) -> None:
        rights = [right for right in rights if right not in self._known]
        self._known.update(zip(rights, many(self._review, rights)))

    def _covered(self, right: Right) -> bool:
        wide = (Right(ALL, ALL, ALL), Right(ALL, ALL, ALL, right.namespace))
        return not right.url and any(self._known.get(one) for one in wide)


def told(rights: t.Iterable[Right]) -> list[str]:
    """``create, patch clusterroles.rbac.authorization.k8s.io``: one text for each resource."""
    verbs: dict[str, list[str]] = {}
    for right in rights:
        verbs.setdefault(right.target, []).append(right.verb)
    return [f"{', '.join(dict.fromkeys(found))} {target}" for target, found in verbs.items()]


def rules(rights: t.Iterable[Right]) -> dict[str, list[Object]]:
    """Rules to grant, by namespace (empty: a ClusterRole), resources with the same verbs together.

    Names are left out, because nobody can be allowed to create under a name.
    """
    verbs: dict[Right, list[str]] = {}
    for right in rights:
        verbs.setdefault(replace(right, verb="", name=""), []).append(right.verb)
    found: dict[str, dict[tuple[str, ...], Object]] = {}
    for right, given in verbs.items():
        same = (right.group, str(bool(right.url)), *sorted(set(given)))
        rule = {"nonResourceURLs": []} if right.url else {"apiGroups": [right.group], "resources": []}
        rule = found.setdefault(right.namespace, {}).setdefault(same, {**rule, "verbs": sorted(set(given))})
        rule["nonResourceURLs" if right.url else "resources"].append(right.target if right.url else right.resource)
    return {namespace: list(some.values()) for namespace, some in found.items()}


def snippet(rights: t.Iterable[Right], most: int = 4) -> str:
    """The rules of :func:`rules` in one line of YAML each, as text for a fix; a long list is cut."""
    texts = []
    for namespace, some in rules(rights).items():
        where = f"a Role in namespace '{namespace}'" if namespace else "a ClusterRole"
        more = f" and {len(some) - most} rules more (see the evidence)" if len(some) > most else ""
        texts.append(f"{where} with {', '.join(map(_flow, some[:most]))}{more}")
    return "; ".join(texts)


def _flow(rule: Object) -> str:
    def flow(values: t.Sequence[str]) -> str:
        return ", ".join(value if value and value != ALL else f'"{value}"' for value in values)

    return "{" + ", ".join(f"{key}: [{flow(values)}]" for key, values in rule.items()) + "}"

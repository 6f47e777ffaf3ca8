# SPDX-License-Identifier: GPL-3.0-or-later
"""What a question wants to know about the cluster. Plain word matching: the double has no model.

HolmesGPT adds its own sentences to what the user asked (0.45.0: ``base_user_prompt.jinja2`` and a ``<system-reminder>``
block; 0.16: date and time, runbooks). They are cut off first, or their words would be taken for a question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
REMINDER = re.compile(r"<system-reminder>.*?</system-reminder>", re.S)
APPENDED = (
    "# Skill Selection",
    "# Runbook Selection",
    "When querying tools, always query",
    "The current UTC date and time",
)
# Plural kind -> words for it. Words like "service", "job" and "event" count only as plurals: "at your service".
KINDS = {
    "pods": r"pods?|파드|포드",
    "deployments": r"deployments?|디플로이먼트",
    "statefulsets": r"statefulsets?",
    "daemonsets": r"daemonsets?",
    "replicasets": r"replicasets?",
    "cronjobs": r"cronjobs?",
    "jobs": r"jobs",
    "services": r"services|서비스",
    "ingresses": r"ingress(?:es)?",
    "configmaps": r"config ?maps?",
    "secrets": r"secrets",
    "serviceaccounts": r"service ?accounts?",
    "networkpolicies": r"network ?policies",
    "persistentvolumeclaims": r"persistentvolumeclaims?|pvcs?",
    "events": r"events",
    "namespaces": r"namespaces",
    "nodes": r"nodes?|노드",
    "persistentvolumes": r"persistentvolumes?|pvs?",
}
CLUSTER_SCOPED = frozenset({"nodes", "namespaces", "persistentvolumes"})
MENTION = re.compile("|".join(rf"(?P<{k}>(?<![\w-])(?:{words})(?![a-z0-9_-]))" for k, words in KINDS.items()), re.I)
CLUSTER = re.compile(r"\b(cluster|kubernetes)\b|클러스터", re.I)
COUNT = re.compile(r"how many|\bcount\b|number of|몇", re.I)
LOGS = re.compile(r"\blogs?\b|로그", re.I)
CONCEPT = re.compile(r"\b(?:what\s+(?:is|does)|explain|define)\s+an?\s+$", re.I)
ALL_NAMESPACES = re.compile(r"\b(?:in|across|over|of|from|for)\s+(?:(?:all|the|any)\s+)*$", re.I)
NAMESPACES = (
    re.compile(rf"(?i:namespaces?)\s+(?i:called\s+|named\s+)?[\"'`]?({NAME})"),
    re.compile(rf"[\"'`]?({NAME})[\"'`]?\s+(?i:namespace)\b"),
    re.compile(rf"[\"'`]?({NAME})[\"'`]?\s*네임스페이스"),
    re.compile(rf"네임스페이스\s+[\"'`]?({NAME})"),
    re.compile(rf"\s-n\s+({NAME})"),
    re.compile(rf"\b(?i:in|from|of|inside|within)\s+[\"'`]?({NAME})(?![\w.])"),
)
NOT_A_NAME = frozenset(
    re.findall(
        r"\w+",
        """a all an and any are as at been by can cluster current do does each every exist exists for from has have here
        how i in is it its kubernetes list me my name namespace namespaces no of on one or our please running should
        show that the their them there these this those to total us use we what which with you your""",
    )
)


@dataclass(frozen=True)
class Need:
    """One thing to find out: ``action`` is list, count or logs; ``name`` only for logs."""

    action: str
    kind: str
    namespace: str | None = None
    name: str | None = None

    def title(self) -> str:
        """For headings: ``pods in namespace default``."""
        return f"{self.kind} in namespace {self.namespace}" if self.namespace else self.kind


def asked(text: str) -> str:
    """What the user typed, without what HolmesGPT appended to it."""
    text = REMINDER.sub("", text)
    for marker in APPENDED:
        text = text.split(marker, 1)[0]
    return text.strip()


def find_needs(text: str) -> list[Need]:
    """The needs in a question, in their order; empty for a question that needs no cluster ("say hello")."""
    mentions = [m for m in MENTION.finditer(text) if _counts(m, text)]
    places = _namespaces(text)
    needs: list[Need] = []
    for index, mention in enumerate(mentions):
        kind = str(mention.lastgroup)
        start = mentions[index - 1].end() if index else 0
        end = mentions[index + 1].start() if index + 1 < len(mentions) else len(text)
        namespace = None if kind in CLUSTER_SCOPED else _namespace_for(places, mention.end(), end)
        need = Need("count" if COUNT.search(text, start, mention.start()) else "list", kind, namespace)
        if kind == "pods" and LOGS.search(text) and (name := _pod_name(text, mention.end())):
            need = Need("logs", kind, namespace or "default", name)
        if not any((n.kind, n.namespace, n.name) == (need.kind, need.namespace, need.name) for n in needs):
            needs.append(need)
    cluster = CLUSTER.search(text)
    if not needs and cluster and not CONCEPT.search(text[: cluster.start()]):
        needs.append(Need("list", "nodes"))
    return needs


def _counts(mention: re.Match[str], text: str) -> bool:
    """Whether the word asks for objects: not "what is a pod", and not "namespaces" that only say where to look."""
    before = text[: mention.start()]
    if CONCEPT.search(before):
        return False
    if mention.lastgroup != "namespaces":
        return True
    named = NAMESPACES[0].match(text, mention.start())
    return not (ALL_NAMESPACES.search(before) or (named and named.group(1) not in NOT_A_NAME))


def _namespaces(text: str) -> list[tuple[int, str]]:
    """Names of namespaces with their places in the text; the weak pattern ("in NAME") only if no other one fits."""
    found: list[tuple[int, str]] = []
    for pattern in NAMESPACES:
        if found and pattern is NAMESPACES[-1]:
            break
        for match in pattern.finditer(text):
            name = match.group(1)
            if name not in NOT_A_NAME and not MENTION.fullmatch(name) and (match.start(1), name) not in found:
                found.append((match.start(1), name))
    return sorted(found)


def _namespace_for(places: list[tuple[int, str]], start: int, end: int) -> str | None:
    """The namespace named between this mention and the next one; else the last one before; else any."""
    for place, name in places:
        if start <= place < end:
            return name
    before = [name for place, name in places if place < start]
    if before:
        return before[-1]
    return places[0][1] if places else None


def _pod_name(text: str, start: int) -> str | None:
    match = re.match(rf"\s+[\"'`]?({NAME})", text[start:])
    return match.group(1) if match and match.group(1) not in NOT_A_NAME else None

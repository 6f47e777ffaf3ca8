# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which names, labels and annotations the Kubernetes API accepts. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t

_LABEL_1035 = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?\Z")
_LABEL_1123 = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?\Z")
_QUALIFIED = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?\Z")
_ROLES = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
# CronJobs add 11 characters to the names of their Jobs.
_LENGTHS = {"CronJob": 52, "Namespace": 63, "Service": 63}
LABEL, SUBDOMAIN = 63, 253


def is_label(name: str) -> bool:
    """DNS label of RFC 1123: containers, volumes, namespaces."""
    return len(name) <= LABEL and bool(_LABEL_1123.match(name))


def is_subdomain(name: str) -> bool:
    """DNS subdomain of RFC 1123: most objects."""
    return 0 < len(name) <= SUBDOMAIN and all(_LABEL_1123.match(part) for part in name.split("."))


def wrong_name(kind: str, name: str) -> str:
    """Why an object of a kind cannot have this name, or an empty text."""
    if not name:
        return "it has no name"
    longest = _LENGTHS.get(kind, SUBDOMAIN)
    if len(name) > longest:
        return f"it has {len(name)} characters, {longest} are allowed"
    if kind in _ROLES:
        legal = name not in (".", "..") and not set("/%") & set(name)
        return "" if legal else "'/' and '%' are not allowed"
    if kind == "Service":
        return "" if _LABEL_1035.match(name) else "a Service begins with a letter and has only a-z, 0-9 and '-'"
    if kind == "Namespace":
        return "" if is_label(name) else "only a-z, 0-9 and '-' are allowed"
    return "" if is_subdomain(name) else "only a-z, 0-9, '-' and '.' are allowed"


def wrong_key(key: str) -> str:
    """Why a text cannot be the key of a label or an annotation, or an empty text."""
    prefix, slash, name = key.rpartition("/")
    if slash and not is_subdomain(prefix):
        return "what stands before '/' is no DNS name"
    if not name or len(name) > LABEL or not _QUALIFIED.match(name):
        return "it needs 1 to 63 letters, digits, '-', '_' or '.', and a letter or digit at both ends"
    return ""


def wrong_label(value: t.Any) -> str:
    """Why something cannot be the value of a label, or an empty text."""
    if not isinstance(value, str):
        return "it is no text"
    if len(value) > LABEL:
        return f"it has {len(value)} characters, {LABEL} are allowed"
    if value and not _QUALIFIED.match(value):
        return "it needs letters, digits, '-', '_' or '.', and a letter or digit at both ends"
    return ""


def wrong_annotation(value: t.Any) -> str:
    """Why something cannot be the value of an annotation, or an empty text."""
    return "" if isinstance(value, str) else "it is no text"

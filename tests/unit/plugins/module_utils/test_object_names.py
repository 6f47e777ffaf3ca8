# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Kubernetes API accepts as names, labels and annotations."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _object_names as names


@pytest.mark.parametrize(
    ("kind", "name", "legal"),
    [
        *(("Service", "a", True), ("Service", "a-1", True), ("Service", "1a", False), ("Service", "a.b", False)),
        *(("Service", "a-", False), ("Service", "A", False), ("Service", "a" * 63, True), ("Service", "a" * 64, False)),
        *(("Deployment", "1a", True), ("Deployment", "a.b", True), ("Deployment", "a..b", False)),
        *(("Deployment", "a" * 253, True), ("Deployment", "a" * 254, False), ("Deployment", "a_b", False)),
        *(("Deployment", "a\n", False), ("Deployment", "", False), ("Service", "", False), ("Role", "", False)),
        *(("Namespace", "1a", True), ("Namespace", "a.b", False), ("Namespace", "a" * 64, False)),
        *(("CronJob", "a" * 52, True), ("CronJob", "a" * 53, False)),
        *(("ClusterRole", "system:x", True), ("ClusterRole", "A_b", True), ("ClusterRole", "a/b", False)),
        *(
            ("Role", "a%b", False),
            ("RoleBinding", ".", False),
            ("ClusterRoleBinding", "..", False),
            ("Role", "...", True),
        ),
    ],
)
def test_names(kind: str, name: str, legal: bool) -> None:
    assert (names.wrong_name(kind, name) == "") is legal


def test_reasons() -> None:
    assert names.wrong_name("Service", "a" * 64) == "it has 64 characters, 63 are allowed"
    assert names.wrong_name("CronJob", "a" * 53) == "it has 53 characters, 52 are allowed"
    assert names.wrong_name("ConfigMap", "") == "it has no name"
    assert "begins with a letter" in names.wrong_name("Service", "1")
    assert names.wrong_name("Role", "/") == "'/' and '%' are not allowed"
    assert "'-' are allowed" in names.wrong_name("Namespace", "a.b") and "'.'" in names.wrong_name("Pod", "_")


def test_labels_of_dns() -> None:
    assert names.is_label("a-1") and names.is_label("1") and names.is_label("a" * 63)
    assert not any(map(names.is_label, ("", "a" * 64, "a.b", "-a", "A", "a\n")))
    assert names.is_subdomain("a.b") and names.is_subdomain("a" * 253)
    assert not any(map(names.is_subdomain, ("", "a" * 254, "a..b", ".a", "a b")))


@pytest.mark.parametrize(
    ("key", "legal"),
    [
        *(
            ("a", True),
            ("A_b-c.d", True),
            ("a" * 63, True),
            ("a" * 64, False),
            ("", False),
            ("-a", False),
            ("a-", False),
        ),
        *(("example.org/a", True), ("a/b/c", False), ("/a", False), ("a/", False), ("A/b", False), ("a b", False)),
        *((f"{'a' * 253}/b", True), (f"{'a' * 254}/b", False)),
    ],
)
def test_keys(key: str, legal: bool) -> None:
    assert (names.wrong_key(key) == "") is legal


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        *(("", ""), ("a", ""), ("A_b-c.d", ""), ("a" * 63, ""), (1, "no text"), (True, "no text"), (None, "no text")),
        *(
            ("a" * 64, "64 characters, 63"),
            ("a b", "it needs"),
            ("-a", "it needs"),
            ("a/b", "it needs"),
            ({}, "no text"),
        ),
    ],
)
def test_label_values(value: t.Any, reason: str) -> None:
    found = names.wrong_label(value)
    assert (reason in found, bool(found)) == (True, bool(reason))


def test_annotation_values() -> None:
    assert names.wrong_annotation("any: text\nat all") == ""
    assert all(names.wrong_annotation(value) for value in (1, True, None, {}, []))

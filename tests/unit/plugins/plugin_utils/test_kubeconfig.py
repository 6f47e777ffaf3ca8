# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubeconfigs: contexts, one for a token, one that another machine can use; what is none is a sentence."""

from __future__ import annotations

import base64
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils import _kubeconfig

Config = dict[str, t.Any]


def config(**changes: t.Any) -> Config:
    """Two clusters, and an account for each."""
    names = ("seoul", "busan")
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "seoul",
        "clusters": [{"name": name, "cluster": {"server": f"https://{name}:6443"}} for name in names],
        "users": [{"name": f"admin-{name}", "user": {"token": f"token-of-{name}"}} for name in names],
        "contexts": [{"name": name, "context": {"cluster": name, "user": f"admin-{name}"}} for name in names],
        **changes,
    }


def nothing(path: str) -> bytes:
    raise AssertionError(f"{path} is not to be read")


def test_another_machine_gets_one_context_and_no_other_log_in() -> None:
    found = _kubeconfig.portable(config(), "busan", "k", nothing)
    assert found["current-context"] == "busan"
    assert [one["name"] for kind in ("clusters", "users", "contexts") for one in found[kind]] == [
        "busan",
        "admin-busan",
        "busan",
    ]
    assert "token-of-seoul" not in str(found)
    assert _kubeconfig.portable(config(), "", "k", nothing)["current-context"] == "seoul"


def test_files_that_it_names_are_inside() -> None:
    files = {"ca.crt": b"authority", "me.crt": b"certificate", "me.key": b"key", "token": b"secret\n"}
    given = config()
    given["clusters"][0]["cluster"]["certificate-authority"] = "ca.crt"
    given["users"][0]["user"] = {"client-certificate": "me.crt", "client-key": "me.key", "tokenFile": "token"}
    found = _kubeconfig.portable(given, "seoul", "k", files.__getitem__)
    assert found["clusters"][0]["cluster"] == {
        "server": "https://seoul:6443",
        "certificate-authority-data": base64.b64encode(b"authority").decode(),
    }
    assert found["users"][0]["user"] == {
        "client-certificate-data": base64.b64encode(b"certificate").decode(),
        "client-key-data": base64.b64encode(b"key").decode(),
        "token": "secret",
    }


def test_content_wins_over_a_path_and_an_exec_plugin_stays() -> None:
    given = config()
    plugin = {"exec": {"command": "oc", "apiVersion": "client.authentication.k8s.io/v1"}}
    given["clusters"][0]["cluster"].update({"certificate-authority": "/gone", "certificate-authority-data": "eA=="})
    given["users"][0]["user"] = plugin
    found = _kubeconfig.portable(given, "seoul", "k", nothing)
    assert found["clusters"][0]["cluster"]["certificate-authority-data"] == "eA=="
    assert found["users"][0]["user"] == plugin


@pytest.mark.parametrize(
    ("given", "context", "told"),
    [
        ("text", "", "k is no kubeconfig."),
        ({"kind": "Deployment"}, "", "k is no kubeconfig."),
        ({}, "", "k is no kubeconfig, or an empty one."),
        (config(clusters=[]), "", "k is no kubeconfig, or an empty one."),
        (config(contexts="x"), "", "k is no kubeconfig: 'contexts' must be a list of entries with names."),
        (config(), "ulsan", "k has no context 'ulsan', only 'seoul', 'busan'."),
        (config(**{"current-context": ""}), "", "k has no current-context."),
        (config(users=[]), "", "k names the user 'admin-seoul' in a context, but has none of this name."),
    ],
)
def test_what_cannot_be_used_is_a_sentence(given: t.Any, context: str, told: str) -> None:
    with pytest.raises(HolmesError) as caught:
        _kubeconfig.portable(given, context, "k", nothing)
    assert caught.value.msg == told and caught.value.fix


def test_a_url_and_a_token() -> None:
    found = _kubeconfig.for_token("https://api:6443", " secret\n", {"certificate-authority": "/ca"}, verified=True)
    assert found["clusters"][0]["cluster"] == {"server": "https://api:6443", "certificate-authority": "/ca"}
    assert found["users"][0]["user"] == {"token": "secret"}
    assert _kubeconfig.server(found, "holmes", "k") == "https://api:6443"
    unverified = _kubeconfig.for_token("https://api:6443", "x", {}, verified=False)
    assert unverified["clusters"][0]["cluster"]["insecure-skip-tls-verify"] is True


def test_a_token_of_a_wrong_type_is_refused_without_its_value() -> None:
    with pytest.raises(HolmesError) as caught:
        _kubeconfig.for_token("https://api:6443", ["canary"], {}, verified=True)
    assert caught.value.msg == "holmes_kube_api_key must be text."

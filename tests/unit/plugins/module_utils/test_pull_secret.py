# SPDX-License-Identifier: GPL-3.0-or-later
"""Pull Secrets, read and matched as the kubelet does."""

from __future__ import annotations

import base64
import json
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._image_reference import parse
from ansible_collections.holmesgpt.onprem.plugins.module_utils._pull_secret import (
    Credential,
    Entry,
    matching,
    of_object,
    of_text,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._secret import registry_data

from tests.unit.fixtures.registry_pods import secret
from tests.unit.fixtures.registry_world import PASSWORD, USER

SITE = "registry.site:5000"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def keys(image: str, *given: str) -> list[str]:
    """Keys that the kubelet would use for an image, in its order."""
    reference = parse(image)
    assert reference
    return [entry.key for entry in matching(of_text("s", json.dumps({"auths": auths(*given)})), image, reference)]


def auths(*given: str) -> dict[str, t.Any]:
    return {key: {"username": "u", "password": "p"} for key in given}


MATCHES = [
    (f"{SITE}/holmes/holmes:1", SITE),
    (f"{SITE}/holmes/holmes:1", f"https://{SITE}"),
    (f"{SITE}/holmes/holmes:1", f"http://{SITE}/"),
    (f"{SITE}/holmes/holmes:1", f"https://{SITE}/v2/"),
    (f"{SITE}/holmes/holmes:1", f"https://{SITE}/v1/"),
    (f"{SITE}/holmes/holmes:1", f"{SITE}/holmes"),
    (f"{SITE}/holmes/holmes:1", f"{SITE}/hol"),
    (f"{SITE}/holmes/holmes:1", f"{SITE}/holmes/holmes"),
    (f"{SITE}/holmes/holmes:1", "*.site:5000"),
    (f"{SITE}/holmes/holmes:1", "reg*.site:5000"),
    ("registry.site/holmes:1", "registry.site"),
    ("localhost/holmes:1", "localhost"),
    ("[::1]:5000/holmes:1", "[::1]:5000"),
    ("holmes/holmes:1", "https://index.docker.io/v1/"),
    ("holmes/holmes:1", "docker.io"),
    ("busybox", "docker.io/library"),
    ("docker.io/holmes/holmes:1", "index.docker.io"),
]


@pytest.mark.parametrize(("image", "key"), MATCHES)
def test_a_key_that_fits(image: str, key: str) -> None:
    assert len(keys(image, key)) == 1


MISMATCHES = [
    (f"{SITE}/holmes:1", "registry.site"),
    ("registry.site/holmes:1", "registry.site:443"),
    (f"{SITE}/holmes:1", f"{SITE}/other"),
    (f"{SITE}/holmes:1", f"https://{SITE}/v2"),
    (f"{SITE}/holmes:1", "*:5000"),
    (f"{SITE}/holmes:1", "*.*.site:5000"),
    (f"{SITE}/holmes:1", "registry.site:*"),
    (f"{SITE}/holmes:1", "https://index.docker.io/v1/"),
    (f"{SITE}/holmes:1", "Registry.site:5000"),
]


@pytest.mark.parametrize(("image", "key"), MISMATCHES)
def test_a_key_that_does_not_fit(image: str, key: str) -> None:
    assert keys(image, key) == []


def test_all_that_fit_are_tried_the_longer_first() -> None:
    given = ("*.site:5000", SITE, f"{SITE}/holmes", "registry.other")
    assert keys(f"{SITE}/holmes/holmes:1", *given) == [f"{SITE}/holmes", SITE, "*.site:5000"]


def test_docker_hubs_old_key_comes_last() -> None:
    assert keys("holmes/holmes:1", "https://index.docker.io/v1/", "docker.io") == ["docker.io"]


ENTRIES = [
    ({"username": "u", "password": "p:w"}, Credential("u", "p:w")),
    ({"auth": encoded("u:p:w")}, Credential("u", "p:w")),
    ({"auth": encoded("u:p:w").rstrip("=")}, Credential("u", "p:w")),
    ({"auth": encoded("a:b"), "username": "u", "password": "p"}, Credential("a", "b")),
]


@pytest.mark.parametrize(("entry", "credential"), ENTRIES)
def test_the_log_in_of_an_entry(entry: dict[str, str], credential: Credential) -> None:
    assert of_text("s", json.dumps({"auths": {SITE: entry}})) == (Entry("s", SITE, credential),)


def test_what_the_role_writes_is_read_back() -> None:
    data = registry_data({"host": SITE, "username": USER, "password": PASSWORD})
    found = of_object("s", {"type": "kubernetes.io/dockerconfigjson", "data": data})
    assert found == (Entry("s", SITE, Credential(USER, PASSWORD)),)


def test_the_old_form() -> None:
    text = json.dumps({SITE: {"auth": encoded("u:p")}})
    found = of_object("s", secret(text, "kubernetes.io/dockercfg", ".dockercfg"))
    assert found == (Entry("s", SITE, Credential("u", "p")),)


@pytest.mark.parametrize("entry", [{}, {"identitytoken": "abc"}])
def test_an_entry_without_a_log_in_is_passed_over(entry: dict[str, str]) -> None:
    found = of_text("s", json.dumps({"auths": {SITE: entry}}))
    reference = parse(f"{SITE}/holmes:1")
    assert reference
    assert [item.usable for item in found] == [False]
    assert matching(found, f"{SITE}/holmes:1", reference) == ()


NO_CONFIG = "holds no Docker configuration"
BROKEN = [
    (secret("{}", "Opaque"), "of type Opaque"),
    ({"data": {}}, "of type Opaque"),
    (secret("{}", key="config.json"), "no key .dockerconfigjson"),
    ({"type": "kubernetes.io/dockerconfigjson"}, "no key .dockerconfigjson"),
    (secret(f"{PASSWORD} is no JSON"), NO_CONFIG),
    (secret(json.dumps([PASSWORD])), NO_CONFIG),
    (secret(json.dumps({"auths": [PASSWORD]})), NO_CONFIG),
    (secret(json.dumps({"auths": {SITE: PASSWORD}})), NO_CONFIG),
    (secret(json.dumps({"auths": {SITE: {"auth": encoded(PASSWORD)}}})), "not the base64 of USER:PASSWORD"),
    (secret(json.dumps({"auths": {SITE: {"auth": PASSWORD}}})), "not the base64 of USER:PASSWORD"),
    ({"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": "***"}}, "is no text"),
]


@pytest.mark.parametrize(("thing", "told"), BROKEN)
def test_a_broken_secret_is_named_but_not_quoted(thing: dict[str, t.Any], told: str) -> None:
    with pytest.raises(HolmesError) as caught:
        of_object("holmes-registry", thing)
    assert told in caught.value.msg
    assert "holmes-registry" in caught.value.msg
    assert caught.value.fix
    assert caught.value.__cause__ is None
    assert PASSWORD not in repr(caught.value) + caught.value.fix


def test_no_entries_are_no_error() -> None:
    assert of_text("s", json.dumps({"credsStore": "pass"})) == ()


def test_a_log_in_never_shows() -> None:
    (entry,) = of_text("s", json.dumps({"auths": {SITE: {"auth": encoded(f"{USER}:{PASSWORD}")}}}))
    assert entry.credential.password == PASSWORD
    assert PASSWORD not in repr(entry)
    assert USER not in repr(entry)

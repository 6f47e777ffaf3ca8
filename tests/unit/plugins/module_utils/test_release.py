# SPDX-License-Identifier: GPL-3.0-or-later
"""Helm's release Secrets, read and written without Helm."""

from __future__ import annotations

import base64
import gzip
import json
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import (
    decode_payload,
    encode_payload,
    releases,
)

from tests.unit.fixtures.verify_world import FakeCluster

PATH = "/api/v1/namespaces/holmes/secrets"


def body(revision: int, status: str = "deployed", **config: t.Any) -> dict[str, t.Any]:
    return {
        "name": "holmes",
        "namespace": "holmes",
        "version": revision,
        "info": {"status": status, "last_deployed": "2026-11-23T06:00:00Z", "description": "Upgrade complete"},
        "chart": {"metadata": {"name": "holmes", "version": "0.45.0", "appVersion": "0.45.0"}},
        "config": config,
        "manifest": "---\nkind: Service\n",
    }


def secret(revision: int, data: str) -> dict[str, t.Any]:
    return {
        "type": "helm.sh/release.v1",
        "metadata": {
            "name": f"sh.helm.release.v1.holmes.v{revision}",
            "resourceVersion": "77",
            "labels": {"owner": "helm", "name": "holmes", "status": "deployed", "modifiedAt": "1764000000"},
        },
        "data": {"release": data},
    }


def test_a_payload_survives_the_round_trip_and_is_helms_own_encoding() -> None:
    thing = body(3, kind="Größe")
    data = encode_payload(thing)
    assert json.loads(gzip.decompress(base64.b64decode(base64.b64decode(data)))) == thing
    assert decode_payload(data) == thing
    assert encode_payload(thing) == data


def test_a_payload_that_is_not_compressed_is_read() -> None:
    # Helm reads such payloads, too; very old releases have them.
    plain = base64.b64encode(base64.b64encode(json.dumps(body(1)).encode())).decode()
    assert decode_payload(plain)["version"] == 1


BROKEN = [
    "",
    "no base64!",
    base64.b64encode(b"no base64 inside!").decode(),
    base64.b64encode(base64.b64encode(b"\x1f\x8b\x08broken")).decode(),
    base64.b64encode(base64.b64encode(b"[1]")).decode(),
    encode_payload(body(1))[:-40],
]


@pytest.mark.parametrize("data", BROKEN)
def test_a_broken_payload_is_one_sentence_with_the_secrets_name(data: str) -> None:
    cluster = FakeCluster({PATH: [secret(4, data)]})
    with pytest.raises(HolmesError, match=r"sh\.helm\.release\.v1\.holmes\.v4 cannot be read") as caught:
        releases(cluster, "holmes", "holmes")
    assert caught.value.fix


def test_revisions_come_sorted_by_number_and_the_payload_beats_the_label() -> None:
    found = releases(
        FakeCluster(
            {PATH: [secret(10, encode_payload(body(10, "pending-upgrade"))), secret(9, encode_payload(body(9)))]}
        ),
        "holmes",
        "holmes",
    )
    assert [entry.revision for entry in found] == [9, 10]
    assert found[-1].status == "pending-upgrade"
    assert (found[0].chart_name, found[0].chart_version, found[0].app_version) == ("holmes", "0.45.0", "0.45.0")
    assert found[0].secret_name == "sh.helm.release.v1.holmes.v9"
    assert found[0].resource_version == "77"
    assert found[0].manifest.startswith("---")


def test_only_helms_secrets_of_that_release_are_asked_for() -> None:
    stranger = {**secret(1, "x"), "type": "Opaque"}
    cluster = FakeCluster({PATH: [stranger]})
    assert releases(cluster, "holmes", "holmes") == []
    assert "owner%3Dhelm%2Cname%3Dholmes" in cluster.asked[0]


@pytest.mark.parametrize(
    ("config", "sha256"),
    [
        ({"global": {"onprem": {"chartSha256": "abc"}}}, "abc"),
        ({"global": {"onprem": None}}, ""),
        ({"global": "text"}, ""),
        ({}, ""),
    ],
)
def test_the_archive_a_release_was_made_from(config: dict[str, t.Any], sha256: str) -> None:
    cluster = FakeCluster({PATH: [secret(1, encode_payload(body(1, **config)))]})
    assert releases(cluster, "holmes", "holmes")[0].chart_sha256 == sha256


def test_values_do_not_show_in_a_representation() -> None:
    cluster = FakeCluster({PATH: [secret(1, encode_payload(body(1, password="canary-1")))]})
    assert "canary-1" not in repr(releases(cluster, "holmes", "holmes"))

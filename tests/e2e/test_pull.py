# SPDX-License-Identifier: GPL-3.0-or-later
"""The kubelet pulls from the site's registry with the pull secret; a wrong password is found quickly and named."""

from __future__ import annotations

import json
import subprocess

from tests.e2e.site_run import LAB, SITE, Place

TAG = "holmes:pulled-by-a-test"


def fresh_tag(place: Place) -> None:
    """A tag that no node has yet, so that the kubelet has to ask the registry."""
    archive = subprocess.check_output(
        ["python3", str(SITE.parents[1] / "doubles" / "holmes_image" / "build.py"), "light"], text=True
    ).split()[-1]
    subprocess.run([LAB, "--name", place.site.name, "push", archive, f"holmesgpt/{TAG}"], check=True)


def events(place: Place, reason: str) -> str:
    found = place.site.get("events", "-n", place.namespace)["items"]
    return json.dumps([event["message"] for event in found if event["reason"] == reason])


def test_wrong_password_then_the_right_one(place: Place) -> None:
    fresh_tag(place)
    registry = place.site.facts["SITE_REGISTRY"]
    run = place.play("site.yml", holmes_image=TAG, holmes_registry_password="not-the-password")
    assert run.code != 0
    assert run.seconds < 30
    message = run.output
    for named in (f"{registry}/holmesgpt/{TAG}", registry, "holmes-registry"):
        assert named in message
    assert "not-the-password" not in message
    assert events(place, "Pulled") == "[]"

    place.install(holmes_image=TAG)
    assert f"{registry}/holmesgpt/{TAG}" in events(place, "Pulled")
    assert {"name": "holmes-registry"} in place.pods()[0]["spec"]["imagePullSecrets"]

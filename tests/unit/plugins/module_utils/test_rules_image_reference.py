# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about references to images."""

from __future__ import annotations

import typing as t

import pytest

from tests.unit.fixtures.manifests import pod, thing
from tests.unit.fixtures.rule_world import assert_told
from tests.unit.fixtures.values_world import case, judge

CHECK = "render.image_reference"
SITE = "registry.site.internal:5000"
DIGEST = f"sha256:{'0' * 64}"
OPERATOR = {"operator": {"enabled": True}}
AWS = {"mcpAddons": {"aws": {"enabled": True}}}


def runs(image: str, name: str = "holmes-holmes") -> list[dict[str, t.Any]]:
    return [pod({"name": "holmes", "image": image}, name=name)]


@pytest.mark.parametrize(
    ("image", "status", "message"),
    [
        (f"{SITE}/holmes:0.45.0", "pass", f"'{SITE}/holmes:0.45.0'"),
        (f"{SITE}/holmes@{DIGEST}", "pass", "sha256"),
        (f"{SITE}/holmes:0.0.0@{DIGEST}", "pass", "0.0.0"),
        (f"{SITE}/holmes:latest@{DIGEST}", "pass", "latest"),
        (f"https://{SITE}/holmes:1", "fail", f"names the image 'https://{SITE}/holmes:1', which is no legal"),
        (f"{SITE}/holmes:", "fail", "no legal reference"),
        ("", "fail", "Deployment/holmes-holmes names the image '', which is no legal reference"),
        (f"{SITE}/holmes:0.0.0", "fail", "0.0.0 stands in HolmesGPT's source and was never published"),
        (f"{SITE}/holmes:latest", "warn", "which may be another image tomorrow"),
        (f"{SITE}/holmes", "warn", "which may be another image tomorrow"),
        (f"{SITE}/holmes:0.0.1", "pass", ""),
    ],
)
def test_reference(image: str, status: str, message: str) -> None:
    assert_told(CHECK, case({}, manifests=runs(image)), status, message)


@pytest.mark.parametrize(
    ("image", "name", "values", "fix"),
    [
        ("a:0.0.0", "holmes-holmes", {}, "Set holmes_image_registry and holmes_image to NAME:TAG with a released"),
        ("a:latest", "holmes-holmes", {}, "holmes_image to NAME:TAG"),
        ("a:0.0.0", "holmes-operator", OPERATOR, "Set operator.registry and .image to NAME:TAG"),
        ("a", "holmes-aws-mcp-server", AWS, "Set mcpAddons.aws.registry and .image to NAME:TAG"),
        ("A B", "holmes-holmes", {}, "Write holmes_image_registry without a scheme and holmes_image as NAME:TAG."),
    ],
)
def test_the_fix_of_a_reference(image: str, name: str, values: dict[str, t.Any], fix: str) -> None:
    assert fix in judge(CHECK, case(values, manifests=runs(image, name))).fix


def test_without_images() -> None:
    assert_told(CHECK, case({}, manifests=[thing("Service", "s")]), "pass", "No images")

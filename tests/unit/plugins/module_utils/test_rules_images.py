# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about where images come from."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

from tests.unit.fixtures.manifests import config, holmes, pod, thing
from tests.unit.fixtures.rule_world import accepted, assert_told
from tests.unit.fixtures.values_world import OLD, build, case, judge

CHECK = "render.images"
SITE = "registry.site.internal:5000"
DIGEST = f"sha256:{'0' * 64}"
OPERATOR = {"operator": {"enabled": True}}
AWS = {"mcpAddons": {"aws": {"enabled": True}}}


def runs(image: str, name: str = "holmes-holmes", **more: t.Any) -> list[dict[str, t.Any]]:
    return [pod({"name": "holmes", "image": image, **more}, name=name)]


@pytest.mark.parametrize(
    ("image", "registry", "profile", "status", "text"),
    [
        (f"{SITE}/holmesgpt/holmes:0.45.0", f"{SITE}/holmesgpt", "airgap", "pass", "holmes:0.45.0"),
        (f"{SITE}/other/init:1", f"{SITE}/holmesgpt", "airgap", "pass", "init:1"),
        (f"{SITE}/holmes@{DIGEST}", SITE, "airgap", "pass", "sha256"),
        ("localhost/x:1", "localhost/h", "airgap", "pass", "localhost/x:1"),
        ("robustadev/holmes:0.45.0", f"{SITE}/holmesgpt", "airgap", "fail", f"does not come from {SITE}"),
        ("robustadev/holmes:0.45.0", f"{SITE}/holmesgpt", "none", "warn", f"does not come from {SITE}"),
        ("registry.site.internal/x:1", SITE, "airgap", "fail", "does not come from"),
        ("robustadev/holmes:0.45.0", "", "airgap", "warn", "from docker.io, a public registry"),
        ("robustadev/holmes:0.45.0", "", "none", "pass", "robustadev/holmes:0.45.0"),
        ("x.site/holmes:0.45.0", "", "airgap", "pass", "x.site/holmes:0.45.0"),
        ("mirror/x:1", "mirror", "airgap", "warn", "from docker.io, a public registry"),
        ("quay.io/x:1", "quay.io/y", "airgap", "warn", "from quay.io, a public registry"),
        ("quay.io/x:1", "quay.io/y", "none", "pass", "quay.io/x:1"),
        ("A B", SITE, "airgap", "pass", "A B"),
    ],
)
def test_source(image: str, registry: str, profile: str, status: str, text: str) -> None:
    assert_told(CHECK, case({}, manifests=runs(image), registry=registry, profile=profile), status, text)


def test_the_registry_may_come_from_values() -> None:
    given = case({"registry": SITE}, manifests=runs("robustadev/holmes:1"))
    assert_told(CHECK, given, "fail", "does not come from")
    assert_told(CHECK, case({"registry": None}, manifests=runs("x.site/holmes:1")), "pass")


@pytest.mark.parametrize(
    ("name", "values", "fix"),
    [
        ("holmes-holmes", {}, "Set holmes_image_registry and holmes_image to the mirror."),
        ("holmes-operator", OPERATOR, "Set operator.registry and .image to the mirror."),
        ("holmes-aws-mcp-server", AWS, "Set mcpAddons.aws.registry and .image to the mirror."),
    ],
)
def test_the_fix_names_the_right_registry(name: str, values: dict[str, t.Any], fix: str) -> None:
    assert judge(CHECK, case(values, manifests=runs("x/y:1", name), registry=SITE)).fix == fix


def test_the_fix_for_a_public_registry() -> None:
    assert_told(
        CHECK, case({}, manifests=runs("x:1")), "warn", "loaded on every node by hand", "its host has a dot or a port"
    )


@pytest.mark.parametrize(
    ("image", "policy", "profile", "status"),
    [
        ("robustadev/holmes:1", "Always", "airgap", "fail"),
        ("robustadev/holmes:1", "Always", "none", "pass"),
        ("robustadev/holmes:1", "IfNotPresent", "airgap", "warn"),
        ("robustadev/holmes:1", None, "airgap", "warn"),
        ("robustadev/holmes:latest", None, "airgap", "fail"),
        ("robustadev/holmes", None, "airgap", "fail"),
        ("robustadev/holmes:latest", "Never", "airgap", "warn"),
        (f"robustadev/holmes@{DIGEST}", None, "airgap", "warn"),
        (f"robustadev/holmes:latest@{DIGEST}", None, "airgap", "warn"),
        ("x.site/holmes:1", "Always", "airgap", "pass"),
        ("A B", "Always", "airgap", "pass"),
    ],
)
def test_what_is_pulled_at_every_start(image: str, policy: str | None, profile: str, status: str) -> None:
    found = judge(CHECK, case({}, manifests=runs(image, imagePullPolicy=policy), profile=profile))
    told = "it is pulled at every start (imagePullPolicy Always)" in found.message
    assert (found.status, told) == (status, status == "fail"), found
    assert not told or "holmes_image to the site's mirror; its host has" in found.fix


def test_a_pull_from_the_mirror_is_fine() -> None:
    given = case({}, manifests=runs(f"{SITE}/x:1", imagePullPolicy="Always"), registry=SITE)
    assert_told(CHECK, given, "pass", images=[f"{SITE}/x:1"])


@pytest.mark.parametrize(
    ("texts", "status"),
    [
        ({"KUBECTL_DIAGNOSTIC_IMAGES": "busybox:1.37.0, nicolaka/netshoot:v0.13"}, "fail"),
        ({"KUBECTL_DIAGNOSTIC_IMAGES": f"{SITE}/busybox:1.37.0"}, "pass"),
        ({"KUBECTL_DIAGNOSTIC_IMAGES": f"A B,{SITE}/x:1"}, "pass"),
        ({"OTHER": "busybox:1.37.0"}, "pass"),
    ],
)
def test_images_for_later(texts: dict[str, str], status: str) -> None:
    given = case({}, manifests=[*runs(f"{SITE}/x:1"), config(**texts)], registry=SITE)
    found = assert_told(CHECK, given, status, images=[f"{SITE}/x:1"])
    if status == "fail":
        assert found.fix == "Set the value it is in to the mirror."
        assert "ConfigMap/c names 'busybox:1.37.0'" in found.message
        assert "ConfigMap/c names 'nicolaka/netshoot:v0.13'" in found.message


def test_the_fix_for_images_of_the_remediation_add_on() -> None:
    values = {"mcpAddons": {"kubernetesRemediation": {"enabled": True}}}
    later = thing("ConfigMap", "holmes-k8s-remediation-mcp-config", data={"X_IMAGES": "busybox:1"})
    found = judge(CHECK, case(values, manifests=[*runs(f"{SITE}/x:1"), later], registry=SITE))
    assert found.fix == "Set the images in mcpAddons.kubernetesRemediation.config to the mirror."


def test_an_image_is_told_once() -> None:
    later = config(X_IMAGE="busybox:1")
    found = judge(CHECK, case({}, manifests=[*runs("busybox:1"), later], registry=SITE))
    assert found.message.count("busybox:1") == 1


def test_evidence() -> None:
    assert_told(CHECK, case({}, manifests=[thing("Service", "s")]), "pass", "No images", images=[])
    two = [pod(holmes(image="a:1"), {"name": "b", "image": f"{SITE}/b:1"})]
    found = judge(CHECK, case({}, manifests=two, registry=SITE))
    assert found.evidence.items() >= {"images": ["a:1", f"{SITE}/b:1"], "image": "a:1"}.items()
    public = judge(CHECK, case({}, manifests=runs("a:1")))
    assert public.evidence.items() >= {"images": ["a:1"], "image": "a:1"}.items()


@pytest.mark.parametrize("more", [{}, {"imagePullPolicy": "Always"}])
def test_an_image_from_elsewhere_is_accepted_by_name(more: dict[str, t.Any]) -> None:
    def given(**options: t.Any) -> Case:
        return case({}, manifests=runs("robustadev/x:1", **more), registry=SITE, **options)

    accepted(CHECK, "robustadev/x:1", given)


def test_a_public_image_is_accepted_by_name() -> None:
    options = {"exceptions": {f"{CHECK}:x:1": "loaded by hand"}}
    for more in ({}, {"imagePullPolicy": "Always"}):
        found = judge(CHECK, case({}, manifests=runs("x:1", **more), **options))
        assert found.status == "warn" and "Accepted (loaded by hand)" in found.message


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({}, "pass"),
        ({"chart": OLD}, "pass"),
        ({"registry": ""}, "warn"),
        ({"chart": OLD, "registry": ""}, "fail"),
        ({"values": OPERATOR}, "fail"),
        ({"values": {"initContainers": [{"name": "i", "image": "curlimages/curl:8.5.0"}]}}, "fail"),
    ],
)
def test_with_the_real_helm(options: dict[str, t.Any], status: str) -> None:
    checks = {check.id: check for check in build(**options).checks}
    assert checks[CHECK].status == status, checks[CHECK]
    assert checks["render.image_reference"].status == "pass"

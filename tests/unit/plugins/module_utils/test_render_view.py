# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at manifests of any shape."""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered, Request

from tests.unit.fixtures.manifests import config, holmes, pod, thing

REQUEST = Request(chart="x")
ODD: tuple[dict[str, t.Any], ...] = (
    {},
    {"kind": "ConfigMap", "data": None},
    {"kind": "ConfigMap", "data": {"A_IMAGE": 5}},
    {"kind": "Deployment", "spec": {"template": {"spec": {"containers": ["x", {"env": ["y", {"name": "z"}]}]}}}},
    {"kind": "Pod", "spec": None, "metadata": "m"},
)


def test_nothing_odd_breaks_it() -> None:
    rendered = Rendered(ODD)
    assert view.images(rendered) == {"": "Deployment/"}
    assert view.holmes_container(rendered, REQUEST) == {}
    assert view.later_images(rendered) == {"5": "ConfigMap/"}
    assert [view.metadata(manifest) for manifest in ODD] == [[], [], [], [], []]
    assert [view.pod_annotations(manifest) for manifest in ODD] == [{}, {}, {}, {}, {}]


def test_own_container() -> None:
    own = holmes(image="own")
    rendered = Rendered((pod({"name": "x"}, own, name="holmes-holmes"), pod(holmes(image="other"), name="z")))
    assert view.holmes_container(rendered, REQUEST) is own
    assert view.holmes_container(Rendered((pod({"name": "x"}),)), REQUEST) == {}


def test_images_that_are_named_for_later() -> None:
    container = holmes(env=[{"name": "A_IMAGE", "value": "b:1"}, {"name": "B", "value": "c:1"}, {"name": "C_IMAGE"}])
    rendered = Rendered((config(x_images="a:1, b:1,", images="d:1"), pod(container)))
    assert view.later_images(rendered) == {"a:1": "ConfigMap/c", "b:1": "ConfigMap/c"}


def test_metadata_of_objects_and_pods() -> None:
    manifest = pod(holmes())
    manifest["spec"]["template"]["metadata"] = {"annotations": {"a": "b"}}
    assert view.metadata(manifest) == [{"name": "holmes-holmes"}, {"annotations": {"a": "b"}}]
    assert view.pod_annotations(manifest) == {"a": "b"}
    single = thing("Pod", "p")
    single["metadata"]["annotations"] = {"c": "d"}
    assert view.pod_annotations(single) == {"c": "d"}
    assert view.pod_annotations({"kind": "Deployment", "metadata": {"annotations": {"x": "y"}}}) == {}
    cron = {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"metadata": {"labels": {}}}}}}}
    assert view.metadata(cron) == [{"labels": {}}]

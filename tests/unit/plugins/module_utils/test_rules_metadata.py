# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about labels, annotations and node selectors."""

from __future__ import annotations

import typing as t

import pytest

from tests.unit.fixtures.manifests import holmes, pod, thing
from tests.unit.fixtures.rule_world import assert_told
from tests.unit.fixtures.values_world import OLD, build, case, judge

CHECK = "values.metadata"
LEGAL = "Labels and annotations are legal"
LABEL_WRONG = "it needs letters, digits, '-', '_' or '.', and a letter or digit at both ends"


@pytest.mark.parametrize(
    ("values", "status", "message"),
    [
        ({}, "pass", LEGAL),
        ({"commonLabels": {"team": "a", "example.org/team": ""}}, "pass", LEGAL),
        ({"commonAnnotations": {"a": "any text at all"}, "podAnnotations": {"b": "x y"}}, "pass", LEGAL),
        ({"nodeSelector": {"kubernetes.io/arch": "amd64"}}, "pass", LEGAL),
        ({"commonLabels": "text, of which values.type speaks"}, "pass", LEGAL),
        ({"commonLabels": 5}, "pass", LEGAL),
        ({"commonLabels": {"team": 1}}, "fail", "The label 'team' of commonLabels is illegal: it is no text."),
        ({"commonLabels": {"team": "a b"}}, "fail", f"The label 'team' of commonLabels is illegal: {LABEL_WRONG}."),
        ({"commonLabels": {"team": "a" * 64}}, "fail", "it has 64 characters, 63 are allowed"),
        ({"commonLabels": {"a b": "x"}}, "fail", "The label 'a b' of commonLabels is illegal: it needs 1 to 63"),
        ({"commonLabels": {"-/x": "x"}}, "fail", "what stands before '/' is no DNS name"),
        ({"nodeSelector": {"gpu": True}}, "fail", "The label 'gpu' of nodeSelector is illegal: it is no text."),
        ({"commonAnnotations": {"a": 1}}, "fail", "The annotation 'a' of commonAnnotations is illegal: it is no text."),
        ({"podAnnotations": {"a": None}}, "fail", "The annotation 'a' of podAnnotations is illegal"),
        (
            {"serviceAccount": {"annotations": {"a b": "x"}}},
            "fail",
            "The annotation 'a b' of serviceAccount.annotations",
        ),
    ],
)
def test_what_was_given(values: dict[str, t.Any], status: str, message: str) -> None:
    found = assert_told(CHECK, case(values), status, message)
    if status == "fail":
        assert found.fix.startswith("Correct ") and found.fix.endswith("; numbers and true or false need quotes.")


@pytest.mark.parametrize(
    "name",
    [
        *("app", "app.kubernetes.io/component", "app.kubernetes.io/instance", "app.kubernetes.io/managed-by"),
        *("app.kubernetes.io/name", "app.kubernetes.io/part-of"),
    ],
)
def test_reserved_labels(name: str) -> None:
    message = f"commonLabels has '{name}', by which the chart selects its own pods: it refuses to render."
    assert_told(CHECK, case({"commonLabels": {name: "x"}}), "fail", message, "Remove it, or use another name.")
    assert_told(CHECK, case({"podAnnotations": {name: "x"}}), "pass")
    assert_told(CHECK, case({"commonLabels": {name: "x"}}, chart_path=OLD), "pass")


def test_a_key_that_the_chart_does_not_know() -> None:
    assert_told(CHECK, case({"commonLabels": {"team": 1}}, chart_path=OLD), "pass", LEGAL)


def labelled(labels: t.Any = None, annotations: t.Any = None) -> dict[str, t.Any]:
    return {"kind": "Service", "metadata": {"name": "s", "labels": labels, "annotations": annotations}}


def template(**metadata: t.Any) -> dict[str, t.Any]:
    manifest = pod(holmes())
    manifest["spec"]["template"]["metadata"] = metadata
    return manifest


@pytest.mark.parametrize(
    ("values", "manifests", "status", "message"),
    [
        ({}, [labelled({"a": "b"}, {"c": "d e"}), labelled(), thing("X", "y")], "pass", LEGAL),
        ({}, [labelled({"a": 1})], "fail", "The label 'a' of Service/s is illegal: it is no text."),
        ({}, [labelled({"a": "b c"})], "fail", "The label 'a' of Service/s is illegal: it needs letters"),
        ({}, [labelled(None, {"a": True})], "fail", "The annotation 'a' of Service/s is illegal: it is no text."),
        ({}, [template(labels={"a": 1})], "fail", "The label 'a' of Deployment/holmes-holmes is illegal"),
        ({}, [template(annotations={"a": 1})], "fail", "The annotation 'a' of Deployment/holmes-holmes is illegal"),
        ({}, [pod(holmes(), nodeSelector={"a": 1})], "fail", "The label 'a' of Deployment/holmes-holmes is illegal"),
        ({"podAnnotations": {"a": 1}}, [template(annotations={"a": 1})], "fail", "'a' of podAnnotations is illegal"),
        ({"commonLabels": {"a": 1}}, [labelled({"a": 1}), template(labels={"a": 1})], "fail", "'a' of commonLabels is"),
        # A chart that writes it as text is as good.
        ({"commonLabels": {"a": 1}}, [labelled({"a": "1"})], "pass", LEGAL),
    ],
)
def test_what_is_rendered_counts(values: t.Any, manifests: t.Any, status: str, message: str) -> None:
    found = assert_told(CHECK, case(values, manifests=manifests), status, message)
    assert found.message.count("illegal") == (status == "fail")


def test_each_fault_once() -> None:
    found = judge(CHECK, case({"commonLabels": {"a": 1, "b c": "x"}}))
    assert found.message.count("illegal") == 2
    two = judge(CHECK, case({}, manifests=[labelled({"a": 1}), labelled({"a": "b c"})]))
    assert two.message.count("illegal") == 2


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"podAnnotations": {"a": "1"}, "nodeSelector": {"gpu": "true"}}, "pass"),
        ({"podAnnotations": {"a": 1}}, "fail"),
        ({"nodeSelector": {"gpu": True}}, "fail"),
        ({"commonLabels": {"app": "x"}}, "fail"),
    ],
)
def test_with_the_real_helm(values: dict[str, t.Any], status: str) -> None:
    (found,) = [check for check in build(values=values).checks if check.id == CHECK]
    assert found.status == status, found

# SPDX-License-Identifier: GPL-3.0-or-later
"""report.json against the published schema, JUnit, fragments as files, and that order and time change nothing."""

from __future__ import annotations

import copy
import json
import os
import stat
import typing as t
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import pytest
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils import _store
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._render import rendered, stored, write
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._run import headline, report_of
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._versions import collection_version, versions_of

from tests.unit.fixtures import report_fleet as fleet

ROOT = Path(__file__).resolve().parents[4]
SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
REPORTS = {"one": fleet.one(), "three": fleet.three(), "many": fleet.many(), "none": report_of([])}


def strict(schema: t.Any) -> t.Any:
    """The schema, closed: a key that it does not know is an error here, though not for who reads a later report."""
    if isinstance(schema, list):
        return [strict(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(entry) for key, entry in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        closed["additionalProperties"] = False
    return closed


def validate(report: t.Any, schema: t.Any = None) -> None:
    jsonschema.Draft202012Validator(strict(SCHEMA) if schema is None else schema).validate(report)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", REPORTS)
def test_reports_keep_to_the_schema(name: str) -> None:
    validate(json.loads(rendered(REPORTS[name])["report.json"]))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda report: report.update(schema=2),
        lambda report: report.pop("totals"),
        lambda report: report["hosts"][0].pop("versions"),
        lambda report: report["hosts"][0].update(more=1),
        lambda report: report["hosts"][0]["checks"][0].update(status="ok"),
        lambda report: report["hosts"][0]["phases"].pop(),
        lambda report: report.update(started="today"),
    ],
)
def test_another_shape_is_refused(spoil: t.Callable[[t.Any], t.Any]) -> None:
    report = copy.deepcopy(REPORTS["three"])
    spoil(report)
    with pytest.raises(jsonschema.ValidationError):
        validate(report)


def test_a_later_report_with_more_keys_is_accepted_by_readers() -> None:
    report = copy.deepcopy(REPORTS["three"])
    report["hosts"][0]["more"] = 1
    validate(report, SCHEMA)


def test_order_and_number_of_renderings_change_nothing() -> None:
    hosts = REPORTS["many"]["hosts"]
    assert rendered(report_of(reversed(hosts))) == rendered(REPORTS["many"])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("one", "1 host: READY WITH LIMITATIONS"),
        ("three", "3 hosts: 1 READY, 1 READY WITH LIMITATIONS, 1 NOT READY"),
        ("none", "no host"),
    ],
)
def test_headline(name: str, said: str) -> None:
    assert headline(REPORTS[name]) == said


def test_the_worst_host_is_the_verdict() -> None:
    assert [REPORTS[name]["verdict"] for name in ("one", "three", "none")] == [
        "ready_with_limitations",
        "not_ready",
        "not_ready",
    ]
    assert report_of([fleet.fragment("a", fleet.ready())])["verdict"] == "ready"


def junit(report: t.Any) -> ET.Element:
    return ET.fromstring(rendered(report)["report.xml"].encode("utf-8"))  # noqa: S314  # our own text


def test_junit_counts_and_cases() -> None:
    root = junit(REPORTS["three"])
    assert [suite.get("name") for suite in root] == ["busan.site.example", "jeju.site.example", "seoul.site.example"]
    for suite, host in zip(root, REPORTS["three"]["hosts"], strict=True):
        cases = suite.findall("testcase")
        assert [case.get("name") for case in cases] == [check["id"] for check in host["checks"]]
        assert {case.get("classname") for case in cases} == {host["host"]}
        for kind, status in (("failure", "fail"), ("skipped", "not_checked"), ("system-out", "warn")):
            found = [case.get("name") for case in cases if case.find(kind) is not None]
            assert found == [check["id"] for check in host["checks"] if check["status"] == status], kind
        assert int(suite.get("tests", "")) == len(cases)
        assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("skipped", "")) == len(suite.findall("testcase/skipped"))
        assert suite.get("timestamp") == "2026-05-04T09:30:12"
        total = sum(float(case.get("time", "")) for case in cases)
        assert float(suite.get("time", "")) == pytest.approx(total) and total > 10
    assert int(root.get("tests", "")) == len(root.findall("testsuite/testcase"))


def test_junit_failure_holds_message_and_fix() -> None:
    failure = junit(REPORTS["three"]).find("testsuite/testcase/failure")
    assert failure is not None and "docker.io/robustadev" in str(failure.get("message"))
    assert "Fix: Set holmes_image_registry" in str(failure.text)


def test_junit_tells_two_checks_of_one_id_apart_and_takes_any_text() -> None:
    bad = 'a<b>&"\x00\x1b[31m\x85\ufffe\ud800 ]]> 서울 \U0001f600'
    checks = [fleet.check("preflight", "llm.models", "t", "fail", bad, fix=bad) for _number in range(2)]
    suite = junit(report_of([fleet.fragment("b<&\x01", checks)]))[0]
    assert [case.get("name") for case in suite.findall("testcase")] == ["llm.models", "llm.models (2)"]
    failure = suite.find("testcase/failure")
    assert failure is not None and failure.get("message") == 'a<b>&" ]]> 서울 \U0001f600'


def test_files_are_private_and_whole(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    mask = os.umask(0)
    try:
        write(str(folder), rendered(REPORTS["one"]))
    finally:
        os.umask(mask)
    assert sorted(os.listdir(folder)) == ["report.html", "report.json", "report.xml"]
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in os.listdir(folder)} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stored(str(folder), rendered(REPORTS["one"])) == rendered(REPORTS["one"])


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.json"
    _store.write_whole(str(path), "old")

    def full(*_args: t.Any) -> t.NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_store.os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        _store.write_whole(str(path), "new")
    assert (path.read_text(), os.listdir(tmp_path)) == ("old", ["report.json"])


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("seoul", "seoul.json"),
        ("report", "report.json"),
        ("a/../b", "a%2F..%2Fb.json"),
        ("..", "%2E..json"),
        (".hidden", "%2Ehidden.json"),
        ("a~2", "a%7E2.json"),
        ("서울", "%EC%84%9C%EC%9A%B8.json"),
        ("c:\\x", "c%3A%5Cx.json"),
    ],
)
def test_a_host_may_be_called_anything(tmp_path: Path, host: str, name: str) -> None:
    assert _store.file_name(host) == name
    path = Path(_store.write_fragment(str(tmp_path), fleet.fragment(host, fleet.ready())))
    assert path == tmp_path / "hosts" / name
    assert [one["host"] for one in _store.read_fragments(str(tmp_path))] == [host]


def test_long_names_and_second_installations_have_files_of_their_own() -> None:
    names = [_store.file_name(host, number) for host in ("x" * 300, "x" * 301, "x~2", "x") for number in (1, 2)]
    assert len(set(names)) == 8 and max(map(len, names)) < 255


@pytest.mark.parametrize("text", ["", "[]", '{"schema": 2}', '{"host": "x"}', "{"])
def test_a_file_that_is_no_fragment_is_named(tmp_path: Path, text: str) -> None:
    _store.write_whole(str(tmp_path / "hosts" / "odd.json"), text)
    with pytest.raises(ValueError, match=r"odd\.json"):
        _store.read_fragments(str(tmp_path))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda one: one.pop("verdict"),
        lambda one: one.update(verdict="good"),
        lambda one: one.update(host=None),
        lambda one: one["checks"][0].pop("message"),
        lambda one: one.update(checks=["x"]),
    ],
)
def test_a_fragment_without_what_a_report_needs_is_named(tmp_path: Path, spoil: t.Callable[[t.Any], t.Any]) -> None:
    one = copy.deepcopy(fleet.fragment("seoul", fleet.ready()))
    spoil(one)
    _store.write_whole(str(tmp_path / "hosts" / "odd.json"), json.dumps(one))
    with pytest.raises(ValueError, match=r"odd\.json"):
        _store.read_fragments(str(tmp_path))


def test_versions_come_from_the_evidence() -> None:
    found = fleet.fragment("seoul", fleet.good())["versions"]
    assert {key: found[key] for key in ("ansible_core", "helm", "kubernetes", "chart", "holmesgpt", "revision")} == {
        "ansible_core": "2.21.5",
        "helm": "4.1.1",
        "kubernetes": "1.34.2",
        "chart": "holmes-0.45.0",
        "holmesgpt": "0.45.0",
        "revision": "4",
    }
    assert found["collection"] == collection_version() != ""
    assert [image["digest"] for image in found["images"]] == [fleet.DIGEST]


def test_images_are_taken_from_the_pods_if_no_registry_was_expected() -> None:
    pod = {"images": [{"container": "holmes", "image": "r/holmes:1", "image_id": "r/holmes@sha256:ab"}]}
    rollout = fleet.check("verify", "verify.rollout", "t", evidence={"pods": [pod, pod, "odd"]})
    assert versions_of([rollout], "2.21")["images"] == [
        {"container": "holmes", "image": "r/holmes:1", "digest": "sha256:ab"}
    ]
    odd = fleet.check("verify", "verify.image", "t", evidence={"images": "odd"})
    assert "images" not in versions_of([odd], "2.21")

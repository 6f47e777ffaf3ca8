# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about add-ons, the operator and skills from elsewhere."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

from tests.unit.fixtures.manifests import holmes, pod
from tests.unit.fixtures.rule_world import accepted, assert_told
from tests.unit.fixtures.values_world import OLD, build, case, chart, judge

CHECK = "values.addons"
SITE = "registry.site.internal:5000"
FOREIGN = "its image comes from us-central1-docker.pkg.dev"


def addon(name: str, **options: t.Any) -> dict[str, t.Any]:
    return {"mcpAddons": {name: {"enabled": True, **options}}}


def from_site(name: str, **options: t.Any) -> Case:
    """An add-on whose image comes from the mirror."""
    return case(addon(name, registry=f"{SITE}/mcp", **options), registry=SITE)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (from_site("prefect"), "The add-on 'prefect' is on."),
        (case(addon("prefect")), f"The add-on 'prefect' is on: {FOREIGN}."),
        (case(addon("prefect", enabled="false")), "The add-on 'prefect' is on"),
        (case(addon("prefect"), registry=SITE), FOREIGN),
        (case({**addon("prefect", registry=f"{SITE}/x"), "registry": SITE}), "The add-on 'prefect' is on."),
        (from_site("aws"), "'aws' is on: it asks Amazon's cloud."),
        (from_site("azure"), "'azure' is on: it asks Microsoft's cloud."),
        (from_site("gcp"), "'gcp' is on: it asks Google's cloud."),
        (from_site("github"), "it asks github.com, unless config.host names another."),
        (from_site("sentry"), "is on: it asks sentry.io, unless config.host names another."),
        (from_site("sentry", config={"host": "sentry.site"}), "The add-on 'sentry' is on."),
        (from_site("gitlabMcp"), "'gitlabMcp' is on: it downloads a package from npm at every start"),
        (from_site("kubernetesRemediation"), "it may change and delete workloads and run commands in pods."),
        (from_site("kubernetes"), "The add-on 'kubernetes' is on."),
        (from_site("kubernetes", serviceAccount={"clusterRole": "cluster-admin"}), "it gets the role 'cluster-admin'."),
        (from_site("kubernetes", config={"readOnly": False}), "is on: it is not read-only."),
        (from_site("prefect", config={"readOnlyMode": False}), "is on: it is not read-only."),
        (from_site("prefect", config={"readOnly": True}), "The add-on 'prefect' is on."),
        (from_site("prefect", config={"apiUrl": "https://api.gitlab.com"}), "is on: it asks api.gitlab.com."),
        (from_site("prefect", config={"apiUrl": "https://gitlab.site"}), "The add-on 'prefect' is on."),
        (from_site("prefect", auth={"app": {"registry": "ghcr.io/x"}}), "is on: its image comes from ghcr.io."),
    ],
)
def test_an_add_on_is_refused(given: Case, message: str) -> None:
    assert_told(CHECK, given, "fail", message)
    assert judge(CHECK, replace(given, request=replace(given.request, profile="none"))).status == "warn"


def test_the_operator() -> None:
    found = assert_told(
        CHECK, case({"operator": {"enabled": True}}), "fail", "The add-on 'operator' is on: it may write"
    )
    for issue in ("#2302", "#2030", "#2031"):
        assert issue in found.message
    assert found.fix == "Set operator.enabled: false." and found.evidence["addons"] == ["operator"]


def test_several() -> None:
    both = case({**addon("aws"), "operator": {"enabled": True}})
    found = judge(CHECK, both)
    assert found.evidence["addons"] == ["operator", "aws"]
    assert "(1) Set operator.enabled: false. (2) Set mcpAddons.aws.enabled: false." in found.fix
    half = judge(CHECK, replace(both, request=replace(both.request, exceptions={f"{CHECK}:aws": "wanted"})))
    assert half.status == "fail" and "Accepted (wanted): The add-on 'aws' is on" in half.message


@pytest.mark.parametrize(
    ("values", "name"),
    [(addon("kubernetesRemediation"), "kubernetesRemediation"), ({"operator": {"enabled": True}}, "operator")],
)
def test_an_add_on_is_accepted_by_name(values: dict[str, t.Any], name: str) -> None:
    def given(**options: t.Any) -> Case:
        return case(values, **options)

    accepted(CHECK, name, given)


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({}, None),
        (addon("aws", enabled=False), None),
        (addon("unknown"), OLD),
        ({"operator": {"enabled": True}}, OLD),
        ({"operator": True, "mcpAddons": "x"}, None),
        ({"mcpAddons": {"aws": None}}, None),
    ],
)
def test_nothing_is_on(values: dict[str, t.Any], path: Path | None) -> None:
    given = case(values, chart_path=path) if path else case(values)
    assert_told(CHECK, given, "pass", "No add-ons")


def test_the_names_come_from_the_chart() -> None:
    for name in chart().values["mcpAddons"]:
        assert_told(CHECK, case(addon(name)), "fail", f"The add-on '{name}' is on")
    assert_told(CHECK, case(addon("aws"), chart_path=OLD), "fail", "The add-on 'aws' is on")


def skilled(tmp_path: Path) -> Path:
    """A chart with nothing but skillRepos."""
    (tmp_path / "Chart.yaml").write_text("name: holmes\nversion: 1.0.0\n")
    (tmp_path / "values.yaml").write_text("skillRepos: []\n")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "x.yaml").write_text("{{ toYaml .Values.skillRepos }}")
    return tmp_path


@pytest.mark.parametrize(
    ("repos", "status"),
    [
        ([{"url": "https://github.com/a/b"}, {"url": "git@gitlab.com:a/b"}, "x", {}], "fail"),
        ([{"url": "https://git.site.internal/a"}], "pass"),
        ([], "pass"),
        ("odd", "pass"),
    ],
)
def test_skills_from_git(tmp_path: Path, repos: t.Any, status: str) -> None:
    values, path = {"skillRepos": repos}, skilled(tmp_path)
    found = judge(CHECK, case(values, chart_path=path))
    assert found.status == status
    assert judge(CHECK, case(values, chart_path=OLD)).status == "pass", "this chart does not know the key"
    if status == "fail":
        assert found.message == "skillRepos is fetched from github.com, gitlab.com while HolmesGPT runs."
        assert found.fix == "Name a Git server of the site in skillRepos."
        assert judge(CHECK, case(values, chart_path=path, profile="none")).status == "warn"
        excused = case(values, chart_path=path, exceptions={f"{CHECK}:skillRepos": "a proxy"})
        assert judge(CHECK, excused).message.startswith("Accepted (a proxy)")


MOUNTED = [pod(holmes(volumeMounts=[{"name": "s", "mountPath": "/skills/"}, "odd"]))]


@pytest.mark.parametrize(
    ("paths", "status"),
    [
        (["/skills"], "pass"),
        (["/skills/a/SKILL.md"], "pass"),
        (["/skills", "/skill", "/skillset"], "warn"),
        ([], "pass"),
    ],
)
def test_skills_in_folders(paths: list[str], status: str) -> None:
    found = judge(CHECK, case({"customSkillPaths": paths}, manifests=MOUNTED))
    assert found.status == status
    if status == "warn":
        assert found.message == "customSkillPaths names '/skill', '/skillset', but nothing is mounted there."
        assert found.fix == "Mount it with additionalVolumes and additionalVolumeMounts."
    assert judge(CHECK, case({"customSkillPaths": paths})).status == "pass", "without manifests nothing is known"
    assert judge(CHECK, case({"customSkillPaths": paths}, chart_path=OLD, manifests=MOUNTED)).status == "pass"


def test_folders_are_accepted_by_name() -> None:
    values = {"customSkillPaths": ["/elsewhere"]}
    found = judge(CHECK, case(values, manifests=MOUNTED, exceptions={f"{CHECK}:customSkillPaths": "in the image"}))
    assert found.message.startswith("Accepted (in the image)")


def test_with_the_real_helm() -> None:
    for options, status in (
        ({}, "pass"),
        ({"values": addon("aws")}, "fail"),
        ({"chart": OLD, "values": addon("aws")}, "fail"),
    ):
        (found,) = [check for check in build(**options).checks if check.id == CHECK]
        assert found.status == status, found

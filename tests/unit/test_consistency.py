# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written twice says the same: defaults and specs, modules and action groups, checks and their pages, links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles" / "holmes"
DEFAULTS = (ROLE / "defaults" / "main.yml").read_text()
OPTIONS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
EMPTY = ("", None, {}, [])


def test_every_variable_is_in_defaults_and_specs() -> None:
    named = set(re.findall(r"^(?:# )?(holmes_\w+):", DEFAULTS, re.MULTILINE))
    assert named == set(OPTIONS)


def test_defaults_agree() -> None:
    for name, default in yaml.safe_load(DEFAULTS).items():
        documented = OPTIONS[name].get("default")
        assert documented == default or (default in EMPTY and documented is None), name


def test_role_uses_only_documented_variables() -> None:
    used = set()
    for path in [*ROLE.glob("tasks/*.yml"), *ROLE.glob("templates/*"), ROLE / "vars" / "main.yml"]:
        used |= set(re.findall(r"(?<![\w.])holmes_[a-z_0-9]+", path.read_text()))
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    tags = {"holmes_preflight", "holmes_deploy", "holmes_verify"}
    options_of_modules = {"holmes_api_key"}
    assert used - modules - tags - options_of_modules <= set(OPTIONS)
    assert set(OPTIONS) <= used | {"holmes_state"}, "a variable that nothing reads"


def test_secrets_are_raw_in_the_specs() -> None:
    """Ansible prints a value of a wrong type even with no_log."""
    secret = [name for name in OPTIONS if re.search(r"(password|kube_api_key|username)$|^holmes_secrets$", name)]
    assert {OPTIONS[name]["type"] for name in secret if name != "holmes_chart_repo_username"} == {"raw"}


def test_cluster_modules_are_in_the_action_group_and_keep_arguments_out_of_results() -> None:
    group = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["action_groups"]["cluster"]
    listed = {entry for entry in group if isinstance(entry, str)}
    with_cluster = {
        path.stem
        for path in (ROOT / "plugins" / "modules").glob("*.py")
        if "kubernetes.core.k8s_auth_options" in path.read_text()
    }
    assert listed == with_cluster
    for name in with_cluster:
        assert "ClusterAction" in (ROOT / "plugins" / "action" / f"{name}.py").read_text(), name


PAGES = [(("host", "cluster", "release", "run"), "release"), (("verify",), "verify")]


@pytest.mark.parametrize(("prefixes", "page"), PAGES)
def test_every_check_has_a_section(prefixes: tuple[str, ...], page: str) -> None:
    sources = "".join(path.read_text() for path in (ROOT / "plugins").glob("*_utils/_*.py"))
    ids = set(re.findall(rf'"((?:{"|".join(prefixes)})\.[a-z_]+)"', sources))
    sections = set(re.findall(r"^## (\S+)$", (ROOT / "docs" / "checks" / f"{page}.md").read_text(), re.MULTILINE))
    assert ids and ids == sections


@pytest.mark.parametrize("page", ["README.md", "README.ko.md", "docs/architecture.md", "roles/holmes/README.md"])
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", (ROOT / page).read_text()):
        assert ((ROOT / page).parent / target).exists(), target

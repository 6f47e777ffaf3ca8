# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written twice says the same: defaults and specs, modules and action groups, checks and their pages, links."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight, _verify
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._phases import phase_of_step

from tests.tools.specs.files import generated
from tests.tools.specs.source import names, options

ROOT = Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles" / "holmes"
DEFAULTS = (ROLE / "defaults" / "main.yml").read_text()
OPTIONS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
EMPTY = ("", None, {}, [])


GENERATED = generated()


@pytest.mark.parametrize("path", GENERATED, ids=[path.name for path in GENERATED])
def test_what_is_generated_is_up_to_date(path: Path) -> None:
    assert path.read_text() == GENERATED[path], "run tests/tools/specs/generate"


def test_generated_files_say_the_same() -> None:
    """The generator itself: every variable is in both files, with the same default."""
    named = set(re.findall(r"^(?:# )?(holmes_\w+):", DEFAULTS, re.MULTILINE))
    assert named == set(OPTIONS)
    for name, default in yaml.safe_load(DEFAULTS).items():
        documented = OPTIONS[name].get("default")
        assert documented == default or (default in EMPTY and documented is None), name


def test_specs_hold_no_template() -> None:
    """Ansible templates the whole file, descriptions too."""
    assert "{{" not in (ROLE / "meta" / "argument_specs.yml").read_text()


def test_every_option_of_the_values_module_has_a_variable() -> None:
    """Except what the role itself finds out, and what is a mapping of options."""
    own = {"chart", "rollout_token", "learned", "llm", "rbac"}
    known = {of.split(".")[1] for of in names() if of.startswith("holmes_values.")}
    assert set(options("holmes_values")) - own == known - {"llm", "rbac"}
    for group in ("llm", "rbac"):
        inner = {of.rpartition(".")[2] for of in names() if of.startswith(f"holmes_values.{group}.")}
        assert inner == set(options("holmes_values")[group]["suboptions"])


def test_the_role_passes_every_variable_on() -> None:
    text = (ROLE / "tasks" / "values.yml").read_text() + (ROLE / "vars" / "main.yml").read_text()
    for of, name in names().items():
        module, _dot, option = of.partition(".")
        last = option.rpartition(".")[2]
        if module == "holmes_values" and option != "dest":
            assert re.search(rf"'?\b{last}'?: [^,\n]*\b{name}\b", text) or f"__holmes_{last}" in text, name


def test_role_uses_only_documented_variables() -> None:
    used = set()
    for path in [*ROLE.glob("tasks/*.yml"), *ROLE.glob("templates/*"), ROLE / "vars" / "main.yml"]:
        used |= set(re.findall(r"(?<![\w.])holmes_[a-z_0-9]+", path.read_text()))
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    tags = {"holmes_preflight", "holmes_deploy", "holmes_verify"}
    options_of_modules = {"holmes_api_key", "holmes_api_key_from"}
    assert used - modules - tags - options_of_modules <= set(OPTIONS)
    assert set(OPTIONS) <= used | {"holmes_state"}, "a variable that nothing reads"


def test_what_may_hold_a_secret_is_raw_in_the_specs() -> None:
    """Ansible prints a value of a wrong type even with no_log."""
    sounding = re.compile(
        r"(password|api_key|registry_username)$|^holmes_(secrets|env|models|toolsets|values|kubeconfig)$"
    )
    found = {name: OPTIONS[name]["type"] for name in OPTIONS if sounding.search(name)}
    assert len(found) >= 11 and set(found.values()) == {"raw"}, found


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


def test_every_step_of_the_role_belongs_to_a_phase_of_the_report() -> None:
    """A step that fails, and the seconds it took, would else be shown nowhere."""
    frame = {"Present", "Deployed", "Checked", "Generated", "Verified", "Rolled back", "Absent", "Work folder"}
    for path in (ROLE / "tasks").glob("*.yml"):
        for step in re.findall(r"- name: ([\w ]+) \| ", path.read_text()):
            assert step in frame or phase_of_step(f"{step} | x"), f"{path.name}: {step}"


PREFIXES = (
    "host",
    "preflight",
    "cluster",
    "registry",
    "tls",
    "llm",
    "endpoint",
    "release",
    "upgrade",
    "verify",
    "live",
    "access",
    "egress",
    "run",
)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_check_has_one_section(prefix: str) -> None:
    sources = "".join(path.read_text() for path in (ROOT / "plugins").glob("*_utils/_*.py"))
    ids = set(re.findall(rf'"({prefix}\.[a-z_]+)"', sources)) - {"cluster.local"}
    pages = "".join(path.read_text() for path in (ROOT / "docs" / "checks").glob("*.md"))
    sections = re.findall(rf"^## ({prefix}\.\S+)$", pages, re.MULTILINE)
    assert ids and sorted(ids) == sorted(sections)


@pytest.mark.parametrize("part", [_preflight, _verify])
def test_every_check_has_a_title_and_a_section(part: t.Any) -> None:
    pages = "".join(path.read_text() for path in (ROOT / "docs" / "checks").glob("*.md"))
    assert len(part.IDS) > 25
    for check, title in part.IDS.items():
        assert title and f"\n## {check}\n" in pages, check


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "README.ko.md",
        "docs/adopt.md",
        "docs/architecture.md",
        "docs/awx.md",
        "docs/preflight.md",
        "docs/faults.md",
        "docs/life.md",
        "docs/report.md",
        "docs/values.md",
        "docs/variables.md",
        "docs/verify.md",
        "roles/holmes/README.md",
    ],
)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", (ROOT / page).read_text()):
        assert ((ROOT / page).parent / target).exists(), target

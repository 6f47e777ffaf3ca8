# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of kubeconfigs: names, sites, contexts, and a sentence for whatever would leave a cluster out."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._kubeconfig_folder import Cluster, clusters

from tests.unit.plugins.plugin_utils.test_kubeconfig import config


def single(name: str) -> dict[str, t.Any]:
    return config(contexts=[{"name": name, "context": {"cluster": "seoul", "user": "admin-seoul"}}])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, content in {
        "one.kubeconfig.yaml": single("one"),
        "seoul/prod": single("x"),
        "seoul/many.conf": config(),
        "seoul/.hidden": "x",
        "README.md": "x",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(yaml.safe_dump(content))
    return tmp_path


def found(folder: Path, every_context: bool = False) -> list[Cluster]:
    return clusters(str(folder), every_context, lambda path: yaml.safe_load(Path(path).read_text()), (".md",))


def test_a_file_is_a_cluster_and_a_folder_a_site(folder: Path) -> None:
    assert [(one.name, one.site, one.context) for one in found(folder)] == [
        ("one", "", "one"),
        ("many", "seoul", "seoul"),
        ("prod", "seoul", "x"),
    ]
    assert found(folder)[0].server == "https://seoul:6443"
    assert found(folder)[2].path == str(folder / "seoul" / "prod")


def test_every_context_is_a_cluster_if_that_is_wanted(folder: Path) -> None:
    names = [one.name for one in found(folder, every_context=True)]
    assert names == ["one", "many_seoul", "many_busan", "prod"]


def refused(folder: Path, every_context: bool = False) -> str:
    with pytest.raises(HolmesError) as caught:
        found(folder, every_context)
    assert caught.value.fix
    return caught.value.msg


def test_no_folder_and_an_empty_one(tmp_path: Path) -> None:
    assert refused(tmp_path / "gone") == f"The folder '{tmp_path}/gone' cannot be read: No such file or directory."
    assert refused(tmp_path) == f"The folder '{tmp_path}' holds no kubeconfig."


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x", "text", "' is no kubeconfig."),
        ("x", {"kind": "Secret"}, "' is no kubeconfig."),
        ("x", {}, "' is no kubeconfig, or an empty one."),
        ("one.json", single("one"), "Two kubeconfigs would be the host 'one': '"),
        ("busan/one", single("one"), "Two kubeconfigs would be the host 'one': '"),
        ("a/b/c", single("c"), "' is a folder in the folder of a site; only one level makes groups."),
        ("x", config(**{"current-context": ""}), "holds 2 contexts ('seoul', 'busan'), and it has no current-context."),
        ("x", config(**{"current-context": "z"}), "current-context 'z' is none of its contexts."),
    ],
)
def test_what_cannot_be_taken_is_named(folder: Path, name: str, content: t.Any, told: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(yaml.safe_dump(content))
    assert told in refused(folder)


def test_a_broken_link(folder: Path) -> None:
    (folder / "link").symlink_to("gone")
    assert refused(folder) == f"The file '{folder}/link' cannot be read."


def test_two_contexts_that_would_be_one_host(folder: Path) -> None:
    (folder / "many_seoul").write_text(yaml.safe_dump(single("x")))
    assert "would be the host 'many_seoul'" in refused(folder, every_context=True)

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from lab import state
from lab.cache import Cache, cache_root
from lab.errors import LabError
from lab.state import Lab

ROOTS = [
    ({"HOLMES_ONPREM_CACHE": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/a"),
    ({"XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/b/holmesgpt-onprem"),
    ({"XDG_CACHE_HOME": "", "HOLMES_ONPREM_CACHE": "", "HOME": "/c"}, "/c/.cache/holmesgpt-onprem"),
]


@pytest.mark.parametrize(("environ", "expected"), ROOTS)
def test_cache_root(environ: dict[str, str], expected: str) -> None:
    assert cache_root(environ) == Path(expected)


@pytest.mark.parametrize("path", ["/a b", "/a:b", "/a,b"])
def test_a_path_that_mount_cannot_take_is_refused(path: str) -> None:
    with pytest.raises(LabError, match="set HOLMES_ONPREM_CACHE"):
        cache_root({"HOLMES_ONPREM_CACHE": path})


def test_product_is_made_once(cache: Cache) -> None:
    made: list[Path] = []

    def make(out: Path) -> None:
        made.append(out)
        (out / "f").write_text("x")

    for _ in range(2):
        assert (cache.product("tool-v1", "k1", make) / "f").read_text() == "x"
    assert len(made) == 1
    cache.product("tool-v1", "k2", make)
    assert len(made) == 2


def test_interrupted_product_is_made_again(cache: Cache) -> None:
    def broken(out: Path) -> None:
        (out / "half").write_text("x")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.product("tool", "k", broken)
    assert not (cache.made / "tool-k").exists()
    done = cache.product("tool", "k", lambda out: None)
    assert list(done.iterdir()) == []


def test_links_are_relative_and_replaced(cache: Cache) -> None:
    for version in ("1", "2"):
        (cache.made / version).mkdir()
        (cache.made / version / "tool").write_text(version)
        cache.link("tool", cache.made / version / "tool")
    assert (cache.bin / "tool").read_text() == "2"
    assert os.readlink(cache.bin / "tool") == "../made/2/tool"
    assert len(list(cache.bin.iterdir())) == 1


def test_prune_keeps_what_is_used_young_or_other(cache: Cache) -> None:
    for name in ("node-old", "node-used", "node-young", "host-old"):
        (cache.made / name).mkdir()
        if name != "node-young":
            os.utime(cache.made / name, (0, time.time() - 7200))
    cache.prune("node-", keep={(cache.made / "node-used").resolve()})
    assert sorted(path.name for path in cache.made.iterdir()) == ["host-old", "node-used", "node-young"]


def test_state_survives_and_half_a_file_does_not(cache: Cache, a_lab: Lab) -> None:
    assert state.load(cache, "dev") is None
    state.save(cache, a_lab)
    assert state.load(cache, "dev") == a_lab
    assert state.known(cache) == [a_lab]
    assert (cache.labs / "dev").stat().st_mode & 0o777 == 0o700
    for text in ('{"name": "dev"', '{"name": "dev"}', "[]", '{"unknown": 1}'):
        (cache.labs / "dev" / state.FILE).write_text(text)
        assert state.load(cache, "dev") is None


def test_numbers_are_not_shared() -> None:
    assert state.free_number(set()) == 1
    assert state.free_number({1, 2, 4}) == 3
    with pytest.raises(LabError, match="254 labs"):
        state.free_number(set(range(1, 255)))


def test_two_labs_share_no_address() -> None:
    one, two = Lab("a", 1, 0, "private"), Lab("b", 2, 0, "private")
    for what in ("nodes_subnet", "site_address", "api_port"):
        assert getattr(one, what) != getattr(two, what)


@pytest.mark.parametrize("name", ["dev", "a", "lab-2", "x" * 20])
def test_good_names(name: str) -> None:
    assert state.check_name(name) == name


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a.b", "../x", "x" * 21, "a b"])
def test_bad_names(name: str) -> None:
    with pytest.raises(LabError, match="cannot name a lab"):
        state.check_name(name)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Helm itself is asked which values matter; the reader must never call such a key dead or unknown."""

from __future__ import annotations

import re
import typing as t
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import read
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_keys import ChartKeys

from tests.unit.fixtures import synthetic_umbrella as umbrella
from tests.unit.fixtures.chart_oracle import Changes, Keys, Oracle, applied, fillings, leaves, others, switches
from tests.unit.fixtures.synthetic_charts import CONSTRUCTS, Construct, everything
from tests.unit.fixtures.values_world import NEW, OLD, helm
from tests.unit.plugins.module_utils.test_chart import unpacked

Sections = dict[str, str]


def strays(keys: ChartKeys, values: dict[str, t.Any]) -> set[str]:
    return {".".join(stray.path) for stray in keys.strays(values)}


def sections(output: str) -> Sections:
    """What each template printed."""
    parts = re.split(r"^# Source: \S+/templates/(\S+)\.yaml$", output, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def trials(one: Construct) -> list[tuple[str, int, Changes]]:
    """Single changes: the key, what to compare with, the change. 0 is the chart as it is."""
    found: list[tuple[str, int, Changes]] = []
    for keys, value in leaves(one.values):
        # Changes that break no template: a failed render has to be taken apart.
        gentle = [[value[-1], *value]] if isinstance(value, list) and value else others(value)[:1]
        found += [(".".join(keys), 0, {(one.name, *keys): other}) for other in gentle]
    for number, key in enumerate(one.more.split(), 1):
        found += [(key, number, {(one.name, *key.split(".")): text}) for text in ("one", "two")]
    return found


@pytest.fixture(scope="session")
def constructs(tmp_path_factory: pytest.TempPathFactory) -> tuple[ChartKeys, dict[str, set[str]]]:
    """The reader's view of the chart with all constructs, and for each the keys that alter its output.

    One render changes one key of every construct; if it fails, each of these changes is rendered alone.
    """
    chart = unpacked(tmp_path_factory.mktemp("all"), everything())
    oracle = Oracle(chart, helm())
    assert not oracle.fails(), oracle.base
    read_by_helm: dict[str, set[str]] = {one.name: set() for one in CONSTRUCTS}
    seen: dict[tuple[str, int], str] = {(name, 0): text for name, text in sections(oracle.base).items()}

    def render(turn: t.Sequence[tuple[Construct, tuple[str, int, Changes]] | None]) -> None:
        these = [item for item in turn if item]
        output = oracle.render({keys: value for _one, trial in these for keys, value in trial[2].items()})
        if output.startswith("ERROR") and len(these) > 1:
            render(these[: len(these) // 2])
            render(these[len(these) // 2 :])
            return
        parts = sections(output)
        for one, (key, number, _change) in these:
            text = output if output.startswith("ERROR") else parts.get(one.name, "")
            if seen.setdefault((one.name, number), text) != text:
                read_by_helm[one.name].add(key)

    turns = zip_longest(*([(one, trial) for trial in trials(one)] for one in CONSTRUCTS))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(render, turns))
    return ChartKeys(read(str(chart))), read_by_helm


@pytest.mark.parametrize("one", CONSTRUCTS, ids=[one.name for one in CONSTRUCTS])
def test_construct(one: Construct, constructs: tuple[ChartKeys, dict[str, set[str]]]) -> None:
    keys, read_by_helm = constructs
    added: Changes = {tuple(key.split(".")): "x" for key in one.more.split()}
    given = {one.name: applied(one.values, added)}
    found = {key.removeprefix(f"{one.name}.") for key in strays(keys, given)}
    assert found & read_by_helm[one.name] == set(), "the reader misses what Helm reads"
    assert found == set(one.stray.split())
    every = {".".join(path) for path, _value in leaves(given[one.name])}
    assert every - found - read_by_helm[one.name] == set(one.quiet.split()), "keys that alter nothing are not as told"


def test_sub_charts(tmp_path: Path) -> None:
    chart = unpacked(tmp_path / "umbrella", umbrella.UMBRELLA)
    keys, oracle = ChartKeys(read(str(chart))), Oracle(chart, helm())
    assert not oracle.fails(), oracle.base
    shipped: dict[Keys, t.Any] = {path: value for path, value in leaves(keys.shipped) if "global" not in path[1:]}
    added: Changes = {tuple(key.split(".")): "x" for key in umbrella.MORE.split()}
    found = strays(keys, applied(keys.shipped, added))
    with ThreadPoolExecutor(2) as pool:
        seen = pool.map(lambda path: oracle.read({path: others(shipped[path])[0]}), shipped)
        matter = pool.map(lambda path: oracle.matter([path]), added)
        altering = {".".join(path) for paths in (*seen, *matter) for path in paths}
    assert not any(key == stray or key.startswith(f"{stray}.") for key in altering for stray in found)
    assert found == set(umbrella.STRAY.split())
    quiet = {".".join(path) for path in (*shipped, *added)} - altering
    quiet = {key for key in quiet if not any(key == stray or key.startswith(f"{stray}.") for stray in found)}
    assert quiet == set(umbrella.QUIET.split())


@pytest.fixture(scope="session", params=[NEW, OLD], ids=["new", "old"])
def double(request: pytest.FixtureRequest) -> tuple[ChartKeys, list[Oracle]]:
    """A double with what it ships, with everything turned on, and with everything filled in as well."""
    keys = ChartKeys(read(str(request.param)))
    plain = Oracle(request.param, helm())
    on = plain.with_more(switches(keys.shipped))
    full = on.with_more(fillings(keys.shipped)[0])
    assert not any(one.fails() for one in (plain, on, full))
    return keys, [plain, on, full]


def test_no_shipped_key_that_matters_is_called_dead(double: tuple[ChartKeys, list[Oracle]]) -> None:
    keys, oracles = double
    shipped: dict[Keys, t.Any] = dict(leaves(keys.shipped))
    dead = [path for path, value in shipped.items() if strays(keys, applied({}, {path: value}))]
    assert dead == [("enableAccountsCreate",)]
    for oracle in oracles:
        for turn in range(3):
            assert oracle.read({path: (others(shipped[path]) * 3)[turn] for path in dead}) == []


def test_no_other_key_that_matters_is_called_unknown(double: tuple[ChartKeys, list[Oracle]]) -> None:
    """Every word of the templates below every map: most are no keys of it, and some are."""
    keys, oracles = double
    texts = "".join(keys.chart.templates.values())
    words = sorted({word for found in re.findall(r'\.(\w+)|"([\w./-]+)"', texts) for word in found if word})
    places = [path[:length] for path, _value in leaves(keys.shipped) for length in range(len(path))]
    unknown = [(*place, word) for place in dict.fromkeys(places) for word in words]
    unknown = [path for path in unknown if strays(keys, applied({}, {path: "x"}))]
    assert len(unknown) > 400
    for oracle in oracles:
        assert oracle.matter(unknown) == []


def test_the_oracle_is_not_blind(double: tuple[ChartKeys, list[Oracle]]) -> None:
    keys, (_plain, _on, full) = double
    shipped = list(leaves(keys.shipped))
    some = shipped[:: len(shipped) // 12]
    seen = [path for path, value in some if full.read({path: others(value)[0]})]
    assert len(seen) > len(some) / 4
    assert full.matter([("oracle",), ("sentryDSN",), ("podAnnotations", "oracle")]) == [
        ("sentryDSN",),
        ("podAnnotations", "oracle"),
    ]

# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutation test of the rules: breaks them one small way at a time, in copies of the checkout, and runs their tests.

Cosmic Ray makes the mutants and runs the tests; here they are chosen, shared out to processes, counted and shown.
Exit codes: 0 enough mutants were noticed, 1 too few, 2 it could not be found out.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import mutation_operators
from cosmic_ray.commands import execute, init
from cosmic_ray.config import ConfigDict
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkItem, WorkResult

ROOT = Path(__file__).resolve().parents[2]
RULES = "plugins/module_utils/_rules*.py"
TESTS = ("tests/unit/plugins/module_utils/test_rules*.py", "tests/unit/plugins/module_utils/test_exceptions.py")
# What the tests of the rules need of the checkout.
COPIED = ("plugins", "collections", "docs", "tests/unit", "tests/doubles/charts", "tests/__init__.py", "pyproject.toml")
PYTEST = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
TABLE = "test_rules_table"
SEED, SAMPLE, WANTED, LINE_EVERY = 20260101, 300, 90.0, 20.0

Done = tuple[WorkItem, WorkResult]


def say(text: str) -> None:
    print(f"mutation: {text}", flush=True)


def copy(target: Path) -> Path:
    """The part of the checkout that is tested, as it is on disk now."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    return target


@dataclass
class Plan:
    """Which mutants, and how each is tested. ``timeout`` in seconds."""

    items: list[WorkItem]
    total: int
    tests: list[str]
    timeout: float

    def command(self, module: str) -> str:
        """The tests; first those named after the file, because they notice most mutants, and soon."""
        own = f"test{Path(module).stem}"
        ordered = sorted(self.tests, key=lambda test: (not Path(test).stem.startswith(own), TABLE not in test))
        return " ".join([*PYTEST, *ordered])


def plan(tree: Path, pattern: str, sample: int, seed: int) -> Plan:
    """Mutants of the rules' files, the same for the same seed and files. Raises SystemExit if tests fail already."""
    tests = sorted(str(path.relative_to(tree)) for names in TESTS for path in tree.glob(names))
    start = time.monotonic()
    done = subprocess.run([*PYTEST, *tests], cwd=tree, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - start
    if done.returncode != 0:
        say(f"the tests of the rules fail without any mutation:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
        raise SystemExit(2)
    modules = sorted(path.relative_to(tree) for path in tree.glob(pattern))
    with contextlib.chdir(tree), use_db(str(tree.with_suffix(".all"))) as database:
        items = _all_items(modules, database)
    chosen = items if sample <= 0 or sample >= len(items) else random.Random(seed).sample(items, sample)  # noqa: S311
    say(f"{len(chosen)} of {len(items)} mutants of {len(modules)} files, seed {seed}; the tests take {seconds:.1f} s")
    return Plan(chosen, len(items), tests, max(20.0, 6 * seconds))


def _all_items(modules: list[Path], database: WorkDB) -> list[WorkItem]:
    init(modules, database, {})
    silent = mutation_operators.Silent()
    items = [item for item in database.work_items if not silent.says_nothing(item.mutations[0])]
    # The ids of Cosmic Ray are random; this order is not.
    return sorted(items, key=lambda item: _key(item))


def _key(item: WorkItem) -> tuple[str, tuple[int, int], str, int]:
    mutation = item.mutations[0]
    return str(mutation.module_path), mutation.start_pos, mutation.operator_name, mutation.occurrence


def worker(folder: Path) -> None:
    """Works off the sessions of a folder in the current folder, a copy of the checkout."""
    for session in sorted(folder.glob("*.sqlite")):
        config = json.loads(session.with_suffix(".json").read_text())
        with use_db(session, WorkDB.Mode.open) as database:
            execute(database, ConfigDict(config))


def run(made: Plan, folder: Path, jobs: int) -> list[Done]:
    """Every mutant's result. Each process has its own copy, so that mutants never meet."""
    sessions = [session for number in range(jobs) for session in _sessions(made, folder / f"job{number}", number, jobs)]
    # No plugins that the tests of the rules do not need: they only cost time.
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    workers = []
    try:
        for number in range(jobs):
            tree = folder / "tree" if number == 0 else copy(folder / f"tree{number}")
            command = [sys.executable, __file__, "--worker", str(folder / f"job{number}")]
            workers.append(subprocess.Popen(command, cwd=tree, env=env))
        _watch(workers, sessions, len(made.items))
    finally:
        for process in workers:
            process.terminate()
            process.wait()
    return [done for session in sessions for done in _results(session)]


def _sessions(made: Plan, folder: Path, number: int, jobs: int) -> list[Path]:
    """The share of one process, a session for each file that is broken."""
    folder.mkdir()
    share: dict[str, list[WorkItem]] = {}
    for item in made.items[number::jobs]:
        share.setdefault(str(item.mutations[0].module_path), []).append(item)
    for module, items in share.items():
        session = folder / f"{Path(module).stem}.sqlite"
        with use_db(session) as database:
            database.add_work_items(items)
        config = {"test-command": made.command(module), "timeout": made.timeout, "distributor": {"name": "local"}}
        session.with_suffix(".json").write_text(json.dumps(config))
    return sorted(folder.glob("*.sqlite"))


def _watch(workers: list[subprocess.Popen[bytes]], sessions: list[Path], total: int) -> None:
    start = told = time.monotonic()
    while any(process.poll() is None for process in workers):
        time.sleep(0.5)
        if time.monotonic() - told >= LINE_EVERY:
            told = time.monotonic()
            found = [done for session in sessions for done in _results(session)]
            alive = sum(result.test_outcome == TestOutcome.SURVIVED for _item, result in found)
            say(f"{len(found)} of {total} after {told - start:.0f} s, {alive} survived")


def _results(session: Path) -> list[Done]:
    with use_db(session, WorkDB.Mode.open) as database:
        return list(database.completed_work_items)


def show(made: Plan, found: list[Done], wanted: float) -> int:
    """Survivors, a table per file, and the exit code."""
    found = sorted(found, key=lambda done: _key(done[0]))
    unusable = [done for done in found if done[1].worker_outcome != WorkerOutcome.NORMAL]
    survivors = [done for done in found if done[1].test_outcome == TestOutcome.SURVIVED]
    for number, (item, result) in enumerate(survivors, 1):
        mutation = item.mutations[0]
        print(f"\n--- survivor {number}: {mutation.module_path}:{mutation.start_pos[0]} {mutation.operator_name}")
        print("\n".join((result.diff or "").splitlines()[3:]))
    print(f"\n{'file':<28}{'mutants':>9}{'killed':>9}{'survived':>10}{'killed %':>10}")
    names = sorted({str(item.mutations[0].module_path) for item, _result in found})
    for name in [*names, ""]:
        # The empty name stands for all of them.
        total = sum(str(item.mutations[0].module_path).startswith(name) for item, _result in found)
        alive = sum(str(item.mutations[0].module_path).startswith(name) for item, _result in survivors)
        label = Path(name).name or "all"
        print(f"{label:<28}{total:>9}{total - alive:>9}{alive:>10}{100 * (total - alive) / max(total, 1):>10.1f}")
    print()
    if unusable or len(found) != len(made.items):
        for item, result in unusable:
            say(f"no result for {_key(item)}: {(result.output or '')[-500:]}")
        say(f"only {len(found) - len(unusable)} of {len(made.items)} mutants were tested")
        return 2
    percent = 100 * (len(found) - len(survivors)) / max(len(found), 1)
    say(f"{percent:.1f} % of {len(found)} mutants were noticed, at least {wanted:g} % are wanted")
    return 0 if found and percent >= wanted else 1


def main() -> int:
    parser = argparse.ArgumentParser(description="Mutation test of the rules of holmes_values.")
    parser.add_argument("--sample", type=int, default=SAMPLE, help="how many mutants, chosen by the seed (%(default)s)")
    parser.add_argument("--all", action="store_true", help="every mutant instead")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--files", default=RULES, help="which files are broken (%(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time (%(default)s)")
    parser.add_argument("--wanted", type=float, default=WANTED, help="percentage to be noticed (%(default)s)")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        worker(Path(options.worker))
        return 0
    mutation_operators.self_test()
    with tempfile.TemporaryDirectory(prefix="mutation-") as name:
        folder = Path(name)
        made = plan(copy(folder / "tree"), options.files, 0 if options.all else options.sample, options.seed)
        return show(made, run(made, folder, max(1, options.jobs)), options.wanted)


if __name__ == "__main__":
    sys.exit(main())

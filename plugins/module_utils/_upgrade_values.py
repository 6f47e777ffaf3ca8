# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``upgrade.values``: keys that lose their effect, and defaults that change under the user's feet. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_keys import DEAD, ChartKeys, Stray
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_reads import Path
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_suggest import dotted
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_yaml import overlaid
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._mask import mask
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import listed
from ansible_collections.holmesgpt.onprem.plugins.module_utils._upgrade_running import Running
from ansible_collections.holmesgpt.onprem.plugins.module_utils._upgrade_say import VALUES, passed, warned
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, get, has
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secrets import masked

# What surprises most when its default changes comes first.
_TELLING = (
    ("telemetry", "sentry"),
    ("toolsets",),
    ("registry", "image"),
    ("resources",),
    ("rbac", "rules", "permissions", "account"),
)
# As many defaults make a sentence; a longer value is cut.
_MOST, _LONGEST = 5, 40


_KEPT = "Every key that has an effect keeps it."
_SWITCH = "enabled"
_ABSENT = object()
# The user of an address, who may be a key (the DSN of Sentry).
_USER = re.compile(r"(?<=://)[^/@\s]+(?=@)")


class Default(t.NamedTuple):
    """A default that changes; one that is new has no ``old``, one that is shipped no more has no ``new``."""

    path: Path
    old: str | None
    new: str | None

    def __str__(self) -> str:
        if self.old is None:
            return f"{dotted(self.path)}: {self.new} (new)"
        return f"{dotted(self.path)}: {self.old} -> {self.new or 'no default'}"


def judge(running: Running, chart: Chart, values: Values) -> Check:
    """``chart`` and ``values`` are those of this run.

    Keys that the running release was given count as well: what a values file of before held may be left out by now
    only because this chart does not know it.
    """
    if running.release.chart_sha256 == chart.sha256:  # what templates read takes long to learn, twice even longer
        return passed(VALUES, _KEPT, vanish=[], die=[], defaults=[])
    before, after = ChartKeys(running.chart), ChartKeys(chart)
    given = overlaid(running.release.config, values)
    used = before.with_given(given)
    lost = [stray for stray in after.strays(given) if _had_effect(used, given, stray)]
    dead = [str(stray) for stray in lost if stray.kind == DEAD]
    vanished = [str(stray) for stray in lost if stray.kind != DEAD]
    defaults = changes(before, after, values)
    evidence = {"vanish": vanished, "die": dead, "defaults": list(map(str, defaults))}
    told = _told(defaults)
    if not lost:
        message = f"{_KEPT} {told}".strip()
        return passed(VALUES, message, **evidence)
    sentences = [f"Chart {chart} no longer knows {listed(vanished)}."] if vanished else []
    sentences += [f"Chart {chart} still ships {listed(dead)}, but reads it no more."] if dead else []
    message = f"{' '.join(sentences)} Until now this had an effect. {told}".strip()
    fix = "See what takes their place, and remove them from holmes_values and the files of holmes_values_files."
    return warned(VALUES, message, fix, **evidence)


def _had_effect(keys: ChartKeys, given: Values, stray: Stray) -> bool:
    """Whether the chart that runs made anything of the key; an empty one never did."""
    content = get(given, stray.path)
    return content not in (None, "", [], {}) and keys.knows(stray.path)


def changes(before: ChartKeys, after: ChartKeys, values: Values) -> list[Default]:
    """Defaults that differ and have an effect, where the user sets nothing; the most telling ones first.

    What is below a switch that stays off does nothing.
    """
    found = _changes((), masked(before.shipped), masked(after.shipped), values)
    kept = [one for one in found if not _is_given(values, one.path) and after.knows(one.path)]
    return sorted(kept, key=lambda one: (_rank(one.path), one.old is None, one.path))


def _changes(path: Path, old: t.Any, new: t.Any, given: t.Any) -> t.Iterator[Default]:
    """``given`` is what the user sets there."""
    if not isinstance(new, dict) or not (isinstance(old, dict) or old is _ABSENT):
        if old != new:
            yield Default(path, *(None if one is _ABSENT else _short(one) for one in (old, new)))
        return
    switch = get(given, (_SWITCH,), new.get(_SWITCH))
    for key in {**new, **(old if isinstance(old, dict) else {})}:
        one = old.get(key, _ABSENT) if isinstance(old, dict) else _ABSENT
        two = new.get(key, _ABSENT)
        silent = (switch is False and key != _SWITCH) or (one is _ABSENT and _is_nothing(two))
        if not silent and not (two is _ABSENT and _is_nothing(one)):
            yield from _changes((*path, str(key)), one, two, get(given, (str(key),)))


def _is_nothing(value: t.Any) -> bool:
    """An empty default, which is as good as none."""
    return value in (None, "", [], {}, False)


def _short(value: t.Any) -> str:
    text = value if isinstance(value, str) and value else json.dumps(value, sort_keys=True, default=str)
    text = _USER.sub("***", mask(text))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _is_given(values: Values, path: Path) -> bool:
    """Whether the user sets this key, or puts something else in the place of a map that it stands in."""
    for length in range(1, len(path) + 1):
        if has(values, path[:length]) and not isinstance(get(values, path[:length]), dict):
            return True
    return has(values, path)


def _rank(path: Path) -> int:
    text = ".".join(path).lower()
    return next((place for place, words in enumerate(_TELLING) if any(word in text for word in words)), len(_TELLING))


def _told(defaults: t.Sequence[Default]) -> str:
    telling = [one for one in defaults if _rank(one.path) < len(_TELLING)]
    if not defaults:
        return ""
    shown = list(map(str, telling or defaults))[:_MOST]
    more = len(defaults) - len(shown)
    rest = f" and {more} more (see the evidence)" if more else ""
    return f"Defaults that change, and that no value sets: {'; '.join(shown)}{rest}."

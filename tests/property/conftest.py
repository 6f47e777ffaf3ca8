# SPDX-License-Identifier: GPL-3.0-or-later
"""How hard the property tests look: HYPOTHESIS_PROFILE=ci (the default, the same examples every time) or deep."""

from __future__ import annotations

import os
import tempfile
import typing as t
from pathlib import Path

import hypothesis.configuration
import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _chart, _values
from hypothesis import HealthCheck, settings

from tests.unit.fixtures import values_world

# Hypothesis keeps notes in a folder; the checkout stays as it is.
hypothesis.configuration.set_hypothesis_home_dir(os.path.join(tempfile.gettempdir(), f"hypothesis-{os.getuid()}"))

_COMMON = settings(
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
settings.register_profile("ci", _COMMON, derandomize=True, database=None, max_examples=50)
settings.register_profile("deep", _COMMON, max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="module", autouse=True)
def _charts_are_read_once() -> t.Iterator[None]:
    """The doubles do not change; reading them again for every example would take most of the time."""
    read = _chart.read
    known = {str(path): values_world.chart(path) for path in (values_world.NEW, values_world.OLD)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_chart, "read", lambda path: known.get(path) or read(path))
        patch.setattr(_values, "ChartKeys", lambda chart: values_world.keys(Path(chart.path)))
        yield

# SPDX-License-Identifier: GPL-3.0-or-later
"""One cut-off site for all tests; a namespace of its own for each."""

from __future__ import annotations

import os
import re
import typing as t
from pathlib import Path

import pytest

from tests.e2e.site_run import Place, Site


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Site:
    plugins = request.config.pluginmanager
    terminal: t.Any = plugins.get_plugin("terminalreporter")
    capture: t.Any = plugins.get_plugin("capturemanager")

    def say(text: str) -> None:
        with capture.global_and_fixture_disabled():
            terminal.write_line(text)

    site = Site(os.environ.get("HOLMES_E2E_LAB", "e2e"), say)
    with capture.global_and_fixture_disabled():
        site.up("full,light,light-0.16.1")
    return site


@pytest.fixture
def place(site: Site, tmp_path: Path, request: pytest.FixtureRequest) -> t.Iterator[Place]:
    name = "t-" + re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower())[:28].strip("-")
    place = Place(site, tmp_path, name)
    place.remove()
    site.kubectl("wait", "--for=delete", f"namespace/{name}", "--timeout=60s")
    yield place
    place.remove()

# SPDX-License-Identifier: GPL-3.0-or-later
"""The same cut-off site and places as the end-to-end tests have, in a lab of their own."""

from __future__ import annotations

from tests.e2e.conftest import place, site
from tests.fleet.bastion_fixtures import bastions

__all__ = ["bastions", "place", "site"]

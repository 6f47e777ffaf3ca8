# SPDX-License-Identifier: GPL-3.0-or-later
"""One source for options, role variables, argument specs and their table in the docs."""

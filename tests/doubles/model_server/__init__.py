# SPDX-License-Identifier: GPL-3.0-or-later
"""A DOUBLE of a vLLM model server: it answers like one, but it has no model. For tests and demonstrations only."""

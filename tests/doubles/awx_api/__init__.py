# SPDX-License-Identifier: GPL-3.0-or-later
"""A double of AWX's API: what awx.awx's modules ask for the objects of awx/, and what AWX refuses."""

# SPDX-License-Identifier: GPL-3.0-or-later
# mypy: ignore-errors
# (these imports exist in the image)
"""DOUBLE of HolmesGPT's server.py, light: the contract without the library.

Started like the original: `python3 -u server.py` in /app.
"""

from __future__ import annotations

from holmes_double.light.start import main

if __name__ == "__main__":
    main()

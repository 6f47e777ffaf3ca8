# SPDX-License-Identifier: GPL-3.0-or-later
# mypy: ignore-errors
# (these imports exist in the image)
"""DOUBLE of HolmesGPT's server.py: the real library holmesgpt 0.45.0 behind a server of our own.

Started like the original: `python3 -u server.py` in /app.
"""

from __future__ import annotations

import os

from holmes.utils.cert_utils import add_custom_certificate

# The library's HTTP clients read the certificates while they are imported, so this comes before every other import.
if add_custom_certificate(os.environ.get("CERTIFICATE", "")):
    print("added custom certificate")

from holmes_double.full.start import main  # noqa: E402

if __name__ == "__main__":
    main()

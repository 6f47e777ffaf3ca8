# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The user's own values: files on the host, and values in the inventory.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, normalised
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Layer

# Manifests that carry values, and where in them.
_CARRIERS = {
    "HelmRelease": "spec.values",
    "Application": "spec.source.helm.valuesObject",
    "HelmChart": "spec.valuesContent",
    "HelmChartConfig": "spec.valuesContent",
}


def from_file(path: str) -> Layer:
    """The layer of a values file. Raises HolmesError if it cannot be read, is no YAML, or is no values file."""
    name = f"the values file '{path}'"
    title = f"The values file '{path}'"
    try:
        with open(path, encoding="utf-8-sig") as stream:
            text = stream.read()
    except OSError as error:
        raise HolmesError(
            f"{title} cannot be read on this host: {error.strerror}.", "Correct holmes_values_files."
        ) from None
    except UnicodeDecodeError:
        raise HolmesError(f"{title} is not UTF-8 text.", "Save it as UTF-8.") from None
    values, duplicates = _yaml_text.load_mapping(text, title)
    _no_manifest(values, title)
    return Layer(name, values, duplicates)


def _no_manifest(values: Values, title: str) -> None:
    kind = values.get("kind")
    if isinstance(kind, str) and "apiVersion" in values:
        where = f"the content of {_CARRIERS[kind]}" if kind in _CARRIERS else "the values of the chart"
        raise HolmesError(f"{title} is a manifest of kind '{kind}', not values.", f"Write {where} into a file.")


def written(values: Values) -> None:
    """Raises HolmesError for half characters (surrogates), which JSON may hold and no file can."""
    try:
        json.dumps(values, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError:
        raise HolmesError(
            "The values hold half of a character (a surrogate), which is no text.", "Write the character itself."
        ) from None


def inline(values: t.Any) -> Layer:
    """The layer of the option ``values``."""
    if values is None or values == "":
        return Layer("holmes_values", {})
    if not isinstance(values, dict):
        raise HolmesError("holmes_values must be a mapping.", "To name a file, use holmes_values_files.")
    return Layer("holmes_values", t.cast(Values, normalised(values)))

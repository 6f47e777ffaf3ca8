# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Putting right what upstream silently ignores or breaks on; each repair is told as a warning by its check.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _certificate
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_keys import ChartKeys
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import (
    Values,
    env_entry,
    get,
    has,
    merge_named,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Repair
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import MODEL_SELECTS, Version, text

CONFIG_MODEL = ("config", "model")
READ_ONLY_ROOT = ("containerSecurityContext", "readOnlyRootFilesystem")


def repair(
    values: Values, keys: ChartKeys, server: Version | None, problems: dict[str, HolmesError]
) -> tuple[Values, list[Repair]]:
    """Repaired values and what was done to them."""
    values = copy.deepcopy(values)
    repairs: list[Repair] = []
    for step in (_config_model, _certificate_text, _read_only_root):
        repairs.extend(step(values, keys, server, problems))
    _only_model(values, server)
    return values, repairs


def _config_model(values: Values, keys: ChartKeys, server: Version | None, _problems: t.Any) -> t.Iterator[Repair]:
    """The guide's ``config.model`` becomes MODEL: no template of any chart reads it (issue #2223)."""
    if not has(values, CONFIG_MODEL) or keys.knows(CONFIG_MODEL):
        return
    alias = values["config"].pop("model")
    if not values["config"]:
        del values["config"]
    told = "config.model is read by no template of this chart, so Helm would ignore it silently"
    present = env_entry(values, "MODEL")
    if present:
        yield Repair(
            "values.config_model",
            CONFIG_MODEL,
            f"{told}; it was left out, because MODEL is set.",
            "Remove config.model.",
        )
    elif not MODEL_SELECTS.holds(server):
        message = f"{told}; it was left out, and not translated to MODEL, which HolmesGPT {text(server)} does not take."
        models = values.get("modelList")
        only = isinstance(models, dict) and list(models) == [alias]
        fix = "Remove config.model; " + (
            "the only alias is the default." if only else "the first alias of the alphabet is the default."
        )
        yield Repair("values.config_model", CONFIG_MODEL, message, fix)
    else:
        _add_env(values, "MODEL", str(alias))
        message = f"{told}; it was translated to the variable MODEL={alias}."
        yield Repair(
            "values.config_model", CONFIG_MODEL, message, f"Replace config.model by holmes_default_model: {alias}."
        )


def _certificate_text(
    values: Values, _keys: t.Any, _server: t.Any, problems: dict[str, HolmesError]
) -> t.Iterator[Repair]:
    """``base64`` without ``-w0`` wraps lines, as the guide's command does; a block of them breaks the render."""
    given = values.get("certificate")
    if not isinstance(given, str) or not given.strip():
        return
    try:
        values["certificate"], wrong = _certificate.repaired(given)
    except HolmesError as error:
        problems["values.certificate"] = error
        return
    if wrong:
        message = f"The value 'certificate' was not usable as it was given: {wrong}. It was put right."
        yield Repair(
            "values.certificate",
            ("certificate",),
            message,
            "Set holmes_ca_file to the PEM file instead, or encode it with base64 -w0.",
        )


def _read_only_root(values: Values, keys: ChartKeys, _server: t.Any, _problems: t.Any) -> t.Iterator[Repair]:
    """The chart writes it itself; a second time makes a duplicate key, which stricter readers than Helm refuse."""
    if get(values, READ_ONLY_ROOT) is True and keys.writes("readOnlyRootFilesystem: true"):
        del values["containerSecurityContext"]["readOnlyRootFilesystem"]
        message = (
            "containerSecurityContext.readOnlyRootFilesystem: true is written by the chart itself and would stand "
            "there twice; it was left out."
        )
        yield Repair("values.security_context", READ_ONLY_ROOT, message, "Remove it.")


def _only_model(values: Values, server: Version | None) -> None:
    """With a single alias there is nothing to choose: it is the default."""
    models = values.get("modelList")
    if MODEL_SELECTS.holds(server) and isinstance(models, dict) and len(models) == 1 and not env_entry(values, "MODEL"):
        _add_env(values, "MODEL", next(iter(models)))


def _add_env(values: Values, name: str, value: str) -> None:
    current = values.get("additionalEnvVars")
    # Of another shape it is left as it is, for the rule about it to see.
    if current is None or isinstance(current, list):
        values["additionalEnvVars"] = merge_named(current or [], [{"name": name, "value": value}])

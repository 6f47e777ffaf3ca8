# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between the versions that the light double plays. Facts: HolmesGPT 0.45.0 and 0.16.1, read and run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """One version of HolmesGPT.

    `modern`: /healthz, /readyz, /api/info, the API key, the header check, max_tokens in every request.
    `phantom`: the model that OPENAI_API_KEY without MODEL adds; `phantom_is_default` from 0.23 on.
    `model_replaces`: MODEL naming a key of the list replaces that entry by a bare one (0.16.1).
    `read_only_root`: CERTIFICATE works on a read-only root file system.
    """

    version: str
    modern: bool
    phantom: str
    phantom_is_default: bool
    model_replaces: bool
    read_only_root: bool
    tool: str
    no_models: str


PROFILES = {
    "0.45.0": Profile(
        version="0.45.0",
        modern=True,
        phantom="gpt-5.4",
        phantom_is_default=True,
        model_replaces=False,
        read_only_root=True,
        tool="kubernetes_tabular_query",
        no_models="No LLM models were loaded. Configure a model with MODEL or MODEL_LIST_FILE_LOCATION.",
    ),
    "0.16.1": Profile(
        version="0.16.1",
        modern=False,
        phantom="gpt-4.1",
        phantom_is_default=False,
        model_replaces=True,
        read_only_root=False,
        tool="kubectl_get_by_kind_in_namespace",
        no_models="No llm models were loaded",
    ),
}


def profile(version: str) -> Profile:
    """The profile of a version; ends the process with a sentence for an unknown one."""
    if version not in PROFILES:
        raise SystemExit(f"HOLMES_LIGHT_VERSION={version!r} is unknown: use one of {', '.join(PROFILES)}")
    return PROFILES[version]

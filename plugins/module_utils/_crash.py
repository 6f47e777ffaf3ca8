# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a container died: known last words of HolmesGPT, its exit code, its reason.

Private to this collection: it may change in any release. Imports nothing of Ansible.
Causes as seen on HolmesGPT 0.16.1 and 0.45.0 (facts: real-run points 9 and 11, known trouble 9, 11, 21).
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass


@dataclass(frozen=True)
class Crash:
    """One death of a container. ``previous``: its log is the previous instance's, because a new one runs."""

    pod: str
    container: str
    exit_code: int
    reason: str
    restarts: int
    previous: bool
    message: str = ""


@dataclass(frozen=True)
class Cause:
    """What killed it and what to change."""

    kind: str
    message: str
    fix: str


_CAUSES: list[tuple[t.Pattern[str], str, str, str]] = [
    (
        re.compile(r"ENV var replacement (?P<what>\S+) does not exist"),
        "env",
        "the model list refers to {{{{ env.{what} }}}}, but the pod has no such variable",
        "Define {what} in holmes_env or as a key of holmes_secrets. If it is there, look for a second "
        "additionalEnvVars in the values: the last one wins.",
    ),
    (
        re.compile(r"(?P<what>binascii\.Error[^\n]*|Invalid base64-encoded string[^\n]*|Incorrect padding)"),
        "certificate",
        "the chart's 'certificate' is no base64 text ({what})",
        "Set holmes_ca_file to the PEM file and leave 'certificate' out of the values: the collection encodes it.",
    ),
    (
        re.compile(r"(?P<what>ssl\.SSLError[^\n]*|NO_CERTIFICATE_OR_CRL_FOUND|no start line)"),
        "certificate",
        "the decoded 'certificate' is no PEM certificate ({what})",
        "Set holmes_ca_file to a PEM file with the CA certificate.",
    ),
    (
        re.compile(r"Read-only file system: '?(?P<what>[^'\n]*)"),
        "read_only",
        "HolmesGPT tried to write to {what} on its read-only root file system",
        "Set HOLMES_CONFIGPATH_DIR to /tmp/.holmes in holmes_env (holmes_profile: airgap does).",
    ),
    (
        re.compile(r"(?P<what>exec format error)"),
        "platform",
        "the image is built for another processor ({what})",
        "Mirror the image with all its platforms (skopeo copy --all).",
    ),
    (
        re.compile(r"(?P<what>[^\n]*Permission denied: [^\n]*)"),
        "permission",
        "HolmesGPT may not touch a file: {what}",
        "Look at podSecurityContext and containerSecurityContext in holmes_values.",
    ),
    (
        # Its name alone is no complaint: every start of 0.45.0 logs a hint with it (facts: recorded log-start files).
        re.compile(
            r"(?P<what>[^\n]*(?:[Ee]rror|\bERROR\b|Failed to|Invalid format|No content)[^\n]*model_list\.yaml[^\n]*"
            r"|yaml\.\w+\.\w*Error[^\n]*)"
        ),
        "model_list",
        "HolmesGPT cannot read its model list: {what}",
        "Correct holmes_models (modelList in the values).",
    ),
]
_OOM = Cause(
    "out_of_memory",
    "the container was killed because it used more memory than its limit (OOMKilled)",
    "Raise resources.limits.memory in holmes_resources: HolmesGPT needs about 450 MiB at rest, the chart gives 2 GiB.",
)


def known_cause(crash: Crash, log: str) -> Cause | None:
    """The cause if the reason or the last words name one, else None."""
    if crash.reason == "OOMKilled":
        return _OOM
    for pattern, kind, message, fix in _CAUSES:
        match = pattern.search(log) or pattern.search(crash.message)
        if match:
            what = " ".join(match.group("what").split())[:200]
            return Cause(kind, message.format(what=what), fix.format(what=what))
    return None


def describe(crash: Crash) -> str:
    """``exit code 1 (Error), 3 restarts``."""
    times = {0: "no restart yet", 1: "1 restart"}.get(crash.restarts, f"{crash.restarts} restarts")
    return f"exit code {crash.exit_code} ({crash.reason or 'no reason given'}), {times}"

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The annotation by which a change of a Secret rolls the pods.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

ROLLOUT_ANNOTATION = "holmesgpt.onprem/secrets-checksum"


def unmarked(values: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Values without the annotation that is made from the Secrets."""
    annotations = values.get("podAnnotations")
    if not isinstance(annotations, dict) or ROLLOUT_ANNOTATION not in annotations:
        return dict(values)
    rest = {key: value for key, value in annotations.items() if key != ROLLOUT_ANNOTATION}
    others = {key: value for key, value in values.items() if key != "podAnnotations"}
    return {**others, "podAnnotations": rest} if rest else others


def marked(values: t.Mapping[str, t.Any], token: str) -> dict[str, t.Any]:
    """Values with the annotation for the Secrets' ``token``; an empty one leaves it out."""
    rest = unmarked(values)
    if not token:
        return rest
    return {**rest, "podAnnotations": {**(rest.get("podAnnotations") or {}), ROLLOUT_ANNOTATION: token}}

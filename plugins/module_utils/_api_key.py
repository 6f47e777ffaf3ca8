# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The key of HolmesGPT's own API, from the Secret that the pods take it from.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import base64
import binascii
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, KubeError, Reader, path_of


def read(reader: Reader, namespace: str, reference: t.Mapping[str, t.Any]) -> str:
    """The text; empty if there is none, or this account may not read it: the API's answer tells that it is missing."""
    name, key = str(reference.get("secret") or ""), str(reference.get("key") or "")
    if not name or not key:
        return ""
    try:
        data = reader.get(path_of(CORE, "secrets", namespace, name)).get("data") or {}
        return base64.b64decode(str(data.get(key) or ""), validate=True).decode("utf-8")
    except (KubeError, binascii.Error, UnicodeDecodeError):
        return ""

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rule about certificates of others: they are verified, and against files that exist in the pod.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import Finding, fail, good, rule, warn
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_env_text import dependents
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import (
    env_entry,
    env_literal,
    get,
    items,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_tls import FALSE, TRUE
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

# Variables that name a file or folder of authorities. LiteLLM takes the first two, requests and curl the next.
PATHS = (
    *("SSL_VERIFY", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    *("WEBSOCKET_CLIENT_CA_BUNDLE", "AWS_CA_BUNDLE", "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS"),
)
# Part of the image, of every pod, or written by the server itself.
_PRESENT = re.compile(r"/(?:etc/(?:ssl|pki|ca-certificates)|usr|opt|app|var/run/secrets/kubernetes\.io)(?:/|\Z)")
_WRITTEN = "/tmp/custom_ca.pem"  # noqa: S108 - a path in the pod
# Variables that switch verification off, and with which text; LiteLLM knows only these two words.
_OFF = {
    "SSL_VERIFY": re.compile(r"\s*false\s*\Z", re.IGNORECASE),
    "NODE_TLS_REJECT_UNAUTHORIZED": re.compile(r"0\Z"),
    "GIT_SSL_NO_VERIFY": TRUE,
    "HELM_KUBEINSECURE_SKIP_TLS_VERIFY": TRUE,
}
# Of Python 2: they were meant to switch it off, and do nothing.
_WITHOUT_EFFECT = ("PYTHONHTTPSVERIFY",)
# Settings of models, toolsets and servers of tools; for the first False is off, for the second True.
_VERIFIES = re.compile(r"(?:ssl|tls)_?verify|verify_?(?:ssl|tls|certs?|certificates?)?|prometheus_ssl_enabled", re.I)
_SKIPS = re.compile(r"insecure(?:_?skip_?(?:tls_?|ssl_?)?verify)?|(?:skip|disable)_?(?:ssl|tls)(?:_?verif\w*)?", re.I)
_LOOKED_AT = ("modelList", "toolsets", "mcp_servers")
_FIX = "set holmes_ca_file to the authority of the server, so that it can be verified."


@rule("values.tls_verify", "Servers are verified, against files that exist", excusable=True)
def tls_verify(case: Case) -> t.Iterator[Finding]:
    off = [name for name, text in _OFF.items() if text.match(env_literal(case.values, name) or "-")]
    places = list(_settings({key: case.values.get(key) for key in _LOOKED_AT}))
    for name in off:
        message = f"{name} switches off the verification of servers: anybody in between could read keys and answers."
        yield warn(message, f"Remove {name}, and {_FIX}", subject=name)
    for name in _WITHOUT_EFFECT:
        if env_entry(case.values, name):
            yield warn(f"{name} means nothing to Python 3; servers are verified.", f"Remove {name}.", subject=name)
    for place in places:
        message = f"{place} switches off the verification of that server: anybody in between could read its key."
        yield warn(message, f"Remove it, and {_FIX}", subject=place)
    lost = list(_lost(case))
    yield from lost
    if not off and not places and not lost:
        yield good("Servers are verified")


def _settings(data: t.Any, path: tuple[str, ...] = ()) -> t.Iterator[str]:
    """The dotted paths of settings that switch verification off."""
    if isinstance(data, dict):
        for key, value in data.items():
            step, text = (*path, str(key)), str(value) if isinstance(value, (bool, int, str)) else ""
            verifies, skips = _VERIFIES.fullmatch(str(key)), _SKIPS.fullmatch(str(key))
            if (verifies and FALSE.match(text)) or (skips and TRUE.match(text)):
                yield ".".join(step)
            yield from _settings(value, step)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _settings(value, (*path, str(index)))


def _lost(case: Case) -> t.Iterator[Finding]:
    """Variables that name a file which nothing brings into the pod."""
    mounts = _mounts(case)
    for name in PATHS:
        path = env_literal(case.values, name) or ""
        if not path or (name == "SSL_VERIFY" and (FALSE.match(path) or TRUE.match(path))) or dependents(path):
            continue
        written = path == _WRITTEN and bool(case.values.get("certificate"))
        if not written and not _PRESENT.match(path) and not any(_is_below(path, mount) for mount in mounts):
            message = f"{name} names '{path}', which nothing mounts into the pod: it verifies no server."
            fix = f"Remove {name} and set holmes_ca_file, or mount it (additionalVolumes, additionalVolumeMounts)."
            yield fail(message, fix, subject=name)


def _mounts(case: Case) -> list[str]:
    """Where something is mounted in HolmesGPT's container: as rendered, or else as given."""
    containers = _render_view.containers(_render_view.holmes_pod(case.rendered, case.request))
    rendered = [items(item.get("volumeMounts")) for item in containers if item.get("name") == "holmes"]
    given = rendered or [items(case.values.get("additionalVolumeMounts"))]
    found = [get(mount, ("mountPath",)) for mounts in given for mount in mounts]
    # An empty folder that only the server writes to holds no authority.
    return [str(path) for path in found if path and str(path).rstrip("/") != "/tmp"]  # noqa: S108 - a path in the pod


def _is_below(path: str, mount: str) -> bool:
    return path == mount or path.startswith(f"{mount.rstrip('/')}/")

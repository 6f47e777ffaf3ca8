# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts rendered manifests name in places from which a program would connect to them. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import items

# What HolmesGPT, its chart and its libraries are known to name, and the usual hosted services.
PUBLIC = (
    *("amazonaws.com", "anthropic.com", "api.groq.com", "atlassian.net", "azure.com", "braintrust.dev", "cohere.ai"),
    *("cohere.com", "coralogix.com", "datadoghq.com", "datadoghq.eu", "deepseek.com", "docker.io", "fireworks.ai"),
    *("gallery.ecr.aws", "gcr.io", "ghcr.io", "github.com", "githubusercontent.com", "gitlab.com", "googleapis.com"),
    *("grafana.net", "huggingface.co", "langfuse.com", "mistral.ai", "mongodb.com", "newrelic.com", "notion.com"),
    *("npmjs.org", "openai.com", "openrouter.ai", "opsgenie.com", "pagerduty.com", "pkg.dev", "pypi.org", "quay.io"),
    *("robusta.dev", "sentry.io", "simpleicons.org", "slab.com", "slack.com", "supabase.co", "together.xyz", "x.ai"),
)
_SCHEMES = (
    *("amqps?", "ftps?", "git", "grpcs?", "https?", "ldaps?", "mongodb", "mysql", "nats", "oci", "postgres(?:ql)?"),
    *("rediss?", "sftp", "smtps?", "ssh", "tcp", "udp", "wss?"),
)
_NAME = r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9.\-]*"
_URL = re.compile(
    rf"(?<![A-Za-z])(?:[a-z]+\+)?(?:{'|'.join(_SCHEMES)})(?:\+[a-z]+)?://(?:[^/\s@\"'<>]*@)?({_NAME})", re.IGNORECASE
)
# git@host:path, as Git takes it for ssh.
_SCP = re.compile(r"(?<![\w/.])git@([A-Za-z0-9][A-Za-z0-9.\-]*):(?!//)")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?"
_BARE = re.compile(rf"({_LABEL}(?:\.{_LABEL})*\.[A-Za-z][A-Za-z0-9\-]*|\d+(?:\.\d+){{3}})(?::\d{{1,5}})?(?:/\S*)?\Z")
# A variable or an option of such a name holds a host, even without a scheme.
_HOLDERS = ("addr", "address", "base", "endpoint", "host", "hostname", "proxy", "server", "url")
_HOSTED = re.compile(
    rf"(?:(?i:(?:^|[_\-.])(?:{'|'.join(_HOLDERS)})s?)|(?<=[a-z])(?:{'|'.join(map(str.capitalize, _HOLDERS))})s?)\Z"
)
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$", re.MULTILINE)
# What is shown or told to a model, but never fetched.
_SHOWN = ("description", "docs_url", "icon_url", "installation_instructions", "llm_instructions")
# Programs that fetch packages when they run, and from where unless told otherwise.
_FETCHERS = (
    (re.compile(r"(?<![\w-])(?:npx|npm (?:ci|i|install)|yarn add|pnpm (?:add|dlx))(?![\w-])"), "registry.npmjs.org"),
    (re.compile(r"(?<![\w-])(?:pip3? install|uvx|uv pip install|pipx)(?![\w-])"), "pypi.org"),
    (re.compile(r"(?<![\w-])apk add(?![\w-])"), "dl-cdn.alpinelinux.org"),
    (re.compile(r"(?<![\w-])apt(?:-get)? (?:-\S+ )*(?:install|update)(?![\w-])"), "deb.debian.org"),
)


def named(manifest: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    """Every host that an object names, in lower case; not those in its labels and annotations."""
    for key, value in manifest.items():
        if key != "metadata":
            for host in _in(key, value):
                yield host.lower().strip("[]").rstrip(".")


def is_inside(host: str, domain: str, namespace: str) -> bool:
    """Whether a name is one of the cluster or of the pod itself. ``domain`` is the cluster's."""
    if "." not in host and ":" not in host:
        return True
    return ".svc." in f"{host}." or host.endswith((f".{domain}", ".cluster.local", f".{namespace}"))


def address(host: str) -> bool | None:
    """Whether an IP address is a public one; None for a name."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return None
    return found.is_global


def is_public(host: str) -> bool:
    """Whether a name is a well-known one on the internet."""
    return any(host == public or host.endswith(f".{public}") for public in PUBLIC)


def _in(key: str, value: t.Any) -> t.Iterator[str]:
    """Hosts below a key. A list of variables is read as name and value."""
    if isinstance(value, dict):
        if isinstance(value.get("name"), str) and isinstance(value.get("value"), str):
            yield from _in_text(value["name"], value["value"])
        for inner, below in value.items():
            if inner not in (*_SHOWN, "metadata") and not (inner == "value" and "name" in value):
                yield from _in(str(inner), below)
    elif isinstance(value, list):
        if key in ("command", "args"):
            yield from _in_text(key, " ".join(str(item) for item in value))
        else:
            for item in items(value):
                yield from _in(key, item)
    elif isinstance(value, str) and key != "image":
        yield from _in_text(key, value)


def _in_text(key: str, text: str) -> t.Iterator[str]:
    """Hosts in a text, which may itself be a whole YAML file."""
    runs = key in ("command", "args")
    inner = _yaml(text) if ": " in text and not runs else None
    if inner is not None:
        yield from _in("", inner)
        return
    if "\n" in text:
        text = _COMMENT.sub("", text)
    yield from _URL.findall(text)
    yield from _SCP.findall(text)
    bare = _BARE.match(text) if _HOSTED.search(key) else None
    if bare:
        yield bare.group(1)
    if runs:
        yield from (host for pattern, host in _FETCHERS if pattern.search(text))


def _yaml(text: str) -> t.Any:
    try:
        return _yaml_text.load_mapping(text, "a rendered file")[0]
    except HolmesError:
        return None

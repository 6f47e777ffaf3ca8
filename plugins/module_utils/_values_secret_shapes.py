# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which text is a secret, whatever it is called: shapes of keys, secrets inside longer text, random text.

Private to this collection: it may change in any release. Imports nothing of Ansible.

The prefixes are those that the issuers document, so that scanners find leaked keys.
"""

from __future__ import annotations

import base64
import binascii
import math
import re

from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secret_names import word_set

# Servers that want no key still want some text (facts: the guide's "none"); these are used for it.
NOTHING = word_set(
    "none null nil empty dummy fake false true unused ignored anything any x - n/a na no-key nokey no-key-required "
    "not-needed not_needed not-required not-used unneeded noop no-auth local lm-studio ollama vllm sk-none sk-fake "
    "sk-dummy sk-no-key sk-no-key-required sk-not-needed"
) | {""}
# The server, Kubernetes, a shell or a proxy of LiteLLM puts the text in; "<>" is filled in by a person.
REFERENCE = re.compile(
    r"\{\{.*?\}\}|\$\{\w+\}|\$\(\w+\)|\$[A-Za-z_]\w*|%[({]\w+[)}]|\b(?:envRef|secretRef):[\w.\-]+|os\.environ/\w+",
    re.DOTALL,
)
_AROUND_REFERENCES = re.compile(r"(?i)\b(?:bearer|basic|token|apikey|splunk|negotiate)\b|[\s:;,=@/\"'|.\-]")
_QUOTED = re.compile(r"(?<!\[)[\"']([^\"'\]]*)[\"']")
_PLACEHOLDER = re.compile(
    r"<[^<>]+>|\[[A-Z_ \-]+\]|\.\.\.|…|\*{3,}|(?<![a-z])x{4,}|\byour|change[\W_]?me|replace|\binsert|fill[\W_]?in"
    r"|\btodo\b|\btbd\b|fixme|placeholder|redacted|example|dummy|sample|\bpaste|[-_ ]here\b",
    re.IGNORECASE,
)

_PREFIXED = (
    # Model servers and their gateways.
    *(r"sk-(?=[\w\-]*[0-9A-Z])[\w\-]{16,}", r"hf_[A-Za-z0-9]{20,}", r"nvapi-[\w\-]{20,}", r"gsk_[A-Za-z0-9]{20,}"),
    *(r"(?:pplx|xai)-[A-Za-z0-9]{20,}", r"r8_[A-Za-z0-9]{20,}", r"dapi[0-9a-f]{32}"),
    # Code, packages, images.
    *(r"gh[pousr]_\w{20,}", r"github_pat_\w{20,}", r"npm_[A-Za-z0-9]{20,}", r"pypi-[\w\-]{20,}"),
    *(r"gl(?:pat|dt|rt|ptt|cbt|soat|ft|imt|agent|oas)-[\w\-]{16,}", r"dckr_(?:pat|oat)_[\w\-]{20,}"),
    # Chat, tickets, monitoring.
    *(r"xox[abeoprs]-[\w\-]{10,}", r"xapp-\d-[\w\-]{10,}", r"ATATT3[\w=\-]{20,}", r"NRAK-[A-Z0-9]{20,}"),
    *(r"glsa_\w{20,}", r"glc_eyJ[\w=+/\-]{20,}", r"eyJrIjoi[\w=+/\-]{20,}", r"sntry[su]_[\w=+/\-]{20,}"),
    # Clouds, vaults, tokens in general.
    *(r"(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])", r"AIza[\w\-]{35}", r"ya29\.[\w\-]{20,}", r"GOCSPX-[\w\-]{20,}"),
    *(r"[\w~.]{3}8Q~[\w~.\-]{31,}", r"hv[sbr]\.[\w\-]{20,}", r"AGE-SECRET-KEY-1[0-9A-Z]{20,}"),
    *(r"eyJ[\w\-]{10,}\.[\w\-]{10,}(?:\.[\w\-]*)*", r"dop_v1_[0-9a-f]{32,}", r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
)
_TOKEN = re.compile(rf"(?<![A-Za-z0-9_\-])(?:{'|'.join(_PREFIXED)})")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----(?:.*?-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|.*)", re.DOTALL
)
# Addresses that hold the secret in front of the host, in their path or in a parameter, and a whole header.
_ADDRESSES = (
    re.compile(r"://[^/\s:@\"'{}]*:([^/\s@\"']+)@"),
    re.compile(r"(?<![\w.\-/:])[\w.\-]{1,60}:([^@\s:/\"']{3,99})@(?:tcp|unix|udp)?\("),
    re.compile(r"hooks\.slack\.com/(?:services|workflows|triggers)/([\w/]{20,})"),
    re.compile(r"(?:discord(?:app)?\.com/api/webhooks/\d+|webhook\.office\.com/webhookb2)/([\w@\-/]{20,})"),
    re.compile(r"(?:api\.telegram\.org/bot|events\.pagerduty\.com/integration/)([\w:\-]{16,})"),
    re.compile(r"/hooks/([a-z0-9]{26})(?![\w-])"),
    re.compile(r"\A\s*(?:[Bb]earer|[Bb]asic)\s+(?=\S*\d)(\S{8,})\s*\Z"),
    re.compile(r"[?&](?:key|sig|signature|code|auth)=([^&\s\"'#]{8,})", re.IGNORECASE),
)
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{24,}={0,2}\s*\Z")
_LOGINS = re.compile(r"\"auths?\"\s*:|client-key-data:")
_RUN = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PATH = re.compile(r"(?:~|\.{1,2})?(?:/[\w.\-@+]+)+/?\Z")


def shaped(text: str) -> list[str]:
    """The parts of a text that are secret by their shape alone."""
    found = [match.group(0) for pattern in (_PRIVATE_KEY, _TOKEN) for match in pattern.finditer(text)]
    found += [match.group(1) for pattern in _ADDRESSES for match in pattern.finditer(text)]
    found = [part for part in found if not is_reference(part)]
    return found or ([text] if _hides_secret(text) else [])


def _hides_secret(text: str) -> bool:
    """Whether base64 text is a private key, a kubeconfig with one, or the logins of registries."""
    if not _BASE64.match(text):
        return False
    try:
        inner = base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return False
    return bool(
        _PRIVATE_KEY.search(inner) or _TOKEN.search(inner) or re.search(r'"auths?"\s*:|client-key-data:', inner)
    )


def is_reference(text: str) -> bool:
    """Whether text consists of references, with nothing around them but the words and signs of a header."""
    rest, count = REFERENCE.subn("", text)
    # A default in a reference may be the secret itself.
    return bool(count) and not _AROUND_REFERENCES.sub("", rest) and {*_QUOTED.findall(text)} <= NOTHING


def is_nothing(text: str) -> bool:
    """Whether text stands for "no secret", refers to one, or is the path of a file."""
    bare = text.strip()
    return bare.lower() in NOTHING or is_reference(bare) or is_path(bare)


def is_path(text: str) -> bool:
    return bool(_PATH.match(text)) and text.count("/") > 1 and not any(is_random(part) for part in text.split("/"))


def is_placeholder(text: str) -> bool:
    """Whether text waits for somebody to put the secret there."""
    return bool(_PLACEHOLDER.search(text)) and not is_random(text) and "\n" not in text.strip()


def is_random(text: str) -> bool:
    """Whether text looks as if a machine had drawn it: a UUID, or a long run that mixes letters and digits."""
    return bool(_UUID.search(text)) or any(_mixed(run) for run in _RUN.findall(text))


def _mixed(run: str) -> bool:
    digits, lower = sum(letter.isdigit() for letter in run), any(letter.islower() for letter in run)
    hexadecimal = len(run) >= 24 and not set(run.lower()) - set("0123456789abcdef")
    both = lower and any(letter.isupper() for letter in run)
    return 0 < digits < len(run) and (both or hexadecimal or digits >= 5) and _entropy(run) > 3.0


def _entropy(text: str) -> float:
    """Bits for each character."""
    shares = [text.count(letter) / len(text) for letter in set(text)]
    return -math.fsum(share * math.log2(share) for share in shares)

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why Helm could not fetch a chart, as one sentence and what to change.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions.
Words of Helm 3.22 and 4.3, recorded against a repository and a registry (tests/unit/fixtures/recorded/helm_pull.json).
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_source_wanted import Source
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._mask import mask

_LOGIN = "Correct holmes_chart_repo_username and holmes_chart_repo_password, or let this account read there."
_ADDRESS = "Check holmes_chart_repo_url and the network between this host and it, or set holmes_chart_archive."
_LONGEST = 400


class Reason(t.NamedTuple):
    """Pattern in Helm's words, what it means, what to do. ``again``: another try may succeed."""

    kind: str
    pattern: t.Pattern[str]
    message: str
    fix: str
    again: bool = False


# The first that matches wins.
_REASONS = (
    Reason(
        "ca_file",
        re.compile(r"can't read CA file|failed to append certificates"),
        "{ca_file} is no readable PEM file with certificates on this host",
        "Correct holmes_chart_repo_ca_file.",
    ),
    Reason(
        "plain_http",
        re.compile(r"first record does not look like a TLS handshake|server gave HTTP response to HTTPS client"),
        "{host} speaks plain HTTP where TLS is expected",
        "Give it a certificate; a repository (not an OCI registry) may be named with http:// in holmes_chart_repo_url.",
    ),
    Reason(
        "expired",
        re.compile(r"certificate has expired or is not yet valid"),
        "the certificate of {host} has expired, or is not valid yet",
        "Renew it, and look at the clock of this host.",
    ),
    Reason(
        "name",
        re.compile(r"certificate is (?:valid for|not valid for any)|doesn't contain any IP SANs|x509: .*, not "),
        "the certificate of {host} is for another name",
        "Write the name in holmes_chart_repo_url as in the certificate, or issue one with this name.",
    ),
    Reason(
        "untrusted",
        re.compile(r"x509|failed to verify certificate"),
        "the certificate of {host} is signed by an authority that was not given ({ca_told})",
        "Set holmes_chart_repo_ca_file to the authority that signed it.",
    ),
    Reason(
        "no_login",
        re.compile(r"basic credential not found|no basic auth credentials"),
        "{host} wants a log-in, and none was given",
        "Set holmes_chart_repo_username and holmes_chart_repo_password.",
    ),
    Reason("login", re.compile(r"(?:code|:) 401\b|[Uu]nauthorized"), "{host} refuses the log-in (401)", _LOGIN),
    Reason(
        "denied",
        re.compile(r"(?:code|:) 403\b|[Ff]orbidden|(?:access|code \d+): .*denied"),
        "{host} does not let this account read (403)",
        _LOGIN,
    ),
    Reason(
        "chart",
        re.compile(r"no chart name found|name unknown|NAME_UNKNOWN"),
        "there is no chart '{name}'",
        "Correct holmes_chart_name (holmes_chart_repo_url ends in front of it), or push the chart to the mirror.",
    ),
    Reason(
        "version",
        re.compile(r"no chart version found|[Cc]ould not locate a version"),
        "the chart '{name}' has no version {version}",
        "Correct holmes_chart_version, or push that version to the mirror.",
    ),
    Reason(
        "no_repository",
        re.compile(r"index\.yaml : 404|cannot unmarshal .* repo\.IndexFile|no API version specified"),
        "{host} has no chart repository there (no index.yaml)",
        "Correct holmes_chart_repo_url; a chart in an OCI registry is named with oci:// and its path.",
    ),
    Reason(
        "no_registry",
        re.compile(r"/tags/list\": response status code 404"),
        "{host} is no OCI registry, or has no such path",
        "Correct holmes_chart_repo_url; a repository with an index.yaml is named with https://.",
    ),
    Reason(
        "image",
        re.compile(r"minimum number of descriptors|does not contain a layer with mediatype|unable to locate any layer"),
        "what is called '{name}' there is no Helm chart (an image?)",
        "Correct the path in holmes_chart_repo_url, or holmes_chart_name.",
    ),
    Reason(
        "protocol",
        re.compile(r"could not find protocol handler|unsupported protocol|invalid reference|invalid .*URL"),
        "this is no address of charts",
        "Write https://HOST/PATH or oci://HOST/PATH in holmes_chart_repo_url.",
    ),
    Reason(
        "disk",
        re.compile(r"no space left|read-only file system|permission denied|quota exceeded"),
        "this host cannot store it",
        "Make room, or a folder that can be written, on this host (TMPDIR, ansible_remote_tmp).",
    ),
    Reason(
        "network",
        re.compile(
            r"connection refused|connection reset|no such host|i/o timeout|timeout|deadline exceeded|EOF|broken pipe|"
            r"unreachable|no route to host|server misbehaving|name resolution|no answer within|"
            r"(?:code|:) (?:429|50[0234])\b"
        ),
        "{host} was not reached, or broke off",
        _ADDRESS,
        again=True,
    ),
    # With a version, Helm says no more of an unknown chart, an unknown version and a server that is no registry.
    Reason(
        "not_found",
        re.compile(r"not found|\b404\b"),
        "there is no {told_whole}",
        "Correct holmes_chart_name and holmes_chart_version, or push the chart to the mirror.",
    ),
)
_OTHER = Reason("other", re.compile(""), "Helm could not fetch it", "Look at what Helm says.")


def reason_of(said: str) -> Reason:
    """What Helm's words mean."""
    return next((reason for reason in _REASONS if reason.pattern.search(said)), _OTHER)


def failure(source: Source, said: str, reason: Reason | None = None, extra: str = "") -> HolmesError:
    """The sentence for Helm's words. ``extra`` is added to it, such as which version there is."""
    reason = reason or reason_of(said)
    message = reason.message.format(
        host=source.host,
        name=source.name,
        version=source.version or "at all",
        ca_file=source.ca_file,
        ca_told=source.ca_file or "holmes_chart_repo_ca_file is not set",
        told_whole=source.told.rstrip(","),
    )
    words = mask(_short(said), [source.password])
    sentence = f"The {source.told} cannot be had from {source.where}: {message}.{extra} Helm says: {words}."
    return HolmesError(sentence, reason.fix, kind=reason.kind, endpoint=source.host)


def _short(said: str) -> str:
    """Helm's error on one line, without what it says around it."""
    text = " ".join(said.split())
    of_a_repository = re.search(r"Unable to get an update from the \"[^\"]*\" chart repository \([^)]*\): (.*)", text)
    if of_a_repository:
        text = re.sub(r" (?:Update Complete\.|Error: failed to update the following).*$", "", of_a_repository.group(1))
    text = re.sub(r"^.*?Error: (?:failed to perform \"FetchReference\" on source: )?", "", text)
    return text[:_LONGEST].rstrip(". ") or "nothing"

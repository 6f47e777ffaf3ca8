# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which chart is wanted, and from where.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from urllib.parse import unquote

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

OCI = "oci://"


@dataclass(frozen=True)
class Source:
    """From where a chart is wanted. ``version`` may be empty (the newest) or a range as Helm knows it."""

    url: str
    name: str
    version: str = ""
    # Helm's name for a classic repository.
    repo_name: str = "site"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""

    @property
    def oci(self) -> bool:
        """An OCI registry, as opposed to a repository with an index.yaml."""
        return self.url.startswith(OCI)

    @property
    def host(self) -> str:
        """Host and port."""
        return self.url.partition("://")[2].partition("/")[0]

    @property
    def reference(self) -> str:
        """How `helm pull` is told which chart."""
        return f"{self.url.rstrip('/')}/{self.name}" if self.oci else f"{self.repo_name}/{self.name}"

    @property
    def told(self) -> str:
        """The chart in a message."""
        return f"chart {self.name}" + (f", version {self.version}," if self.version else "")

    @property
    def where(self) -> str:
        """The place in a message."""
        return f"the OCI registry {self.url}" if self.oci else f"the chart repository '{self.repo_name}' at {self.url}"


def source_of(options: t.Mapping[str, t.Any]) -> Source:
    """From the options of holmes_chart, a log-in also from the URL; raises HolmesError for what cannot be."""
    texts = {name: options.get(name) for name in ("username", "password")}
    for name, value in texts.items():
        if value is not None and not isinstance(value, str):
            raise HolmesError(f"holmes_chart_repo_{name} must be text.", "Put it into quotation marks.")
    url, username, password = _parted(str(options["repo_url"]).strip())
    for option in ("repo_name", "name"):
        value = str(options[option])
        if not value or value.startswith("-") or any(sign in value for sign in "/\\ "):
            variable = {"repo_name": "holmes_chart_repo_name", "name": "holmes_chart_name"}[option]
            raise HolmesError(
                f"{variable} '{value}' is no name.", f"Correct {variable}; a path belongs into holmes_chart_repo_url."
            )
    return Source(
        url=url,
        name=options["name"],
        version=str(options.get("version") or ""),
        repo_name=options["repo_name"],
        username=texts["username"] or username,
        password=texts["password"] or password,
        ca_file=options.get("ca_file") or "",
    )


def _parted(url: str) -> tuple[str, str, str]:
    """A URL without its log-in, user and password."""
    scheme, mark, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    login, at, host = place.rpartition("@")
    user, _colon, password = login.partition(":")
    return (f"{scheme}://{host}{slash}{path}", unquote(user), unquote(password)) if mark and at else (url, "", "")

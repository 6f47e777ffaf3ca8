# SPDX-License-Identifier: GPL-3.0-or-later
"""The short table of `lab status`."""

from __future__ import annotations

from . import versions
from .errors import LabError
from .providers import Provider
from .state import Files

POD_SUBNET, SERVICE_SUBNET = "10.244.0.0/16", "10.96.0.0/16"  # kind's defaults


def rows(found: Provider, files: Files) -> tuple[list[tuple[str, str]], bool]:
    """(rows of name and text, whether everything works)."""
    lab = found.lab
    try:
        nodes = found.cluster.nodes()
        ready = [version for version in nodes.values() if version]
        cluster = f"{len(ready)} of {lab.workers + 1} nodes ready, Kubernetes {' '.join(sorted(set(ready))) or '?'}"
        well = len(nodes) == lab.workers + 1 and all(nodes.values())
    except LabError as error:
        cluster, well = f"the API server does not answer: {error}", False
    services = found.services()
    words = {name: "answers" if answers else "DOES NOT ANSWER" for name, answers in services.items()}
    table = [
        ("lab", f"{lab.name} ({lab.provider})"),
        ("cluster", cluster),
        ("API", f"{found.api}, from within `lab exec`"),
        ("registry", f"{versions.REGISTRY} {words['registry']}"),
        ("charts", f"{versions.CHARTS_URL} {words['charts']}"),
        ("DNS", f"{lab.site_address} {words['dns']}"),
        ("subnets", f"nodes {lab.nodes_subnet}, pods {POD_SUBNET}, services {SERVICE_SUBNET}"),
        ("state", str(files.state)),
    ]
    return table, well and all(services.values())


def text(table: list[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in table)
    return "\n".join(f"{name:<{width}}  {words}" for name, words in table)

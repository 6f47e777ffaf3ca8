# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Websockets into a pod: a forward to one of its ports, a command in one of its containers.

Private to this collection: it may change in any release. Imports nothing of Ansible.

The client library opens them. Its generated ``CoreV1Api`` would be the usual way to say which pod, but loading that
with all its models takes most of a second of the processor (seen with kubernetes 37); the functions behind it have
had the same arguments since kubernetes 24.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, path_of


def forward(configuration: t.Any, namespace: str, pod: str, port: int) -> t.Any:
    """The library's ``PortForward``. Raises what the library raises."""
    from kubernetes.stream import ws_client

    url = _url(configuration, namespace, pod, "portforward")
    return ws_client.portforward_call(
        configuration, "GET", url, query_params=[("ports", str(port))], headers=_headers(configuration)
    )


def command(configuration: t.Any, namespace: str, pod: str, container: str, argv: t.Sequence[str]) -> t.Any:
    """The library's ``WSClient`` of a command without a terminal and without input. Raises what the library raises."""
    from kubernetes.stream import ws_client

    query = [("command", list(argv)), ("container", container)]
    query += [("stdin", "false"), ("stdout", "true"), ("stderr", "true"), ("tty", "false")]
    return ws_client.websocket_call(
        configuration,
        "GET",
        _url(configuration, namespace, pod, "exec"),
        query_params=query,
        headers=_headers(configuration),
        _preload_content=False,
    )


def _url(configuration: t.Any, namespace: str, pod: str, what: str) -> str:
    return f"{configuration.host}{path_of(CORE, 'pods', namespace, pod)}/{what}"


def _headers(configuration: t.Any) -> dict[str, str]:
    """Who we are, unless a client certificate says so. Asking renews a token that runs out."""
    settings = configuration.auth_settings().values()
    return {one["key"]: one["value"] for one in settings if one["in"] == "header" and one["value"]}

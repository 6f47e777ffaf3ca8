# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``live.certificates``: the certificates that a running installation lives on, each looked at where it is in use.

Private to this collection: it may change in any release.
Only their ends are judged here, and that the pod's CERTIFICATE is one; whether they are trusted shows
in the answers of HolmesGPT.
"""

from __future__ import annotations

import time
import typing as t
from datetime import datetime, timezone
from functools import partial
from urllib.parse import urlsplit

from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _endpoint_urls,
    _live_pod,
    _tls_probe,
    _tls_servers,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Overdue, within
from ansible_collections.holmesgpt.onprem.plugins.module_utils._endpoint_way import Forwards, way_to
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_dates import (
    Row,
    Unusable,
    judge,
    of_bundle,
    of_server,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_front import line_to_holmes
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_say import CERTIFICATES, unchecked
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_served import excepts
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_line import Line
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_trust import Trust
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene

# Seconds for one look, for the whole check.
LOOK, DEADLINE = 6.0, 30.0

# Whose certificates, and how they are seen.
Look = tuple[str, t.Callable[[], t.Sequence[Row]]]


def check(scene: Scene, forwards: Forwards) -> t.Iterator[Check]:
    """One check over everything that could be seen; what could not be is named."""
    ground = _live_pod.lacking(scene)
    if ground:
        yield unchecked(CERTIFICATES, *ground)
        return
    end = time.monotonic() + DEADLINE - LOOK
    rows: list[Row] = []
    unseen: dict[str, str] = {}
    unusable = ""
    for what, look in _looks(scene, forwards, unseen):
        try:
            if time.monotonic() > end:
                raise Overdue("there was no time left")
            rows += within(LOOK, look)
        except Unusable as error:
            unseen[what] = unusable = error.msg
        except HolmesError as error:
            unseen[what] = error.msg.rstrip(".")
        except (Unreachable, Overdue) as error:
            unseen[what] = str(error)
    yield judge(rows, unseen, datetime.now(timezone.utc), unusable)


def _looks(scene: Scene, forwards: Forwards, unseen: dict[str, str]) -> list[Look]:
    looks: list[Look] = [("the API server", lambda: _api(scene)), ("HolmesGPT", lambda: _own(scene, forwards))]
    try:
        values = _live_pod.values(scene)
    except HolmesError as error:
        unseen["the model server"] = error.msg.rstrip(".")
        return looks
    looks.append(("the variable CERTIFICATE", lambda: of_bundle(scene.reader, scene.intent.namespace, values)))
    for asked in _endpoint_urls.of_models(values):
        told = f"the model server of {asked.label}"
        if asked.url is None:
            unseen[told] = "its address is not written in the ConfigMap or a variable"
        elif asked.url.startswith("https://"):
            looks.append((told, partial(_model, scene, values, asked.url, told, forwards)))
    return looks


def _seen(line: Line, trust: Trust, what: str) -> list[Row]:
    return of_server(_tls_probe.look(line, trust.context, LOOK - 1), trust, what)


def _api(scene: Scene) -> list[Row]:
    """Nothing for a reader without a connection of its own."""
    settings = getattr(getattr(scene.reader, "raw", None), "configuration", None)
    if settings is None:
        return []
    parts = urlsplit(str(settings.host))
    if getattr(settings, "proxy", None) and not excepts(
        parts.hostname or "", parts.netloc, str(getattr(settings, "no_proxy", None) or "")
    ):
        raise HolmesError("it is reached through a proxy")
    server = _tls_servers.api(settings)
    return _seen(server.line, server.trust, "the API server") if server else []


def _own(scene: Scene, forwards: Forwards) -> list[Row]:
    found = line_to_holmes(scene, forwards)
    return _seen(*found, "HolmesGPT") if found else []


def _model(scene: Scene, values: Values, url: str, told: str, forwards: Forwards) -> list[Row]:
    # What follows "svc" in a name that the pod uses is the cluster's domain.
    domain = (urlsplit(url).hostname or "").partition(".svc.")[2] or "cluster.local"
    cluster = t.cast(Cluster, scene.reader)
    context = Context(
        cluster=lambda: cluster,
        rendered=Rendered,
        namespace=scene.intent.namespace,
        release_name=scene.intent.release,
        values=values,
        cluster_domain=domain,
        timeout=LOOK - 1,
    )
    way = way_to(context, url, forwards=forwards)
    return _seen(way.transport, way.trust, told) if way.trust else []

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Before an installation: the certificates of everything that speaks TLS, and the clocks they are judged by.

Private to this collection: it may change in any release.
"""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone
from urllib.parse import urlsplit

from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _endpoint_urls,
    _tls_check,
    _tls_clock,
    _tls_probe,
    _tls_servers,
    _tls_trust,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import NOT_CHECKED, PASS, WARN, Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Task
from ansible_collections.holmesgpt.onprem.plugins.module_utils._endpoint_way import Forwards, Way, deadline, way_to
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._portforward import opener
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_served import excepts
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_check import (
    API,
    CHARTS,
    CLOCK,
    IDS,
    MODEL,
    REGISTRY,
    check,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_fault import Party
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_servers import HERE, Server
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_endpoints import Target, target

__all__ = ["IDS", "tasks"]

_NODES = "The nodes' own trust is proven by the pull of the image."


def tasks(context: Context, forwards: Forwards = opener) -> list[Task]:
    """One for each server, and one for the clocks of all."""
    seconds = deadline(context)
    found = [
        Task(API, IDS[API], lambda: _api(context), seconds),
        Task(REGISTRY, IDS[REGISTRY], lambda: _registries(context), seconds),
    ]
    if _tls_servers.charts_url(context).startswith("https://"):
        found.append(Task(CHARTS, IDS[CHARTS], lambda: _charts(context), seconds))
    found += [
        _model_task(context, asked.url, forwards)
        for asked in _endpoint_urls.of_models(context.values)
        if asked.url is not None
    ]
    found.append(Task(CLOCK, IDS[CLOCK], lambda: _clocks(context, forwards), seconds))
    return found


def _model_task(context: Context, url: str, forwards: Forwards) -> Task:
    return Task(MODEL, IDS[MODEL], lambda: _model(context, url, forwards), deadline(context))


def _look(server: Server, timeout: float, **evidence: t.Any) -> t.Iterator[Check]:
    """Nothing about a server that speaks no TLS at all; its own check tells of that."""
    try:
        seen = _tls_probe.look(server.line, server.trust.context, timeout)
    except Unreachable as error:
        if _tls_probe.spoken_instead(server.line, error, timeout) == "http":
            return
        message = f"The certificate of {server.party.told} was not seen: {error}."
        evidence["host"] = server.party.host
        yield check(server.check, NOT_CHECKED, message, server.elsewhere, **evidence)
        return
    now = datetime.now(timezone.utc)
    yield _tls_check.judge(server.check, seen, server.party, server.trust, now, **evidence)


def _shared_look(server: Server, context: Context, endpoint: str, **evidence: t.Any) -> list[Check]:
    """The same for a server that other hosts of this run look at as well."""
    question = [server.check, server.party, endpoint, server.line.host, server.trust.same, evidence, context.timeout]
    evidence["endpoint"] = endpoint
    return context.shared.checks(question, lambda: _look(server, context.timeout, **evidence), context.patience)


def _through_proxy(settings: t.Any) -> bool:
    """The client keeps the proxy of the environment even where NO_PROXY excepts the server."""
    parts = urlsplit(str(settings.host))
    excepted = str(getattr(settings, "no_proxy", None) or "")
    return bool(getattr(settings, "proxy", None)) and not excepts(parts.hostname or "", parts.netloc, excepted)


def _api(context: Context) -> t.Iterator[Check]:
    settings = context.cluster().raw.configuration
    if _through_proxy(settings):
        message = "The API server is reached through a proxy, so its certificate was not looked at."
        yield check(API, NOT_CHECKED, message, "Compare by hand: kubectl version, with the same kubeconfig.")
        return
    server = _tls_servers.api(settings)
    for found in _look(server, context.timeout, verified=bool(settings.verify_ssl)) if server else ():
        yield found if settings.verify_ssl else _not_verified(found)


def _not_verified(found: Check) -> Check:
    """Verification is switched off: that is what has to be told, whatever the certificate is."""
    message = "The certificate of the API server is not verified: anybody in between could read along."
    fix = (
        "Give its authority in holmes_kube_ca_cert and set holmes_kube_validate_certs to true "
        "(AWX: the CA of the credential, K8S_AUTH_SSL_CA_CERT)."
    )
    return check(API, WARN, message, fix, **found.evidence)


def _registries(context: Context) -> t.Iterator[Check]:
    try:
        hosts = _tls_servers.registries(context)
    except HolmesError as error:
        message = f"It is not known from where images come: {error.msg}"
        yield check(REGISTRY, NOT_CHECKED, message, error.fix or "Set holmes_image_registry.")
        return
    for host in hosts:
        server = _tls_servers.registry(context, host)
        yield from _shared_look(server, context, server.line.authority, where=HERE, unproven=_NODES)


def _charts(context: Context) -> t.Iterator[Check]:
    server = _tls_servers.charts(context)
    yield from _shared_look(server, context, server.line.authority, where=HERE)


def _model(context: Context, url: str, forwards: Forwards) -> t.Iterator[Check]:
    try:
        way = way_to(context, url, forwards=forwards)
    except HolmesError as error:
        message = f"The model server's certificate was not looked at: {error.msg}"
        yield check(MODEL, NOT_CHECKED, message, error.fix or "See llm.endpoint.")
        return
    told = {"where": way.where, "unproven": way.unproven}
    if way.trust is None:
        yield _in_clear(way, told)
        return
    party = Party(f"the model server at {way.goal.authority}", way.goal.host, way.goal.variable)
    server = Server(MODEL, party, way.transport, way.trust, "See llm.endpoint.")
    if way.endpoint:
        yield from _shared_look(server, context, way.endpoint, **told)
    else:
        yield from _look(server, context.timeout, **told)


def _in_clear(way: Way, told: dict[str, str]) -> Check:
    place = way.goal.authority
    if way.inside:
        return check(MODEL, PASS, f"{place} speaks plain HTTP inside the cluster.", **told)
    message = (
        f"{place} is outside of the cluster and speaks plain HTTP: questions, what HolmesGPT finds in the cluster, and "
        "the key travel in clear."
    )
    fix = (
        "Give the server a certificate (vLLM: --ssl-certfile, --ssl-keyfile) and write https:// in "
        f"{way.goal.variable}."
    )
    return check(MODEL, WARN, message, fix, **told)


def _clocks(context: Context, forwards: Forwards) -> t.Iterator[Check]:
    asked = [*_clock_of_api(context), *_clocks_of_registries(context), *_clocks_of_models(context, forwards)]
    yield _tls_clock.judge(_tls_clock.skews(asked, context.timeout, context.shared))


def _clock_of_api(context: Context) -> t.Iterator[_tls_clock.Asked]:
    try:
        settings = context.cluster().raw.configuration
    except HolmesError:
        return
    goal = target(str(settings.host))
    if goal and not _through_proxy(settings):
        yield _clock("the API server", goal, "/version")


def _clocks_of_registries(context: Context) -> t.Iterator[_tls_clock.Asked]:
    try:
        for host in _tls_servers.registries(context):
            yield _clock(f"the registry {host}", _tls_servers.registry_target(host), "/v2/")._replace(endpoint=host)
    except HolmesError:
        return


def _clocks_of_models(context: Context, forwards: Forwards) -> t.Iterator[_tls_clock.Asked]:
    for asked in _endpoint_urls.of_models(context.values):
        url = asked.url or ""
        try:
            way = way_to(context, url, forwards=forwards)
        except HolmesError:
            continue
        path = f"{urlsplit(url).path.rstrip('/')}/models"
        yield _tls_clock.Asked(f"the model server {way.goal.authority}", way.transport, path, way.endpoint)


def _clock(told: str, goal: Target, path: str) -> _tls_clock.Asked:
    context = _tls_trust.unverified() if goal.scheme == "https" else None
    return _tls_clock.Asked(told, _tls_servers.straight(goal, context), path)

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the first answer of a server tells, or that there was none. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _http as http
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN
from ansible_collections.holmesgpt.onprem.plugins.module_utils._endpoint_way import Way
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Answer, Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_fault import OF_TRUST, Fault
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_endpoints import target

# Ends that depend on where they were tried from.
_OF_ROUTE = (http.DNS, http.TIMEOUT, http.OTHER)


class Verdict(t.NamedTuple):
    """Status, message and fix of a check."""

    status: str
    message: str
    fix: str = ""


class Outcome(t.NamedTuple):
    """What one request came to. ``spoken`` is the scheme that is spoken there instead, if it is the other one.

    ``fault`` is what is wrong with the certificate, if that is why there was no answer.
    """

    answer: Answer | None = None
    error: Unreachable | None = None
    spoken: str = ""
    fault: Fault | None = None


def judge(way: Way, outcome: Outcome) -> Verdict:
    """Something that speaks HTTP is there: that is all that is asked."""
    if outcome.spoken:
        return _other_scheme(way, outcome.spoken)
    if outcome.fault is not None:
        return of_fault(way, outcome.fault)
    if outcome.answer is not None:
        return _answered(way, outcome.answer)
    return _silent(way, outcome.error or Unreachable(http.OTHER, "no reason was given"))


def of_fault(way: Way, fault: Fault) -> Verdict:
    """A refused certificate; not judged where others decide what is trusted."""
    doubt = way.trust.doubt if way.trust else ""
    if doubt and fault.kind in OF_TRUST:
        return Verdict(NOT_CHECKED, f"{fault.message} But {doubt}.", fault.fix)
    return Verdict(FAIL, fault.message, fault.fix)


def _answered(way: Way, answer: Answer) -> Verdict:
    told = f"{way.goal.authority} answers with HTTP {answer.status}"
    if 300 <= answer.status < 400:
        goal = target(answer.headers.get("location", ""))
        where = f" to {goal.scheme}://{goal.host}" + (f":{goal.port}" if goal.port else "") if goal else ""
        fix = f"Write the address that it leads to into {way.goal.variable}."
        return Verdict(WARN, f"{told}, a redirection{where}, which a chat may not survive.", fix)
    if answer.status >= 500:
        fix = "Look at the log of the server, or of the proxy in front of it; it may still be starting."
        return Verdict(WARN, f"{told}: something is there, but it does not work. Probed {way.where}.", fix)
    return Verdict(PASS, f"{told}, probed {way.where}. {way.unproven}")


def _other_scheme(way: Way, spoken: str) -> Verdict:
    place, variable = way.goal.authority, way.goal.variable
    if spoken == "http":
        message = f"{place} speaks plain HTTP, but its URL says https."
        fix = f"Write http:// in {variable}, or give the server a certificate (vLLM: --ssl-certfile, --ssl-keyfile)."
    else:
        message = f"{place} speaks TLS, but its URL says http."
        fix = f"Write https:// in {variable}; a private authority belongs into holmes_ca_file."
    return Verdict(FAIL, message, fix)


def _silent(way: Way, error: Unreachable) -> Verdict:
    place, variable = way.goal.authority, way.goal.variable
    if error.kind == http.FORBIDDEN:
        fix = "Grant 'get and create pods/portforward' there to the account, or use another one (holmes_kubeconfig)."
        return Verdict(NOT_CHECKED, f"{place} was not asked: {error}.", fix)
    if error.kind in _OF_ROUTE and way.doubt:
        fix = "Run this from a host with the same way to it, or let holmes_verify prove it after the installation."
        return Verdict(NOT_CHECKED, f"{place} was not reached {way.where}: {error}. But {way.doubt}.", fix)
    if error.kind == http.DNS:
        return Verdict(FAIL, f"The name '{way.goal.host}' does not resolve on this host.", f"Correct it in {variable}.")
    if error.kind == http.REFUSED:
        message = f"Nothing listens on {place}: {error}. Probed {way.where}."
        return Verdict(FAIL, message, f"Start the server, or correct the port in {variable}.")
    if error.kind == http.TIMEOUT:
        message = f"{place} does not answer: {error}. Probed {way.where}."
        return Verdict(FAIL, message, _patience(way))
    if error.kind == http.TLS:
        fix = f"Compare with: openssl s_client -connect {place} -servername {way.goal.host}"
        return Verdict(FAIL, f"{place} and this host do not agree on TLS: {error}.", fix)
    if error.kind == http.OTHER:
        message = f"{place} was not reached {way.where}: {error}."
        return Verdict(FAIL, message, f"Look at routes and firewalls in between, or correct {variable}.")
    message = f"{place} takes the connection, but gives no HTTP answer: {error}. Probed {way.where}."
    return Verdict(FAIL, message, f"Check that an OpenAI-compatible server listens there, or correct {variable}.")


def _patience(way: Way) -> str:
    if way.inside:
        return "Look at the log of that pod: it may be overloaded or still starting. Or raise holmes_preflight_timeout."
    return f"Open the firewall in between, correct {way.goal.variable}, or raise holmes_preflight_timeout."

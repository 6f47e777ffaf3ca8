# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One command in a container of a pod (what ``kubectl exec`` does), with an end to it.

Private to this collection: it may change in any release.
Needs the right to ``get`` ``pods/exec``, because a websocket begins with a GET, and from Kubernetes 1.35 on also to
``create`` it (kubernetes/kubernetes pull request 134577). Impersonation options do not reach the websocket: the Python
client sends only the Authorization header there.
"""

from __future__ import annotations

import json
import time
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _pod_socket
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Overdue, within
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import FORBIDDEN, OTHER, TIMEOUT, Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get
from ansible_collections.holmesgpt.onprem.plugins.module_utils._websocket import forbidden, reason

OPEN_TIMEOUT = 6.0
# Channels of a remote command (client-go, remotecommand).
_OUTPUT, _STATUS = 1, 3
# More than the program of this collection ever prints.
_LONGEST = 65536


class Place(t.NamedTuple):
    """A container."""

    namespace: str
    pod: str
    container: str


class Done(t.NamedTuple):
    """What a command printed, and why it could not be run or failed; empty if it did not."""

    output: str
    trouble: str


# Runs a command within seconds. Raises Unreachable.
Execute = t.Callable[[Place, t.Sequence[str], float], Done]


def executor(cluster: t.Any) -> Execute:
    """Commands through the Python client of a :class:`~_kube.Cluster`."""

    def execute(place: Place, command: t.Sequence[str], seconds: float) -> Done:
        def start() -> t.Any:
            where = place.namespace, place.pod, place.container
            return _pod_socket.command(cluster.raw.configuration, *where, command)

        try:
            client = within(OPEN_TIMEOUT, start)
        except Overdue as error:
            raise Unreachable(TIMEOUT, f"the API server did not start a command within {OPEN_TIMEOUT:g} s") from error
        except Exception as error:
            raise refusal(error, place) from error
        return follow(client, seconds)

    return execute


def follow(client: t.Any, seconds: float) -> Done:
    """Read to the end of the command; raises :class:`Unreachable` if there is none within ``seconds``."""
    end = time.monotonic() + seconds
    output = status = ""
    try:
        # update() waits for one frame; within() is for a peer that stops in the middle of one.
        while client.is_open() and not status and time.monotonic() < end:
            within(max(end - time.monotonic(), 0.01) + 1, lambda: client.update(timeout=0.5))
            output += client.read_channel(_OUTPUT)
            status += client.read_channel(_STATUS)
            if len(output) > _LONGEST:
                break
        if client.is_open() and not status and len(output) <= _LONGEST:
            raise Unreachable(TIMEOUT, f"the command in the pod did not end within {seconds:g} s")
        output += client.read_channel(_OUTPUT)
        status += client.read_channel(_STATUS)
    except Overdue as error:
        raise Unreachable(TIMEOUT, f"the command in the pod did not end within {seconds:g} s") from error
    except Unreachable:
        raise
    except Exception as error:
        raise Unreachable(OTHER, f"the connection to the pod broke ({type(error).__name__})") from error
    finally:
        _close(client)
    return Done(output[:_LONGEST], trouble_of(status))


def trouble_of(status: str) -> str:
    """The message of a Status object that is no success; empty if there is none."""
    try:
        found = json.loads(status) if status else {}
    except ValueError:
        return ""
    if get(found, ("status",)) != "Failure":
        return ""
    return " ".join(str(get(found, ("message",), "no reason given")).split())[:300]


def refusal(error: Exception, place: Place) -> Unreachable:
    """Why no command was started."""
    if forbidden(error):
        message = f"this account lacks the right to get and create pods/exec in namespace {place.namespace}"
        return Unreachable(FORBIDDEN, message)
    return Unreachable(OTHER, f"no command could be started in pod {place.pod}: {reason(error)[:200]}")


def _close(client: t.Any) -> None:
    """Closing waits for the peer, which may be gone."""
    try:
        within(1.0, client.close)
    except Exception:  # it is left behind either way
        return

# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults of the double: which exist, what they take, and which are switched on right now.

A fault is switched on while the server runs. Every fault takes ``times`` (it heals after having had its effect so
often; absent: it stays) and, except ``certificate``, ``match`` (the beginning of the path it is for).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

CHAT = "/v1/chat/completions"
GOOD = "good"
LONGEST = 3600.0


class FaultError(ValueError):
    """A request to switch faults that makes no sense; the text is one sentence for the person who sent it."""


@dataclass(frozen=True)
class Option:
    """One option of a fault: how to check it, the sentence when it is wrong, and its default (None: must be given)."""

    valid: Callable[[Any], bool]
    wanted: str
    default: Any


def _number(low: float, high: float, default: float | None) -> Option:
    def valid(value: Any) -> bool:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high

    return Option(valid, f"a number from {low:g} to {high:g}", default)


def _whole(low: int, default: int | None) -> Option:
    def valid(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and value >= low

    return Option(valid, f"a whole number of at least {low}", default)


def _text(default: str | None) -> Option:
    return Option(lambda value: isinstance(value, str) and bool(value), "a text that is not empty", default)


PATH = Option(lambda value: isinstance(value, str) and value.startswith("/"), 'a path that begins with "/"', None)


@dataclass(frozen=True)
class Kind:
    """A fault that exists: what it does, where it works when ``match`` is not given, and its own options."""

    summary: str
    match: str = "/v1/"
    options: dict[str, Option] = field(default_factory=dict)


KINDS: dict[str, Kind] = {
    "prose": Kind("Describes kubectl commands in words where a tool should be called.", CHAT),
    "no_auto_tools": Kind('400 "auto" tool choice requires ..., as without the tool flags of vLLM.', CHAT),
    "refuse_strict": Kind("400 for tools that carry function.strict.", CHAT),
    "json_no_tools": Kind("Calls no tool when a JSON response_format is asked for.", CHAT),
    "broken_arguments": Kind("Tool calls whose arguments are cut in the middle of the JSON text.", CHAT),
    "ignore_tool_result": Kind("Answers with invented names instead of the tool's result.", CHAT),
    "http_401": Kind("401 Unauthorized, whatever key is sent."),
    "http_429": Kind("429 with Retry-After.", options={"retry_after": _whole(0, 1)}),
    "http_500": Kind("500, as when vLLM's engine has died."),
    "http_503": Kind("503, as from a proxy whose backend is not ready."),
    "slow": Kind("Waits before it answers.", options={"seconds": _number(0, LONGEST, None)}),
    "hang": Kind("Answers only when the fault is taken away; until then not at all."),
    "reset": Kind("Sends half of the answer, then resets the TCP connection."),
    "wrong_model": Kind("Serves the model under another name.", options={"name": _text("another-model")}),
    "context_length": Kind("Has another max_model_len.", options={"max_model_len": _whole(1, None)}),
    "certificate": Kind("Shows another TLS certificate (by name).", "", {"name": _text(None)}),
}


@dataclass
class Active:
    """A fault that is switched on: its options, how often it may still work (None: always), how often it did."""

    match: str
    options: dict[str, Any]
    times: int | None
    left: int | None
    used: int = 0


class Faults:
    """The set of faults that are on. Safe to use from many threads."""

    def __init__(self, certificates: tuple[str, ...] = ()) -> None:
        self._changed = threading.Condition()
        self._active: dict[str, Active] = {}
        self._certificates = certificates
        self._generation = 0

    def replace(self, wanted: Any) -> None:
        """Switch on exactly these faults: ``{name: {option: value}}``. Nothing changes when one of them is wrong."""
        active = parse(wanted, self._certificates)
        with self._changed:
            self._active = active
            self._generation += 1
            self._changed.notify_all()

    def reset(self) -> None:
        """Switch all faults off; whoever waits in a slow or hanging answer goes on."""
        self.replace({})

    def take(self, name: str, path: str) -> dict[str, Any] | None:
        """The options of a fault if it is on for this path, counting that it has its effect now; else None."""
        with self._changed:
            fault = self._active.get(name)
            if fault is None or fault.left == 0 or not path.startswith(fault.match):
                return None
            fault.used += 1
            if fault.left is not None:
                fault.left -= 1
            return fault.options

    def certificate(self) -> str:
        """The name of the certificate to show next; does not count."""
        with self._changed:
            fault = self._active.get("certificate")
            return GOOD if fault is None or fault.left == 0 else str(fault.options["name"])

    def wait(self, seconds: float, gone: Callable[[], bool]) -> bool:
        """Wait until the time is over, the faults are switched, or the client is gone; True if it is still there."""
        end = time.monotonic() + seconds
        with self._changed:
            before = self._generation
            while self._generation == before:
                remaining = end - time.monotonic()
                if remaining <= 0:
                    break
                self._changed.wait(min(remaining, 0.2))
                if gone():
                    return False
        return not gone()

    def describe(self) -> dict[str, Any]:
        """What is on, and all that exists: the answer of GET /double/faults."""
        with self._changed:
            on = {
                name: {**f.options, "match": f.match, "times": f.times, "left": f.left, "used": f.used}
                for name, f in self._active.items()
            }
        known = {name: kind.summary for name, kind in KINDS.items()}
        return {"faults": on, "known": known, "certificates": [GOOD, *self._certificates]}


def parse(wanted: Any, certificates: tuple[str, ...] = ()) -> dict[str, Active]:
    """Check ``{name: {option: value}}`` (``true`` stands for no options). Raises FaultError with one sentence."""
    if not isinstance(wanted, dict):
        raise FaultError('The body must be a JSON object of fault names, for example {"slow": {"seconds": 2}}.')
    return {name: _parse_one(name, given, certificates) for name, given in wanted.items()}


def _parse_one(name: str, given: Any, certificates: tuple[str, ...]) -> Active:
    kind = KINDS.get(name)
    if kind is None:
        raise FaultError(f'Unknown fault "{name}"; known faults: {", ".join(sorted(KINDS))}.')
    if given is True:
        given = {}
    if not isinstance(given, dict):
        raise FaultError(f'Fault "{name}": its options must be a JSON object, for example {{"times": 1}}.')
    allowed = {"times": _whole(1, None), **kind.options}
    if kind.match:
        allowed["match"] = PATH
    for option, value in given.items():
        if option not in allowed:
            raise FaultError(f'Fault "{name}" has no option "{option}"; it takes: {", ".join(sorted(allowed))}.')
        if not allowed[option].valid(value):
            raise FaultError(f'Fault "{name}": "{option}" must be {allowed[option].wanted}, not {value!r}.')
    for option, rule in kind.options.items():
        if option not in given and rule.default is None:
            raise FaultError(f'Fault "{name}" needs "{option}": {rule.wanted}.')
    if name == "certificate" and given["name"] not in certificates:
        known = ", ".join(certificates) or "none, start the double with --bad-cert-dir"
        raise FaultError(f'There is no certificate "{given["name"]}"; known certificates: {known}.')
    options = {option: given.get(option, rule.default) for option, rule in kind.options.items()}
    times = given.get("times")
    return Active(given.get("match", kind.match), options, times, times)

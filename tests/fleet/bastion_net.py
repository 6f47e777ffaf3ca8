# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks of a bastion: it reaches the site and is reached by the control node, which reaches nothing else.

    control ── 10.209.N.8/30 ── bastion ── 10.209.N.4/30 ── site (nodes, registry, chart repository)

Nothing is forwarded by the bastion, so the only way from the control node to the API server is a process on it.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.site_run import SITE, Site

NUMBER = os.getpid() % 250
SITE_SIDE, BASTION, CONTROL_SIDE, CONTROL = (f"10.209.{NUMBER}.{last}" for last in (5, 6, 9, 10))


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"


@dataclass(frozen=True)
class Networks:
    """Names of network namespaces (``ip netns``), and the address under which the control node knows the bastion."""

    control: str
    bastion: str
    address: str = CONTROL_SIDE

    def within(self, namespace: str) -> list[str]:
        # Not `ip netns exec`: it mounts a fresh /sys, which hides the control groups.
        return ["nsenter", f"--net=/run/netns/{namespace}", "--"]


@contextlib.contextmanager
def networks(site: Site) -> t.Iterator[Networks]:
    """Both namespaces, joined to the network of the site until the end."""
    made = Networks(f"fleet-control-{NUMBER}", f"fleet-bastion-{NUMBER}")
    with _inside(site) as pid:
        try:
            for name in (made.control, made.bastion):
                _run("ip", "netns", "add", name)
                _run("ip", "-n", name, "link", "set", "lo", "up")
                # A new namespace may begin with the machine's own setting.
                _run("ip", "netns", "exec", name, "sh", "-c", "echo 0 >/proc/sys/net/ipv4/ip_forward")
            _join(site, made, pid)
            yield made
        finally:
            for name in (made.control, made.bastion):
                subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


def _join(site: Site, made: Networks, pid: int) -> None:
    device = f"fleet{NUMBER}"
    inside = ["nsenter", f"--target={pid}", "--net", "ip"]
    _run("ip", "-n", made.bastion, "link", "add", "site", "type", "veth", "peer", "name", device, "netns", str(pid))
    _run(*inside, "address", "add", f"{SITE_SIDE}/30", "dev", device)
    _run(*inside, "link", "set", device, "up")
    _run("ip", "-n", made.bastion, "address", "add", f"{BASTION}/30", "dev", "site")
    _run("ip", "-n", made.bastion, "link", "set", "site", "up")
    pair = ["link", "add", "control", "type", "veth", "peer", "name", "bastion", "netns", made.control]
    _run("ip", "-n", made.bastion, *pair)
    for name, device, address in ((made.bastion, "control", CONTROL_SIDE), (made.control, "bastion", CONTROL)):
        _run("ip", "-n", name, "address", "add", f"{address}/30", "dev", device)
        _run("ip", "-n", name, "link", "set", device, "up")
    for goal in (site.facts["SITE_ADDRESS"], node_address(site)):
        _run("ip", "-n", made.bastion, "route", "add", f"{goal}/32", "via", SITE_SIDE)


def node_address(site: Site) -> str:
    addresses = site.get("nodes")["items"][0]["status"]["addresses"]
    return str(next(one["address"] for one in addresses if one["type"] == "InternalIP"))


@contextlib.contextmanager
def _inside(site: Site) -> t.Iterator[int]:
    """A process in the site's network."""
    argv = [str(SITE), "exec", "--name", site.name, "--", "sh", "-c", "echo; exec cat"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        process.stdout.readline()
        assert os.readlink(f"/proc/{process.pid}/ns/net") != os.readlink(Path("/proc/self/ns/net"))
        try:
            yield process.pid
        finally:
            process.stdin.close()
            process.wait(10)

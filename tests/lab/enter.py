# SPDX-License-Identifier: GPL-3.0-or-later
"""`lab exec`: a command of this machine, with its files and user, in the network and with the names of the site."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from . import versions
from .cache import Cache
from .errors import LabError
from .progress import clean_environment
from .state import Files, Lab

# Runs in a mount namespace of its own: the names of the site lie over the machine's until the command ends.
# Every step is an exec, so the command keeps the process id, and signals and exit code go straight through.
NAMES = """\
for file in hosts resolv.conf nsswitch.conf; do
  [ ! -e "/etc/$file" ] || mount --bind "$1/$file" "/etc/$file" || exit 125
done
shift
exec "$@"
"""


def site_environment(lab: Lab, files: Files) -> dict[str, str]:
    """What every user of the site is told. No secret in it: the password is in a file."""
    return {
        "LAB_NAME": lab.name,
        "KUBECONFIG": str(files.kubeconfig),
        "SITE_CA_FILE": str(files.ca),
        "SITE_REGISTRY": versions.REGISTRY,
        "SITE_REGISTRY_USERNAME": versions.REGISTRY_USER,
        "SITE_REGISTRY_PASSWORD_FILE": str(files.password),
        "SITE_CHARTS_URL": versions.CHARTS_URL,
        "SITE_ADDRESS": lab.site_address,
        "SITE_DNS_LOG": str(files.dns_log),
        "SITE_AUDIT_LOG": str(files.audit_log),
    }


def command_environment(cache: Cache, lab: Lab, files: Files) -> dict[str, str]:
    """The environment of a command: the caller's without proxies, the site's, the password, our binaries first."""
    secret = {"SITE_REGISTRY_PASSWORD": files.password.read_text()}
    path = {"PATH": f"{cache.bin}:{os.environ.get('PATH', os.defpath)}"}
    return clean_environment(site_environment(lab, files) | secret | path)


def execute(pid: int, files: Files, environment: dict[str, str], command: Sequence[str]) -> NoReturn:
    """Become the command, in the network of the process `pid`. Raises LabError when the way in is closed."""
    for name in ("hosts", "resolv.conf"):
        if not Path("/etc", name).exists():
            raise LabError(f"/etc/{name} is missing on this machine: create it, the site's file is laid over it")
    # not `ip netns exec`: it mounts a fresh /sys, which hides the control groups
    enter = ["nsenter", f"--net=/proc/{pid}/ns/net", "--", "unshare", "--mount", "--propagation=private", "--"]
    argv = [*enter, "/bin/sh", "-c", NAMES, "sh", str(files.site), *command]
    try:
        os.execvpe(argv[0], argv, environment)  # noqa: S606 - that is the purpose
    except OSError as error:
        raise LabError(f"nsenter cannot be started: {error.strerror}") from error

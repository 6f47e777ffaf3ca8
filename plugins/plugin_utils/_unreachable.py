# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why SSH does not come to a host, as a sentence. Private to this collection. Imports nothing of Ansible.

Ansible repeats all that ssh wrote. For another host key these are twelve lines with a frame of @, and what to do is in
none of them.
"""

from __future__ import annotations

import re

_FINGERPRINT = re.compile(r"SHA256:[\w+/=]+")
_REFUSED = re.compile(r"\S+: Permission denied \([^)]*\)")
_NO_WAY = re.compile(r"ssh: ((?:connect to host|Could not resolve hostname) .+?)\s*(?:\n|\Z)")


def told(message: str) -> str:
    """Ansible's message as one sentence with what to check; any other message as it is."""
    if "IDENTIFICATION HAS CHANGED" in message:
        found = _FINGERPRINT.search(message)
        shown = f" ({found.group(0)})" if found else ""
        return (
            f"SSH does not trust the host: it shows another host key{shown} than known_hosts has. If the key was "
            "replaced on purpose, compare it there and remove the old one with ssh-keygen -R."
        )
    if "Host key verification failed" in message:
        return (
            "SSH does not know the host's key. Put it into known_hosts, for example with ssh-keyscan, once it is "
            "compared with ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub on the host."
        )
    denied = _REFUSED.search(message)
    if denied:
        return f"SSH refuses the log-in: {denied.group(0)}. Check ansible_user and ansible_ssh_private_key_file."
    no_way = _NO_WAY.search(message)
    if no_way:
        return f"SSH does not reach the host: {no_way.group(1).rstrip('.')}. Check ansible_host and ansible_port."
    return message

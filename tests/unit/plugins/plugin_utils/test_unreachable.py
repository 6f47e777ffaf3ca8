# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible says of an SSH that does not connect, as seen on the oldest and the newest ansible-core."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._unreachable import told

NEW = 'Task failed: Data could not be sent to remote host "b". Make sure this host can be reached over ssh: '
OLD = "Failed to connect to the host via ssh: "
CHANGED = (
    "@@@@@@@@@@@\r\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\n@@@@@@@@@@@\r\n"
    "The fingerprint for the ED25519 key sent by the remote host is\nSHA256:Qee0Y4WveEV5MlkwFAHOjOA16a.\r\n"
    "Host key verification failed.\r\n"
)
UNKNOWN = (
    "No ED25519 host key is known for [b]:2203 and you have requested strict checking.\r\nHost key verification failed."
)


@pytest.mark.parametrize("begin", [NEW, OLD])
@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (CHANGED, "SSH does not trust the host: it shows another host key (SHA256:Qee0Y4WveEV5MlkwFAHOjOA16a) than"),
        (UNKNOWN, "SSH does not know the host's key. Put it into known_hosts"),
        (
            "holmes@b: Permission denied (publickey).\r\n",
            "SSH refuses the log-in: holmes@b: Permission denied (publickey).",
        ),
        (
            "ssh: connect to host b port 22: Connection refused\r\n",
            "SSH does not reach the host: connect to host b port 22: Connection refused. Check ansible_host and",
        ),
        (
            "ssh: Could not resolve hostname b: Name or service not known",
            "SSH does not reach the host: Could not resolve hostname b: Name or service not known. Check ansible_host",
        ),
    ],
)
def test_ssh(begin: str, said: str, sentence: str) -> None:
    assert told(begin + said).startswith(sentence)


def test_anything_else_stays() -> None:
    assert told("gone") == "gone"

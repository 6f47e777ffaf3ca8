# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command that was given, for the hosts that are left: it must do no more than this run did.

Private to this collection.
"""

from __future__ import annotations

import os
import shlex
import typing as t

from ansible import constants, context

# Options that may hold what is secret, or that are typed once in a while: each with what it is if nobody gives it.
_OTHERS = {
    "ask_pass": constants.DEFAULT_ASK_PASS,
    "become": constants.DEFAULT_BECOME,
    "become_ask_pass": constants.DEFAULT_BECOME_ASK_PASS,
    "become_method": constants.DEFAULT_BECOME_METHOD,
    "become_password_file": constants.BECOME_PASSWORD_FILE,
    "become_user": None,
    "connection": constants.DEFAULT_TRANSPORT,
    "connection_password_file": constants.CONNECTION_PASSWORD_FILE,
    "flush_cache": False,
    "force_handlers": constants.DEFAULT_FORCE_HANDLERS,
    "module_path": None,
    "private_key_file": constants.DEFAULT_PRIVATE_KEY_FILE,
    "remote_user": constants.DEFAULT_REMOTE_USER,
    "scp_extra_args": None,
    "sftp_extra_args": None,
    "ssh_common_args": None,
    "ssh_extra_args": None,
    "start_at_task": None,
    "step": False,
    "timeout": None,
}


def again(hosts: str) -> str:
    """The command for the hosts in a file. Extra variables may be secret, so they are only named, as rare options."""
    given = context.CLIARGS
    words = ["ansible-playbook", *(given.get("args") or ())]
    for inventory in given.get("inventory") or ():
        if inventory not in constants.DEFAULT_HOST_LIST:
            words += ["-i", inventory if "," in inventory else _near(inventory)]
    words += [*_steps(given), *_vault(given)]
    forks = given.get("forks")
    if forks and forks != constants.DEFAULT_FORKS:
        words += ["--forks", str(forks)]
    more = ["-e"] if given.get("extra_vars") else []
    if any(given.get(name) and given[name] != usual for name, usual in _OTHERS.items()):
        more.append("other options")
    return shlex.join([*words, "--limit", f"@{_near(hosts)}"]) + (f" and the same {' and '.join(more)}" if more else "")


def _steps(given: t.Mapping[str, t.Any]) -> list[str]:
    """Without them a run that only looks would become one that deploys."""
    tags, skipped = sorted(given.get("tags") or ()), sorted(given.get("skip_tags") or ())
    words = ["--tags", ",".join(tags)] if tags and tags != ["all"] else []
    return words + (["--skip-tags", ",".join(skipped)] if skipped else [])


def _vault(given: t.Mapping[str, t.Any]) -> list[str]:
    """Where passwords come from, which are not in it."""
    words = [word for source in given.get("vault_ids") or () for word in ("--vault-id", source)]
    for path in given.get("vault_password_files") or ():
        words += ["--vault-password-file", _near(path)]
    return words + (["--ask-vault-pass"] if given.get("ask_vault_pass") else [])


def _near(path: str) -> str:
    """As one would type it here."""
    near = os.path.relpath(path)
    return path if near.startswith(os.pardir) else near

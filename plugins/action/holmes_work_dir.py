# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells the module which run it works for, judges here which folders on a bastion are of killed runs, reads files here.

Files travel among the arguments of the module that makes the folder: no second way to the host, and they are never
there with another mode or for another user.
"""

from __future__ import annotations

import json
import os
import typing as t

from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils import _kubeconfig, _local_file, _no_python
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._holder_here import here, is_gone
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._host_files import Push, each, placed
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._in_process import OurAction

Result = dict[str, t.Any]
_FIX = "Correct it, or name {} in holmes_remote_files if the file is on the host already."
KUBECONFIG, KUBE_CA = "holmes_kubeconfig", "holmes_kube_ca_cert"


class ActionModule(OurAction):
    """Runs the module of the same name on the host."""

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        result: Result = super().run(tmp, task_vars)
        variables = task_vars or {}
        if self._task.args.get("state") == "absent":
            return {**result, **self._execute_module(task_vars=variables)}
        try:
            push = Push(self._content)
            files, kubeconfig = self._files(push), self._kubeconfig(push)
        except HolmesError as error:
            return {**result, "failed": True, "changed": False, **error.as_result()}
        result.update(self._made(push, variables))
        if "path" in result:
            home = result.pop("home")
            result["files"] = {
                variable: placed(result["path"], given) if variable in self._pushed() else given
                for variable, given in files.items()
            }
            result["kubeconfig"] = placed(result["path"], kubeconfig) or self._there(home)
            result["remote"] = self._remote()
        return result

    def _made(self, push: Push, variables: dict[str, t.Any]) -> Result:
        """The module's own result: the folder, with what is pushed; those of killed runs are gone."""
        ours = here(variables)
        arguments = {"holder": ours, "content": push.content}
        made: Result = self._execute_module(module_args=arguments, task_vars=variables)
        # The arguments hold what was pushed.
        made.pop("invocation", None)
        wrong = _no_python.told(made, self._used_interpreter or "", str(variables.get("inventory_hostname", "")))
        if wrong:
            return {"failed": True, "changed": False, "msg": wrong}
        gone = [one["path"] for one in made.pop("others", []) if is_gone(one["holder"], ours)]
        if gone:
            more = self._execute_module(module_args={"gone": gone}, task_vars=variables)
            made["removed"] = [*made["removed"], *more.get("removed", [])]
        return made

    def _remote(self) -> bool:
        return bool(self._connection.transport != "local")

    def _pushed(self) -> set[str]:
        """The variables whose files are on the control node, and are wanted on another machine."""
        if not self._remote():
            return set()
        args = self._task.args
        return {*(args.get("files") or {}), KUBECONFIG, KUBE_CA} - set(args.get("remote_files") or [])

    def _files(self, push: Push) -> Result:
        """What each variable names, with names in the folder for what is pushed."""
        given, pushed = self._task.args.get("files") or {}, self._pushed()
        if not self._remote():
            return {name: each(self._near, named) for name, named in given.items()}
        return {name: push.take(name, named) if name in pushed else named for name, named in given.items()}

    def _near(self, path: str) -> str:
        """A relative path of this machine as Ansible finds it; a module says what is wrong with any other."""
        if not path or path.startswith(("/", "~")):
            return path
        try:
            return str(self._find_needle("files", path))
        except AnsibleError:
            return path

    def _kubeconfig(self, push: Push) -> str:
        """The name of the kubeconfig that is made in the folder; empty if the given path is taken as it is."""
        access = self._task.args.get("access") or {}
        given, title = access.get("kubeconfig"), KUBECONFIG
        if access.get("host"):
            config = self._for_token(access)
        elif isinstance(given, dict) and not self._remote():
            config = given
        elif given and (isinstance(given, dict) or KUBECONFIG in self._pushed()):
            folder = ""
            if not isinstance(given, dict):
                title, folder = f"{KUBECONFIG} '{given}'", os.path.dirname(self._found(KUBECONFIG, str(given)))
                text = self._content(KUBECONFIG, str(given)).decode("utf-8", "replace")
                given = _yaml_text.load_mapping(text, title)[0]
            config = _kubeconfig.portable(
                given,
                str(access.get("context") or ""),
                title,
                lambda path: self._content(KUBECONFIG, os.path.join(folder, path)),
            )
        else:
            return ""
        return push.add("kubeconfig", json.dumps(config).encode("utf-8"))

    def _there(self, home: str) -> str:
        """A kubeconfig that is on another machine already; Helm knows no ``~``."""
        given = (self._task.args.get("access") or {}).get("kubeconfig")
        if not self._remote() or not isinstance(given, str):
            return ""
        return home + given[1:] if given.startswith("~/") else given

    def _for_token(self, access: Result) -> Result:
        path = str(access.get("ca_cert") or "")
        authority: Result = {}
        if path and KUBE_CA in self._pushed():
            authority = _kubeconfig.inlined("certificate-authority", self._content(KUBE_CA, path))
        elif path.startswith("~") and self._remote():
            message = f"{KUBE_CA} names '{path}' on the host, but whose home that is, is not known here."
            raise HolmesError(message, "Write the path in full.")
        elif path:
            authority = {"certificate-authority": os.path.expanduser(path)}
        verified = boolean(access.get("validate_certs", True), strict=False)
        return _kubeconfig.for_token(str(access["host"]), access.get("api_key") or "", authority, verified)

    def _found(self, variable: str, path: str) -> str:
        return _local_file.found(self, variable, path, _FIX.format(variable))

    def _content(self, variable: str, path: str) -> bytes:
        return _local_file.content(self, variable, path, _FIX.format(variable))

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Our modules on a host that is the control node itself: in the process that Ansible has forked for the task anyway.

Private to this collection: it may change in any release.

Where clusters are reached from the control node, a host is not another machine. Packing a module with a hundred
files, starting Python, unpacking and compiling them takes two to ten times as long as what the module does
(docs/bench.md), for each task of each cluster. The module is the same, and so are its arguments, its environment and
its result; a process of its own adds nothing here. Anything unusual is left to Ansible's own way.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import io
import json
import logging
import os
import shutil
import sys
import tempfile
import traceback
import typing as t
from multiprocessing.util import Finalize

from ansible import constants
from ansible.module_utils import basic
from ansible.plugins.action import ActionBase
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _kube

try:  # ansible-core 2.19 and newer: results carry more than JSON knows
    from ansible.module_utils.common.json import Direction, get_module_decoder, get_module_encoder

    PROFILE = "legacy"
    _OUT: dict[str, t.Any] = {"cls": get_module_encoder(PROFILE, Direction.CONTROLLER_TO_MODULE)}
    _BACK: dict[str, t.Any] = {"cls": get_module_decoder(PROFILE, Direction.MODULE_TO_CONTROLLER)}
except ImportError:
    from ansible.module_utils.common.json import AnsibleJSONEncoder

    PROFILE, _OUT, _BACK = "", {"cls": AnsibleJSONEncoder}, {}

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
ACTIONS = "ansible_collections.holmesgpt.onprem.plugins.action"
MODULES = "ansible_collections.holmesgpt.onprem.plugins.modules"
MODULE_UTILS = "ansible_collections.holmesgpt.onprem.plugins.module_utils"
# Variables that only a new process obeys.
_WHEN_STARTED = ("PYTHON", "LD_")
Result = dict[str, t.Any]


class OurAction(ActionBase):  # type: ignore[misc]
    """Base of every action plugin of ours that has a module."""

    def __init_subclass__(cls, later: str = "", **keywords: t.Any) -> None:
        """Import the module too: Ansible loads an action before it forks, so that no fork has to import it again.

        ``later``: one of the module_utils that the module imports when it needs it.
        """
        super().__init_subclass__(**keywords)
        package, _dot, name = cls.__module__.rpartition(".")
        if package == ACTIONS:
            with contextlib.suppress(Exception):  # the task that needs it will say so
                importlib.import_module(f"{MODULES}.{name}")
                if later:
                    importlib.import_module(f"{MODULE_UTILS}.{later}")

    def _execute_module(
        self,
        module_name: str | None = None,
        module_args: Result | None = None,
        tmp: t.Any = None,
        task_vars: Result | None = None,
        **options: t.Any,
    ) -> Result:
        name = (module_name or self._task.action).rpartition(".")[2]
        variables = task_vars or {}
        environment: dict[str, t.Any] = {}
        self._compute_environment_string(environment)
        elsewhere = options or any(str(variable).startswith(_WHEN_STARTED) for variable in environment)
        if elsewhere or not _is_here(self, variables):
            found: Result = super()._execute_module(
                module_name=module_name, module_args=module_args, task_vars=variables, **options
            )
            return found
        args = dict(self._task.args if module_args is None else module_args)
        self._update_module_args(module_name or self._task.action, args, variables)
        # Where Ansible runs modules of a local connection; a relative KUBECONFIG must mean one file to all of them.
        with _inside(str(self._loader.get_basedir())):
            return _run(name, args, environment)


def _is_here(action: t.Any, variables: t.Mapping[str, t.Any]) -> bool:
    """Whether the module would be run by just this Python, on this machine, as this user, and waited for."""
    task, connection = action._task, action._connection
    if sys.platform != "linux" or getattr(connection, "transport", "") != "local":
        return False
    if task.async_val or task.delegate_to or connection.become or constants.DEFAULT_KEEP_REMOTE_FILES:
        return False
    if _kube.lacking():  # perhaps not for a Python that is started in another way, or after an installation
        return False
    wanted = action._templar.template(variables.get("ansible_python_interpreter") or "")
    return bool(wanted) and str(wanted) == sys.executable


def _run(name: str, args: Result, environment: t.Mapping[str, t.Any]) -> Result:
    """What the module's ``main()`` prints before it ends the process. Ansible would show a traceback if it breaks."""
    module = importlib.import_module(f"{MODULES}.{name}")
    _tidy_at_the_end()
    printed = io.StringIO()
    try:
        with (
            _folder(str(args["_ansible_remote_tmp"])) as folder,
            _given({**args, "_ansible_tmpdir": folder}, environment),
            contextlib.redirect_stdout(printed),
            # Nobody reads it, as in Ansible's own way. And up to ansible-core 2.18 a thread that writes to Ansible's
            # own would wait for ever: WorkerProcess.start forks with the display's lock held by the main thread.
            contextlib.redirect_stderr(io.StringIO()),
        ):
            module.main()
    except SystemExit:
        return _result(printed.getvalue(), name)
    except NoRoom as error:
        return {"failed": True, "changed": False, "msg": str(error)}
    except Exception as error:  # its text may hold what nobody should see
        last = traceback.extract_tb(error.__traceback__)[-1]
        return _broken(name, f"{type(error).__name__} at {os.path.basename(last.filename)}:{last.lineno}")
    return _broken(name, "it gave no result")


def _result(printed: str, name: str) -> Result:
    """The module's result without what only Ansible's own way of running it needs."""
    try:
        found = json.loads(printed, **_BACK)
    except ValueError:
        return _broken(name, "its result is no JSON")
    kept = {key: value for key, value in found.items() if not key.startswith("_ansible_")}
    kept.pop("exception", None)
    return kept


def _broken(name: str, why: str) -> Result:
    msg = f"The module {name} broke down ({why}). Please report it with the versions in use."
    return {"failed": True, "changed": False, "msg": msg}


def _tidy_at_the_end() -> None:
    """Once in a process: remove the keys that the Kubernetes client has put into temporary files.

    It does so itself when Python exits, which a process forked by multiprocessing does not do before Python 3.13.
    Not earlier: a module may be run twice in one process, and the client's connections read these files.
    """
    if _tidied.get("process") != os.getpid():
        _tidied["process"] = os.getpid()
        Finalize(None, _tidy, exitpriority=0)


_tidied: dict[str, int] = {}


def _tidy() -> None:
    config = sys.modules.get("kubernetes.config.kube_config")
    if config is not None:
        config._cleanup_temp_files()


@contextlib.contextmanager
def _inside(folder: str) -> t.Iterator[None]:
    """Work in a folder."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


class NoRoom(Exception):
    """There is no place for temporary files, or it is full; the message is a sentence."""

    def __init__(self, error: OSError, folder: str) -> None:
        super().__init__(
            f"Temporary files cannot be written on this host: {error.strerror} ({error.filename or folder}). "
            "Make room there, or set ansible_remote_tmp to a folder with some."
        )


@contextlib.contextmanager
def _folder(parent: str) -> t.Iterator[str]:
    """Where the module may put temporary files: its own would go when its process ends, and this one goes on.

    It lies where Ansible has it, so that a disk that is full stops a run at its first task, as ever.
    """
    parent = os.path.expanduser(os.path.expandvars(parent))
    try:
        os.makedirs(parent, mode=0o700, exist_ok=True)
        folder = tempfile.mkdtemp(prefix="ansible-moduletmp-", dir=parent)
    except OSError as error:
        raise NoRoom(error, parent) from None
    try:
        yield folder
    except OSError as error:
        if error.errno in _FULL:
            raise NoRoom(error, folder) from None
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _as_if_new() -> t.Iterator[None]:
    """What libraries have read or set before in this process, and a process of its own would not know."""
    folder, tempfile.tempdir = tempfile.tempdir, None  # TMPDIR
    # Libraries' lines would go to Ansible's log file, which knows nothing of the task's no_log.
    silent = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    client: t.Any = sys.modules.get("kubernetes.client")
    if client is not None:
        client.Configuration.set_default(None)  # the cluster of another item of the loop
    for name in ("kubernetes.config.kube_config", "kubernetes.config"):
        config: t.Any = sys.modules.get(name)
        if config is not None:
            config.KUBE_CONFIG_DEFAULT_LOCATION = os.environ.get("KUBECONFIG", "~/.kube/config")
    try:
        yield
    finally:
        tempfile.tempdir = folder
        logging.disable(silent)


@contextlib.contextmanager
def _given(args: Result, environment: t.Mapping[str, t.Any]) -> t.Iterator[None]:
    """Arguments where AnsibleModule looks for them, and the task's environment."""
    text = json.dumps({"ANSIBLE_MODULE_ARGS": args}, **_OUT).encode("utf-8")
    profile = getattr(basic, "_ANSIBLE_PROFILE", None)
    before = dict(os.environ)
    basic._ANSIBLE_ARGS = text
    if PROFILE:
        basic._ANSIBLE_PROFILE = PROFILE
    os.environ.update({str(key): str(value) for key, value in environment.items()})
    try:
        with _as_if_new():
            yield
    finally:
        basic._ANSIBLE_ARGS = None
        if PROFILE:
            basic._ANSIBLE_PROFILE = profile
        os.environ.clear()
        os.environ.update(before)

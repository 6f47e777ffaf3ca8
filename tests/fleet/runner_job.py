# SPDX-License-Identifier: GPL-3.0-or-later
"""A job template of awx/objects as a folder for ansible-runner, filled as AWX fills it."""

from __future__ import annotations

import json
import os
import shlex
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from jinja2.sandbox import ImmutableSandboxedEnvironment

from awx.validator._load import Loaded
from awx.validator._run import world_of
from awx.validator._world import World
from tests.e2e.site_run import ROOT
from tests.playbooks.awx_job import Job, extra_variables

Vars = dict[str, t.Any]
# AWX's own type, whose injectors are in AWX and not in awx/objects.
KUBERNETES = "OpenShift or Kubernetes API Bearer Token"
IDENT = "7"


@dataclass(frozen=True)
class Controller:
    """An AWX to which a site has applied awx/ with its own settings. ``secrets`` were in the environment then."""

    objects: World
    secrets: t.Mapping[str, str] = field(repr=False)

    def one(self, kind: str, name: str) -> Vars:
        entry = self.objects.one(kind, name)
        assert entry, f"no {name} among {sorted(self.objects.names(kind))}"
        return dict(entry.data)


def controller(folder: Path, settings: Vars, secrets: t.Mapping[str, str]) -> Controller:
    """The objects as they are, with these settings."""
    (folder / "awx").mkdir()
    (folder / "awx" / "objects").symlink_to(ROOT / "awx" / "objects")
    shipped = yaml.safe_load((ROOT / "awx" / "settings.yml").read_text())
    (folder / "awx" / "settings.yml").write_text(yaml.safe_dump({**shipped, **settings}))
    loaded = Loaded(folder / "awx")
    assert not loaded.findings, loaded.findings
    return Controller(world_of(loaded, ROOT), secrets)


@dataclass
class Launch:
    """What somebody gives when a template is launched; ``env`` is what AWX sets for all jobs of a site."""

    answers: Vars = field(default_factory=dict)
    limit: str = ""
    forks: int = 0
    env: t.Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """A folder that is ready for ansible-runner. ``seen`` is where the job sees it, on another machine for one."""

    folder: Path
    playbook: str
    secrets: tuple[str, ...] = field(repr=False)

    @property
    def project(self) -> Path:
        return self.folder / "project"


def prepared(
    awx: Controller, name: str, folder: Path, inventory: Vars, launch: Launch | None = None, seen: str = ""
) -> Prepared:
    """The folder of a job of this template, with its files where AWX puts them.

    The environment is a file, too: AWX hands it over as an argument of ansible-runner, which a command line cannot.
    """
    launch = launch or Launch()
    given = awx.one("job_templates", name)
    job = Job(Path(), folder, inventory)
    secrets = [secret for credential in given["credentials"] for secret in _inject(awx, job, credential)]
    environment = {**_environment(str(folder)), **launch.env, **job.env}
    _private(folder / "env" / "envvars", json.dumps(_moved(environment, str(folder), seen)))
    # A template of ours has no extra variables of its own: all are answers.
    _private(folder / "env" / "extravars", extra_variables({}, {**_defaults(given), **launch.answers}))
    _private(folder / "env" / "cmdline", shlex.join(_arguments(given, launch)))
    _private(folder / "env" / "settings", json.dumps({"job_timeout": 0, "suppress_ansible_output": True}))
    return Prepared(folder, given["playbook"], tuple(secrets))


def _inject(awx: Controller, job: Job, name: str) -> list[str]:
    """Give a credential to the job; what of it is secret."""
    given = awx.one("credentials", name)
    inputs = {key: _filled(value, awx.secrets) for key, value in given["inputs"].items()}
    if given["credential_type"] == KUBERNETES:
        job.kubernetes(inputs["host"], inputs["bearer_token"], inputs["ssl_ca_cert"])
        return [inputs["bearer_token"]]
    kind = awx.one("credential_types", given["credential_type"])
    job.credential(kind["name"], **inputs)
    return [inputs[one["id"]] for one in kind["inputs"]["fields"] if one.get("secret")]


def _filled(value: t.Any, secrets: t.Mapping[str, str]) -> t.Any:
    """The input of a credential: its lookups of the environment find the secrets."""
    if not isinstance(value, str):
        return value
    environment = ImmutableSandboxedEnvironment(keep_trailing_newline=True)
    environment.globals["lookup"] = lambda _kind, name: secrets[name]
    return environment.from_string(value).render()


def _defaults(given: Vars) -> Vars:
    """What AWX takes for questions that nobody answers: their defaults, where there are any."""
    return {one["variable"]: one["default"] for one in given["survey_spec"]["spec"] if "default" in one}


def _arguments(given: Vars, launch: Launch) -> list[str]:
    """Those of ansible-playbook, in AWX's order; ansible-runner adds inventory, extra variables and playbook."""
    arguments = ["--check"] if given["job_type"] == "check" else []
    arguments += ["-u", "root"]
    arguments += ["--diff"] if given.get("diff_mode") else []
    arguments += [f"--forks={launch.forks}"] if launch.forks else []
    arguments += ["-l", launch.limit] if launch.limit else []
    return arguments


def _environment(folder: str) -> dict[str, str]:
    """What AWX sets for every job; without a container, paths are those of the folder."""
    return {
        "ANSIBLE_FORCE_COLOR": "True",
        "ANSIBLE_HOST_KEY_CHECKING": "False",
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "ANSIBLE_COLLECTIONS_PATH": f"{folder}/requirements_collections:collections:~/.ansible/collections",
        "ANSIBLE_ROLES_PATH": f"{folder}/requirements_roles:~/.ansible/roles",
        "AWX_PRIVATE_DATA_DIR": folder,
        "INVENTORY_ID": "1",
        "JOB_ID": IDENT,
        "MAX_EVENT_RES": "700000",
    }


def _moved(environment: t.Mapping[str, str], folder: str, seen: str) -> dict[str, str]:
    return {name: value.replace(folder, seen) if seen else value for name, value in environment.items()}


def _private(path: Path, content: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        stream.write(content)

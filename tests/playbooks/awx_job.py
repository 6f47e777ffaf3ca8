# SPDX-License-Identifier: GPL-3.0-or-later
"""A job as AWX runs it: folder, command, environment and files of credentials, answers of a survey. Needs no AWX."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tests.unit.fixtures.awx_world import WORLD

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ("ansible.cfg", "collections", "meta", "playbooks", "plugins", "roles", "galaxy.yml")
Values = t.Mapping[str, t.Any]


class _Unsafe(yaml.SafeDumper):
    """Marks every text, names included, as AWX does with what came from people."""


_Unsafe.add_representer(str, lambda dumper, text: dumper.represent_scalar("!unsafe", text))


@dataclass
class Job:
    """One job's folder. ``templated`` are a template's own extra variables, ``answered`` those of people."""

    programs: Path
    folder: Path
    inventory: Values
    env: dict[str, str] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("env", "inventory", "project"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for name in PROJECT:
            source, target = ROOT / name, self.folder / "project" / name
            if source.is_dir():
                shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, target)
        script = self.folder / "inventory" / "hosts"
        content = json.dumps(self.inventory)
        script.write_text(f"#! /usr/bin/env python3\n# -*- coding: utf-8 -*-\nprint({content!r})\n", encoding="utf-8")
        script.chmod(0o700)

    def _file(self, content: str, mode: int) -> Path:
        path = self.folder / "env" / f"tmp{len(list((self.folder / 'env').iterdir()))}"
        path.write_text(content, encoding="utf-8")
        path.chmod(mode)
        return path

    def credential(self, kind: str, **inputs: t.Any) -> None:
        """A credential of a custom type: environment, rendered by plain Jinja from its fields."""
        entry = WORLD.one("credential_types", kind)
        assert entry is not None, kind
        for name, template in entry.data["injectors"]["env"].items():
            self.env[name] = ImmutableSandboxedEnvironment().from_string(template).render(**inputs)

    def variables(self, **variables: str) -> None:
        """What a credential gives as extra variables: a file of its own, marked, before those of the job."""
        self.files.append(self._file(yaml.dump(variables, Dumper=_Unsafe), 0o400))

    def kubernetes(self, host: str, token: str, authority: str = "") -> None:
        """AWX's own type with verify_ssl on; without an authority it switches verification off all the same."""
        self.env.update(K8S_AUTH_HOST=host, K8S_AUTH_API_KEY=token, K8S_AUTH_VERIFY_SSL=str(bool(authority)))
        if authority:
            self.env["K8S_AUTH_SSL_CA_CERT"] = str(self._file(authority, 0o600))

    def run(
        self, playbook: str, *arguments: str, templated: Values | None = None, answered: Values | None = None
    ) -> subprocess.CompletedProcess[str]:
        """The command in AWX's shape."""
        extra = self.folder / "env" / "extravars"
        extra.write_text(extra_variables(templated or {}, answered or {}), encoding="utf-8")
        files = [part for path in self.files for part in ("-e", f"@{path}")]
        command = [str(self.programs / "ansible-playbook"), "-u", "root", *arguments, *files]
        command += ["-i", str(self.folder / "inventory" / "hosts"), "-e", f"@{extra}", playbook]
        environment = {
            "HOME": str(self.folder),
            "PATH": os.pathsep.join((str(self.programs), os.environ["PATH"])),
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.env,
        }
        return subprocess.run(
            command,
            cwd=self.folder / "project",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )


def extra_variables(templated: Values, answered: Values) -> str:
    """AWX's file of extra variables: what people answered is marked, what the template says is not."""
    text = yaml.safe_dump(dict(templated)) if templated else ""
    return text + yaml.dump({**answered, "awx_job_id": 7, "tower_user_name": "admin"}, Dumper=_Unsafe)


def exported(programs: Path, folder: Path) -> dict[str, t.Any]:
    """inventories/airgap as the source of an inventory hands it to AWX."""
    command = [str(programs / "ansible-inventory"), "-i", str(ROOT / "inventories" / "airgap"), "--list", "--export"]
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, t.Any] = json.loads(done.stdout)
    # AWX keeps hosts, groups and their variables, and prints them in its own words.
    hostvars = {
        host: {**found["_meta"]["hostvars"].get(host, {}), "remote_tower_enabled": "true"} for host in _hosts(found)
    }
    return {**found, "_meta": {"hostvars": hostvars}}


def _hosts(found: Values) -> list[str]:
    return sorted({host for group in found.values() for host in group.get("hosts", [])})


def sliced(inventory: Values, number: int, of: int) -> dict[str, t.Any]:
    """The inventory that one of several jobs gets: by their names, every so many hosts (AWX: get_sliced_hosts)."""
    mine = _hosts(inventory)[number - 1 :: of]
    groups = {
        name: {**group, "hosts": [host for host in group["hosts"] if host in mine]} if "hosts" in group else group
        for name, group in inventory.items()
    }
    return {**groups, "_meta": {"hostvars": {host: inventory["_meta"]["hostvars"].get(host, {}) for host in mine}}}

# SPDX-License-Identifier: GPL-3.0-or-later
"""The services of the site, on the private host: DNS, image registry with TLS and login, chart repository."""

from __future__ import annotations

import base64
import json
import secrets
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from . import certs, site_config, versions
from .errors import LabError
from .progress import last_line
from .state import Files, Lab
from .transfer import brought_in


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, from the first byte on."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)


class Place(Protocol):
    """Where the services run: the private host, or containers of Docker or Podman. The lab's state is /lab there."""

    def run(self, command: Sequence[str], *, what: str, log: Path) -> float: ...

    def output(self, command: Sequence[str], *, what: str, stdin: str | None = None, timeout: float = 120) -> str: ...

    def attempt(
        self, command: Sequence[str], *, stdin: str | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]: ...

    def daemon(self, command: Sequence[str], log: Path) -> None: ...


class Services:
    """Registry, chart repository and DNS of one lab."""

    def __init__(self, lab: Lab, files: Files, host: Place) -> None:
        self.lab = lab
        self.host = host
        self.files = files

    def prepare(self) -> None:
        """Write certificates, the password and all configuration. What is there already stays."""
        files, lab = self.files, self.lab
        for directory in (files.certs, files.site, files.charts, files.logs, files.state / "registry"):
            directory.mkdir(parents=True, exist_ok=True)
        certs.make_ca(files.certs)
        for name, dns_name in (("registry", versions.REGISTRY_NAME), ("charts", versions.CHARTS_NAME)):
            if not (files.certs / f"{name}.crt").exists():
                certs.make_certificate(files.certs, name, [dns_name])
        nsswitch = Path("/etc/nsswitch.conf")
        texts = {
            "registry.yml": site_config.registry(lab),
            "nginx.conf": site_config.charts(lab),
            "Corefile": site_config.dns(lab),
            "zone": site_config.zone(lab),
            "hosts": site_config.hosts_file(lab),
            "audit-policy.json": site_config.audit_policy(),
            "resolv.conf": site_config.resolv_conf(lab),
            "nsswitch.conf": site_config.nsswitch(nsswitch.read_text() if nsswitch.exists() else ""),
        }
        for name, text in texts.items():
            (files.site / name).write_text(text)
        files.audit_log.parent.mkdir(exist_ok=True)
        trust = files.site / "certs.d" / versions.REGISTRY
        trust.mkdir(parents=True, exist_ok=True)
        (trust / "hosts.toml").write_text(site_config.hosts_toml())
        shutil.copy(files.ca, trust / "ca.crt")
        trusted = files.certs / "skopeo"  # skopeo takes a directory
        trusted.mkdir(exist_ok=True)
        shutil.copy(files.ca, trusted / "ca.crt")
        if not (files.charts / "index.yaml").exists():
            (files.charts / "index.yaml").write_text('apiVersion: v1\nentries: {}\ngenerated: "2024-01-01T00:00:00Z"\n')
        self._login()

    def _login(self) -> None:
        """A random password, its bcrypt hash for the registry and the login file for skopeo."""
        files = self.files
        if files.password.exists() and (files.site / "htpasswd").exists():
            return
        password = secrets.token_urlsafe(24)
        # by stdin: an argument list can be read by every process of the machine
        command = ["htpasswd", "-niB", versions.REGISTRY_USER]
        hashed = self.host.output(command, what="htpasswd", stdin=password)
        login = base64.b64encode(f"{versions.REGISTRY_USER}:{password}".encode()).decode()
        write_private(files.site / "htpasswd", hashed)
        write_private(files.site / "auth.json", json.dumps({"auths": {versions.REGISTRY: {"auth": login}}}))
        write_private(files.password, password)

    def start(self) -> None:
        """Start what does not answer yet and wait until everything does. Raises LabError with the reason."""
        commands = {
            "dns": ["coredns", "-conf", "/lab/site/Corefile"],
            "registry": ["docker-registry", "serve", "/lab/site/registry.yml"],
            "charts": ["nginx", "-c", "/lab/site/nginx.conf", "-g", "daemon off;"],
        }
        started = {name: command for name, command in commands.items() if not self.answers(name)}
        for name, command in started.items():
            self.host.daemon(command, self.files.logs / f"{name}.log")
        deadline = time.monotonic() + 15
        for name in started:
            while not self.answers(name):
                if time.monotonic() > deadline:
                    log = self.files.logs / f"{name}.log"
                    raise LabError(f"The site's {name} service does not answer: {last_line(log)}", log)
                time.sleep(0.1)

    def answers(self, name: str) -> bool:
        """Whether a service ("dns", "registry", "charts") does its work, asked as its users ask."""
        curl = ["curl", "-sS", "-o", "/dev/null", "--max-time", "3", "--cacert", "/lab/certs/ca.crt"]
        commands = {
            "dns": [
                "curl",
                "-sS",
                "-o",
                "/dev/null",
                "--fail",
                "--max-time",
                "2",
                f"http://{self.lab.site_address}:{site_config.DNS_HEALTH_PORT}/health",
            ],
            # 401 is the right answer to somebody without a login
            "registry": [*curl, "-w", "%{http_code}", f"https://{versions.REGISTRY}/v2/"],
            "charts": [*curl, "--fail", f"{versions.CHARTS_URL}/index.yaml"],
        }
        done = self.host.attempt(commands[name], timeout=10)
        return done.returncode == 0 and (name != "registry" or done.stdout == "401")

    def push(self, archive: Path, names: list[str]) -> list[str]:
        """Copy an OCI archive into the registry as REPOSITORY:TAG; returns the full names."""
        done = []
        with brought_in(archive, self.files.state) as inside:
            for name in names:
                full = f"{versions.REGISTRY}/{name.removeprefix(versions.REGISTRY + '/')}"
                command = ["skopeo", "copy", "--insecure-policy", "--dest-authfile=/lab/site/auth.json"]
                command += ["--dest-cert-dir=/lab/certs/skopeo", f"oci-archive:{inside}", f"docker://{full}"]
                self.host.run(command, what=f"pushing {full}", log=self.files.logs / "push.log")
                done.append(full)
        return done

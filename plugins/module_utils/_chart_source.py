# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fetching a chart with Helm, from a repository or from an OCI registry, into one file.

Private to this collection: it may change in any release. Imports nothing of Ansible.
Log-ins go into files of a private folder, never into an argument; Helm's own settings lie there as well, so nothing is
left in the home of the user, and two runs do not disturb each other.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import tempfile
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _program
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_source_reasons import Reason, failure, reason_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_source_wanted import Source
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock

# Runs an argument list with an environment; answers return code and everything that was said.
Run = t.Callable[[t.Sequence[str], t.Mapping[str, str]], tuple[int, str]]
TRIES = 3
PAUSE = 2.0
# Seconds for one call of Helm, which has no limit of its own for a registry.
PATIENCE = 120.0
_NOT_UPDATED = "Unable to get an update"


def run(command: t.Sequence[str], environment: t.Mapping[str, str]) -> tuple[int, str]:
    """Run a program to its end, or end it when its time is over."""
    code, out, err = _program.run(command, environment, PATIENCE)
    if code == _program.NOT_RUN:
        raise HolmesError(f"{err}.", "Correct holmes_helm_binary.")
    return code, f"{out}\n{err}"


class Fetch:
    """One chart, with Helm's settings in ``folder`` (private, 0700)."""

    def __init__(self, source: Source, helm: str, folder: str, run: Run = run, clock: Clock | None = None) -> None:
        self._source, self._helm, self._folder, self._run = source, helm, folder, run
        self._clock = clock or Clock()

    def into(self, dest: str, *, write: bool = True) -> tuple[str, str]:
        """The archive at ``dest`` (0600): sha256 before (empty without a file) and after. Raises HolmesError."""
        try:
            with tempfile.TemporaryDirectory(prefix="chart.", dir=self._folder) as place:
                return self._into(dest, place, write)
        except OSError as error:
            message = f"The chart cannot be stored on this host: {error.strerror} ({error.filename})."
            raise HolmesError(message, "Make room, or a folder that can be written, on this host.") from error

    def _into(self, dest: str, place: str, write: bool) -> tuple[str, str]:
        self._write_settings(place)
        if not self._source.oci:
            self._helm_does(place, "repo", "update")
        found = self._pulled(place)
        before, after = sha256(dest) if os.path.isfile(dest) else "", sha256(found)
        if write and before != after:
            os.chmod(found, 0o600)
            shutil.move(found, dest)
        return before, after

    def _pulled(self, place: str) -> str:
        source, target = self._source, os.path.join(place, "pulled")
        os.mkdir(target, 0o700)
        arguments = ["pull", source.reference, "--destination", target]
        arguments += [f"--version={source.version}"] if source.version else []
        self._helm_does(place, *arguments, *self._trust())
        found = sorted(os.listdir(target))
        if len(found) != 1:
            raise HolmesError(
                f"Helm pulled {source.reference} and left no archive.", "Look at Helm's version on this host."
            )
        return os.path.join(target, found[0])

    def _trust(self) -> list[str]:
        """A repository has its authority in repositories.yaml."""
        return ["--ca-file", self._source.ca_file] if self._source.oci and self._source.ca_file else []

    def _helm_does(self, place: str, *arguments: str) -> None:
        """Run Helm; what only the network is at fault for is tried again."""
        for left in reversed(range(TRIES)):
            code, said = self._run([self._helm, *arguments], environment(place))
            # Helm 3 answers 0 when it could not read a repository.
            if code == 0 and _NOT_UPDATED not in said:
                return
            reason = reason_of(said)
            if not reason.again or not left:
                raise self._explained(place, said, reason)
            self._clock.sleep(PAUSE)

    def _explained(self, place: str, said: str, reason: Reason) -> HolmesError:
        """Of what a registry does not find, the list of its versions tells whether chart or version are unknown."""
        source = self._source
        if reason.kind != "not_found" or not source.oci or not source.version:
            return failure(source, said, reason)
        code, listed = self._run([self._helm, "show", "chart", source.reference, *self._trust()], environment(place))
        if code == 0:
            lines = [line.partition(":")[2].strip() for line in listed.splitlines() if line.startswith("version:")]
            newest = f" The newest one there is {lines[0]}." if lines else ""
            return failure(source, said, reason_of("no chart version found"), newest)
        why = reason_of(listed)
        return failure(source, listed, why) if why.kind in ("chart", "no_registry") else failure(source, said, reason)

    def _write_settings(self, place: str) -> None:
        source = self._source
        repository = {
            "name": source.repo_name,
            "url": source.url,
            "username": source.username,
            "password": source.password,
            "caFile": source.ca_file,
        }
        # JSON is YAML.
        _write(os.path.join(place, "repositories.yaml"), {"apiVersion": "", "repositories": [repository]})
        login = base64.b64encode(f"{source.username}:{source.password}".encode()).decode()
        auths = {source.host: {"auth": login}} if source.username else {}
        _write(os.path.join(place, "logins.json"), {"auths": auths})


def environment(place: str) -> dict[str, str]:
    """Helm's, with everything it keeps below ``place``."""
    own = {f"HELM_{name}_HOME": os.path.join(place, name.lower()) for name in ("CACHE", "CONFIG", "DATA")}
    return {
        **os.environ,
        **own,
        "HELM_REPOSITORY_CONFIG": os.path.join(place, "repositories.yaml"),
        "HELM_REPOSITORY_CACHE": os.path.join(place, "repository"),
        "HELM_REGISTRY_CONFIG": os.path.join(place, "logins.json"),
        "HELM_PLUGINS": os.path.join(place, "plugins"),
    }


def sha256(path: str) -> str:
    """Over a file's content, hex."""
    with open(path, "rb") as stream:
        return hashlib.sha256(stream.read()).hexdigest()


def _write(path: str, content: t.Any) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        json.dump(content, stream)

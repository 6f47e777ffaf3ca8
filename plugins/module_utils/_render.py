# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the chart makes of the values: ``helm template``, offline.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import os
import re
import tempfile
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secrets import literals, mask_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered, Request

# Runs an argument list; answers return code, standard output, standard error.
Run = t.Callable[[list[str]], tuple[int, str, str]]

_NOISE = re.compile(r"^(?:WARNING: |warning: |level=|Use --debug flag|W\d{4} |\s*$)")


# Kubernetes: names of namespaces and objects; Helm: at most 53 characters for a release.
_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?\Z")


def illegal_names(request: Request) -> list[str]:
    """The options among release_name and namespace that Helm or Kubernetes would refuse."""
    given = (("release_name", request.release_name, 53), ("namespace", request.namespace, 63))
    return [option for option, name, longest in given if not _LABEL.match(name) or len(name) > longest]


def render(request: Request, values: Values, helm: str | None, run: Run, folder: str | None = None) -> Rendered:
    """Renders the chart. ``helm`` is the path of the program, or None if it was not found.

    The values travel in a file that only this user can read and that is gone afterwards, whatever happens: they may
    hold a secret by mistake. Works with Helm 3 and 4.
    """
    if helm is None:
        return Rendered(missing="Helm was not found on this host, so the chart was not rendered.")
    handle, path = tempfile.mkstemp(prefix="holmes-values-", suffix=".yaml", dir=folder)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(_yaml_text.dump(values))
        chart = os.path.abspath(request.chart)
        command = [
            helm,
            "template",
            "--namespace",
            request.namespace,
            "--values",
            path,
            "--",
            request.release_name,
            chart,
        ]
        rc, out, err = run(command)
    finally:
        os.unlink(path)
    if rc != 0:
        return Rendered(error=mask_text(_sentence(err or out), literals(values)))
    try:
        documents = _yaml_text.load_all(out, "The rendered chart")
    except HolmesError as error:
        return Rendered(error=error.msg)
    return Rendered(manifests=tuple(document.data for document in documents if isinstance(document.data, dict)))


def _sentence(text: str) -> str:
    """Helm's error on one line, without the hints around it."""
    lines = [line.strip() for line in text.splitlines() if not _NOISE.match(line)]
    start = next((index for index, line in enumerate(lines) if line.startswith(("Error: ", "level=ERROR"))), 0)
    sentence = " ".join(lines[start:]) or "Helm gave no reason"
    # Of a chain of included templates the last one tells the reason.
    return sentence.rpartition("error calling include: ")[2].removeprefix("Error: ")

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the images of an earlier revision can still be pulled.

Private to this collection: it may change in any release. Imports nothing of Ansible.
The registry is asked as before an installation, with the pull Secrets as they are in the namespace now.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight_images
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry_checks as registry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import run_all
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import Release
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollback_check import IMAGES, SAY, objects
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered

_OTHERWISE = "Or choose another revision with holmes_rollback_revision."
# A registry that only this host does not reach may serve the nodes all the same.
_PROOF = (registry.SECRET, registry.LOGIN, registry.IMAGE)
# Of what is not known, only these leave the pull open.
_OPEN = (registry.REACHABLE, registry.SECRET, registry.IMAGE)


def images(cluster: Cluster, namespace: str, release: Release, options: t.Mapping[str, t.Any]) -> Check:
    """``release.images``: every image of the revision's pods, those before the start included.

    ``options`` are ca_file, registry_ca_file (PEM files on this host) and timeout (seconds), as in the preflight.
    """
    manifests = tuple(objects(release))
    if not manifests:
        message = f"Revision {release.revision} records no readable objects, so its images are not known."
        return SAY.unchecked(IMAGES, message, f"Look at 'helm get manifest {release.name} -n {namespace}'.")
    given = {name: options[name] for name in ("ca_file", "registry_ca_file", "timeout") if options.get(name)}
    context = Context(
        cluster=lambda: cluster,
        rendered=lambda: Rendered(manifests),
        namespace=namespace,
        release_name=release.name,
        **given,
    )
    return judge(release.revision, run_all(_preflight_images.tasks(context)))


def judge(revision: int, checks: t.Sequence[Check]) -> Check:
    """One check over those of the registries (_registry_checks)."""
    bad = [check for check in checks if check.status == FAIL and check.id in _PROOF]
    if bad:
        message = f"The pods of revision {revision} would not start: {_told(bad)}"
        return SAY.failed(IMAGES, message, f"{_fixes(bad)} {_OTHERWISE}", revision=revision)
    unknown = [check for check in checks if check.status in (FAIL, NOT_CHECKED) and check.id in _OPEN]
    if unknown or not checks:
        message = f"Whether the images of revision {revision} can be pulled was not seen: {_told(unknown)}"
        return SAY.unchecked(IMAGES, message.rstrip(": "), _fixes(unknown), revision=revision)
    found = " ".join(check.message for check in checks if check.id == registry.IMAGE)
    return SAY.passed(IMAGES, f"All images of revision {revision} can be pulled. {found}".strip(), revision=revision)


def _told(checks: t.Iterable[Check]) -> str:
    return " ".join(dict.fromkeys(check.message for check in checks))


def _fixes(checks: t.Iterable[Check]) -> str:
    return " ".join(dict.fromkeys(check.fix for check in checks if check.fix))

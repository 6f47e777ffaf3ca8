# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the images are in the mirror, for the log-ins that the pods will use and for the nodes there are.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry_checks as checks
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry_judge as judge
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry_judge_images as judge_images
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry_judge_login as judge_login
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Once, Task, run_all
from ansible_collections.holmesgpt.onprem.plugins.module_utils._image_reference import parse
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, KubeError, items, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_checks import Finding, judged
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_secrets import Pull, PullSecrets
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_survey import survey
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered

# Title of each check.
IDS: dict[str, str] = checks.TITLES
# Seconds for rendering and for the objects of the cluster, before a registry is asked.
_BEFORE = 20.0


def tasks(context: Context) -> list[Task]:
    """One task; it asks all registries at the same time, as only the rendered manifests name them."""
    deadline = _deadline(context) + _BEFORE
    return [Task(checks.IMAGE, IDS[checks.IMAGE], lambda: _run(context), deadline)]


def _run(context: Context) -> t.Iterator[Check]:
    rendered = context.rendered()
    if not rendered.done:
        message = "The chart could not be rendered, so its images are not known."
        yield judged(checks.IMAGE, [Finding(NOT_CHECKED, message, "See render.failed.")], "")
        return
    yield from _illegal(rendered)
    known = PullSecrets(context, rendered)
    pulls = known.pulls()
    yield from (_problem(name, error) for name, error in known.problems.items())
    hosts: dict[str, list[Pull]] = {}
    for pull in pulls:
        hosts.setdefault(pull.reference.host, []).append(pull)
    nodes = Once(lambda: _nodes(context))
    yield from run_all([_task(host, found, context, nodes) for host, found in hosts.items()])


def _task(host: str, pulls: list[Pull], context: Context, nodes: t.Callable[[], judge_images.Nodes]) -> Task:
    """All about one registry."""

    def run() -> t.Iterator[Check]:
        found = survey(host, pulls, context)
        yield judge.reachable(found)
        secrets = judge_login.secrets(found)
        if secrets:
            yield secrets
        yield judge_login.login(found)
        yield judge_images.images(found)
        yield judge_images.architecture(found, nodes())

    slow = f"Raise holmes_preflight_timeout, or look at the network between this host and {host}."
    return Task(checks.REACHABLE, IDS[checks.REACHABLE], run, _deadline(context), slow=slow)


def _deadline(context: Context) -> float:
    """Seconds for one registry: one request that hangs, and the others."""
    return 2 * context.timeout


def _nodes(context: Context) -> judge_images.Nodes:
    try:
        return items(context.cluster(), path_of(CORE, "nodes"))
    except KubeError as error:
        return error


def _problem(name: str, error: HolmesError) -> Check:
    """A Secret or an account that cannot be used: a lack of rights, or a fault of its own."""
    status = NOT_CHECKED if isinstance(error, KubeError) else FAIL
    return judged(checks.SECRET, [Finding(status, error.msg, error.fix)], "", object=name)


def _illegal(rendered: Rendered) -> t.Iterator[Check]:
    """References that name no image."""
    found = [
        Finding(FAIL, f"{owner} names the image '{image}', which is no legal reference.", "Correct holmes_image.")
        for image, owner in view.images(rendered).items()
        if not parse(image)
    ]
    if found:
        yield judged(checks.IMAGE, found, "")

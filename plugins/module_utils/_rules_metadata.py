# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rule about labels, annotations and node selectors: Helm renders them as they are, and the API refuses them.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _object_names as legal
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import Finding, fail, good, rule
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_effective import effective
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

LABELS, ANNOTATIONS = "label", "annotation"
_WRONG_VALUE = {LABELS: legal.wrong_label, ANNOTATIONS: legal.wrong_annotation}
_GIVEN = (
    (("commonLabels",), LABELS),
    (("nodeSelector",), LABELS),
    (("commonAnnotations",), ANNOTATIONS),
    (("podAnnotations",), ANNOTATIONS),
    (("serviceAccount", "annotations"), ANNOTATIONS),
)
# The chart's own labels, by which it selects its pods; it refuses them in commonLabels.
_RESERVED = (
    "app",
    *(f"app.kubernetes.io/{name}" for name in ("component", "instance", "managed-by", "name", "part-of")),
)

Place = tuple[str, str, t.Any]


@rule("values.metadata", "Labels, annotations and node selectors are legal")
def metadata(case: Case) -> t.Iterator[Finding]:
    given = [(".".join(path), kind, effective(case, *path)) for path, kind in _GIVEN if case.keys.knows(path)]
    common = effective(case, "commonLabels")
    reserved = [name for name in common if name in _RESERVED] if isinstance(common, dict) else []
    for name in reserved if case.keys.knows(("commonLabels",)) else ():
        message = f"commonLabels has '{name}', by which the chart selects its own pods: it refuses to render."
        yield fail(message, "Remove it, or use another name.")
    seen: set[tuple[str, str]] = set()
    for where, kind, found in _places(case, given):
        for key, value in found.items() if isinstance(found, dict) else ():
            wrong = legal.wrong_key(str(key)) or _WRONG_VALUE[kind](value)
            if wrong and (str(key), wrong) not in seen:
                seen.add((str(key), wrong))
                source = _source(given, str(key)) or where
                message = f"The {kind} '{key}' of {source} is illegal: {wrong}."
                yield fail(message, f"Correct {source}; numbers and true or false need quotes.")
    yield good("Labels and annotations are legal")


def _places(case: Case, given: list[Place]) -> t.Iterator[Place]:
    """What the API will see; without manifests, what was given."""
    if not case.rendered.done:
        yield from given
    for manifest in case.rendered.manifests:
        title = view.title_of(manifest)
        for found in view.metadata(manifest):
            yield title, LABELS, found.get("labels")
            yield title, ANNOTATIONS, found.get("annotations")
    for manifest, spec in view.pod_specs(case.rendered):
        yield view.title_of(manifest), LABELS, spec.get("nodeSelector")


def _source(given: list[Place], key: str) -> str:
    """The given mapping that a key comes from, or an empty text."""
    return next((where for where, _kind, found in given if get(found, (key,)) is not None), "")

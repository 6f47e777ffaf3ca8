# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an ordinary client can use what runs: curl's own headers make newer tools refuse every call.

Private to this collection: it may change in any release. Imports nothing of Ansible.
The rule of holmes_values is asked about the running pod. The verification itself sends no such header, so its chat
passes.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _live_pod, _profile
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_keys import ChartKeys
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import NOT_CHECKED, PASS, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_say import HEADERS, passed, unchecked, warned
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import Release
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_headers import headers
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case, Rendered, Request
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import server_version, text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene


def check(scene: Scene) -> t.Iterator[Check]:
    """See the module's text. Raises KubeError."""
    ground = _live_pod.lacking(scene)
    if ground:
        yield unchecked(HEADERS, *ground)
        return
    yield judge(_live_pod.values(scene), scene.release)


def judge(values: Values, release: Release | None) -> Check:
    """``values`` are those of the running pod (``_live_pod.values``)."""
    versions = (release.chart_version, release.app_version) if release else ("", "")
    chart = Chart("", "holmes", *versions, "", {}, {})
    server = server_version(chart, values)
    case = Case(
        request=Request(chart="", profile=_profile.NONE),
        chart=chart,
        keys=ChartKeys(chart),
        server=server,
        layers=(),
        values=values,
        rendered=Rendered(()),
    )
    for finding in headers(case):
        if finding.status == NOT_CHECKED:
            return unchecked(HEADERS, finding.message, finding.fix)
        if finding.status != PASS:
            return warned(HEADERS, finding.message, finding.fix, server=text(server))
    return passed(HEADERS, "A client's headers do not reach the tools, or this version takes any.", server=text(server))

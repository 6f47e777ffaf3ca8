# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a revision failed, as far as it may be shown."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_release import judge
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import Release
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release_reason import reason_of

from tests.unit.fixtures.live_objects import CANARY

PATCH = 'Upgrade "holmes" failed: cannot patch "holmes-holmes" with kind Deployment: '


def failed(description: str) -> Release:
    whole = ("holmes", "obs", 2, "failed", "holmes", "0.45.0", "0.45.0", "", "", description, "s", "1")
    return Release(*whole, config={})


@pytest.mark.parametrize(
    "told",
    [
        f"The order in patch list:\n[map[name:KEY value:{CANARY}] map[name:MODEL value:x]]\n doesn't match "
        "$setElementOrder list:\n[map[name:LOG_LEVEL] map[name:KEY]]",
        f"The order in patch list:\n[map[name:KEY value:a ]b] map[x {CANARY}]]\n doesn't match",
        f"got a map[name:KEY value:a ]] {CANARY}] and more",
        f'spec.template: Invalid value: core.PodTemplateSpec{{Env:[]core.EnvVar{{Name:"KEY", Value:"a\\"{CANARY}"}}}}',
        f'v1.EnvVar.Value: ReadString: expects ", error found in #10 byte of ...|,"x":1}}|..., bigger context '
        f'...|[{{"name":"KEY","value":"{CANARY}"}},|...',
        f'ReadString: expects ", error found in #10 byte of ...|lue":"{CANARY}"}},|..., bigger context ...|x|...',
        f'cannot decode {{"name":"KEY","value": "{CANARY}"}}',
        f"hook said Authorization: Bearer {CANARY}",
    ],
)
def test_values_of_variables_are_not_shown(told: str) -> None:
    shown = reason_of(failed(PATCH + told))
    assert CANARY not in shown and "***" in shown
    assert shown.startswith(PATCH)
    check = judge([failed(PATCH + told)], {}, 0.0, 300.0)
    assert CANARY not in str(check.as_dict()) and PATCH in check.message


@pytest.mark.parametrize(
    "told",
    [
        'spec.containers[0].resources.requests: Invalid value: "8Gi": must be less than or equal to memory limit',
        "timed out waiting for the condition",
        "spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{}}: field is immutable",
        "",
    ],
)
def test_what_helps_stays(told: str) -> None:
    assert reason_of(failed(f"{told}.\n")) == told


def test_both_ends_of_a_long_one_stay_on_one_line() -> None:
    shown = reason_of(failed("front\n" + "x" * 999 + "\nend."))
    assert shown.startswith("front x") and shown.endswith("x end") and " ... " in shown
    assert len(shown) == 345

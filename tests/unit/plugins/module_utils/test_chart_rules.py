# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules about keys: whole layers, advice, and what they leave alone. Single inputs: fixtures/rule_table/keys.py."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_keys import _MEANT
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Layer

from tests.unit.fixtures.values_world import OLD, case, judge, keys


def test_a_whole_layer_is_told_at_once() -> None:
    given = {"modellist": {}, "replicaCount": 1, "zzz": 1, "tls": {"enable": True}, "crdPermissions": {"x": 1, "y": 1}}
    layers = (
        Layer("the air-gap profile", {"zzz": 1}, given=False),
        Layer("file a", given),
        Layer("file b", {"env": []}),
    )
    found = judge("values.unknown_key", case({}, layers=layers))
    assert (
        "in file a: 'modellist' (did you mean 'modelList'?), 'replicaCount' (did you mean 'replicas'?), 'zzz', "
        "'tls.enable' (did you mean 'tls.enabled'?), 'crdPermissions.x', 'crdPermissions.y'."
    ) in found.message
    assert "in file b: 'env' (did you mean additionalEnvVars (holmes_env)?)." in found.message
    assert found.evidence["keys"][:2] == ["modellist", "replicaCount"] and found.evidence["keys"][-1] == "env"
    assert "profile" not in found.message


@pytest.mark.parametrize("name", sorted(_MEANT))
def test_advice_names_only_what_the_chart_has(name: str) -> None:
    needed, advice = _MEANT[name]
    for chart in (None, OLD):
        place = {"chart_path": chart} if chart else {}
        known = keys(*place.values())
        found = judge("values.unknown_key", case({name: {}}, **place))
        if known.knows((name,)):
            assert found.status == "pass"
        else:
            assert (f"'{name}' ({advice})" in found.message) == (not needed or known.knows((needed,)))
            assert not needed or needed in advice or "holmes_" in advice


def test_free_maps_take_any_key() -> None:
    values = {
        "toolsets": {"a/b": {"x": {"y": 1}}},
        "modelList": {"m": {"any": {"z": 1}}},
        "podAnnotations": {"a.b/c": "d"},
        "commonLabels": {"x": "y"},
        "mcp_servers": {"s": {"config": {}}},
        "affinity": {"nodeAffinity": {"x": 1}},
        "global": {"mine": 1},
    }
    assert judge("values.unknown_key", case(values)).status == "pass"
    assert judge("values.dead_key", case(values)).status == "pass"


def test_the_evidence_names_what_the_chart_ships_in_vain() -> None:
    assert judge("values.dead_key", case({})).evidence == {"shipped_without_effect": ["enableAccountsCreate"]}
    found = judge("values.dead_key", case({"enableAccountsCreate": False}))
    assert found.evidence["keys"] == ["enableAccountsCreate"] and "has no effect" not in found.message
    assert "they have no effect" in found.fix

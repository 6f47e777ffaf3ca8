# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a tool call did not work, in the words of the program that failed: texts as seen on a real cluster."""

from __future__ import annotations

import json

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holmes_api import ToolCall
from ansible_collections.holmesgpt.onprem.plugins.module_utils._toolcheck import failure_of, fix_for, hidden_error

FORBIDDEN = 'Error from server (Forbidden): pods is forbidden: User "system:serviceaccount:a:own" cannot list resource'
OLD_ERROR = "Command `kubectl get --show-labels -o wide pods -n a` failed with return code 1"
GO_DEATHS = [
    "fatal error: failed to reserve page summary memory",
    "runtime: out of memory: cannot allocate 4194304-byte block (0 in use)",
    "fatal error: runtime: cannot allocate memory",
    "fatal error: runtime: cannot map pages in arena address space",
]


def call(status: str, data: str, error: str = "") -> ToolCall:
    return ToolCall("kubernetes_tabular_query", "kubernetes/core", "", status, error, data)


@pytest.mark.parametrize("death", GO_DEATHS)
@pytest.mark.parametrize("at", ["stderr", "error", "text"])
def test_a_program_that_died_of_its_memory_is_named_as_such_and_without_its_stack(death: str, at: str) -> None:
    trace = f"{death}\n\nruntime stack:\nruntime.throw({{0x23a106e?, 0x20000000?}})\n\truntime/panic.go:1229 +0x48"
    data = trace if at == "text" else json.dumps({"count": 0, "rows": [], at: trace})
    found = failure_of(call("success", data))
    assert found.startswith(death) and "out of memory" in found
    assert "runtime.throw" not in found
    assert "TOOL_MEMORY_LIMIT_MB" in fix_for(found)


def test_an_old_tool_that_failed_is_told_in_the_words_of_its_program() -> None:
    found = failure_of(call("error", FORBIDDEN, OLD_ERROR))
    assert found == FORBIDDEN
    assert "holmes_rbac_create" in fix_for(found)


@pytest.mark.parametrize("data", ["", "nothing of interest", json.dumps({"rows": ["a"]})])
def test_without_a_complaint_the_error_speaks_for_itself(data: str) -> None:
    assert failure_of(call("error", data, OLD_ERROR)) == OLD_ERROR


def test_cut_arguments_point_to_the_model_and_not_to_the_cluster() -> None:
    data = json.dumps({"count": 0, "rows": [], "stderr": 'error: the server doesn\'t have a resource type ""'})
    found = hidden_error(data)
    assert "resource type" in found
    assert "--tool-call-parser" in fix_for(found)

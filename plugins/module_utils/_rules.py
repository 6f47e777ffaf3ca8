# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of holmes_values: a registry of small functions, each judging one thing.

Private to this collection: it may change in any release. Imports nothing of Ansible.

A rule gets a Case and answers with findings. To add one, write a function in one of the ``_rules_*`` files, give it an
id with ``@rule``, a section in ``docs/checks/values.md`` and two tests.
"""

from __future__ import annotations

import time
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _rules_chart,
    _rules_endpoint,
    _rules_env,
    _rules_keys,
    _rules_models,
    _rules_pod,
    _rules_render,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import RULES, Finding, Rule
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

# Importing a file registers its rules; this order is the order of the checks.
FILES = (_rules_chart, _rules_keys, _rules_models, _rules_endpoint, _rules_env, _rules_pod, _rules_render)

_WORST_FIRST = (FAIL, WARN, NOT_CHECKED, PASS)


def judge(case: Case) -> list[Check]:
    """Every rule's verdict on the case, one check per rule."""
    places = {module.__name__: place for place, module in enumerate(FILES)}
    ordered = sorted(RULES.values(), key=lambda rule: places[rule.function.__module__])
    return [_check(rule, case) for rule in ordered]


def _check(rule: Rule, case: Case) -> Check:
    start = time.monotonic()
    findings = sorted(rule.function(case), key=lambda finding: _WORST_FIRST.index(finding.status))
    seconds = round(time.monotonic() - start, 4)
    worst = findings[0] if findings else Finding(PASS, rule.title)
    told = [finding for finding in findings if finding.status != PASS] or [worst]
    message, fix = _sentences(told)
    return Check(rule.id, rule.title, worst.status, message, fix, _joined(findings), seconds)


def _sentences(findings: list[Finding]) -> tuple[str, str]:
    """Messages and fixes of several findings; numbered, if one could not tell which fix belongs to which message."""
    # One line each, whatever was quoted.
    lines = [(" ".join(finding.message.split()), " ".join(finding.fix.split())) for finding in findings]
    pairs = list(dict.fromkeys(lines))
    fixes = list(dict.fromkeys(fix for _message, fix in pairs if fix))
    if len(pairs) == 1 or len(fixes) < 2:
        return " ".join(message for message, _fix in pairs), " ".join(fixes)
    numbered = [(f"({number}) {message}", f"({number}) {fix}") for number, (message, fix) in enumerate(pairs, 1)]
    return " ".join(message for message, _fix in numbered), " ".join(fix for _message, fix in numbered)


def _joined(findings: list[Finding]) -> dict[str, t.Any]:
    """Evidence of all findings: lists are joined, otherwise the worst finding's word counts."""
    evidence: dict[str, t.Any] = {}
    for finding in findings:
        for key, value in finding.evidence.items():
            if isinstance(value, list) and isinstance(evidence.get(key), list):
                evidence[key] = evidence[key] + value
            else:
                evidence.setdefault(key, value)
    return evidence

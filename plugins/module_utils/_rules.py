# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of holmes_values: a registry of small functions, each judging one thing.

Private to this collection: it may change in any release. Imports nothing of Ansible.

A rule gets a Case and answers with findings. To add one, write a function in one of the ``_rules_*`` files, give it an
id with ``@rule``, a section in ``docs/checks/values.md`` and a row in ``tests/unit/fixtures/rule_table``.
"""

from __future__ import annotations

import difflib
import time
import typing as t
from dataclasses import replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _rules_account,
    _rules_addons,
    _rules_autotune,
    _rules_certificate,
    _rules_chart,
    _rules_endpoint,
    _rules_env,
    _rules_env_entries,
    _rules_fields,
    _rules_headers,
    _rules_hosts,
    _rules_images,
    _rules_keys,
    _rules_limits,
    _rules_metadata,
    _rules_models,
    _rules_objects,
    _rules_pod,
    _rules_pod_security,
    _rules_profile,
    _rules_provider,
    _rules_proxy,
    _rules_rbac,
    _rules_render,
    _rules_replicas,
    _rules_resources,
    _rules_robusta,
    _rules_role,
    _rules_secrets,
    _rules_server_env,
    _rules_switches,
    _rules_telemetry,
    _rules_tls,
    _rules_toolsets,
    _rules_types,
    _rules_volumes,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import (
    MAY,
    REMOVE,
    Exceptions,
    check_of,
    name_of,
    told,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    RULES,
    Finding,
    Rule,
    fail,
    good,
    listed,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

# Importing a file registers its rules; this order is the order of the checks.
FILES = (
    _rules_chart,
    _rules_keys,
    _rules_types,
    _rules_models,
    _rules_provider,
    _rules_fields,
    _rules_endpoint,
    _rules_limits,
    _rules_autotune,
    _rules_switches,
    _rules_env,
    _rules_env_entries,
    _rules_server_env,
    _rules_headers,
    _rules_robusta,
    _rules_proxy,
    _rules_tls,
    _rules_secrets,
    _rules_certificate,
    _rules_account,
    _rules_role,
    _rules_pod,
    _rules_resources,
    _rules_replicas,
    _rules_volumes,
    _rules_metadata,
    _rules_profile,
    _rules_telemetry,
    _rules_toolsets,
    _rules_addons,
    _rules_render,
    _rules_objects,
    _rules_rbac,
    _rules_images,
    _rules_hosts,
    _rules_pod_security,
)

_WORST_FIRST = (FAIL, WARN, NOT_CHECKED, PASS)


# Speaks of the exceptions themselves, so it comes when all rules have answered.
EXCEPTIONS = Rule("values.exceptions", "Every exception is needed and allowed", lambda _case: ())


def judge(case: Case) -> list[Check]:
    """Every rule's verdict on the case, one check per rule. Raises HolmesError for exceptions of the wrong shape."""
    accepted = Exceptions.from_option(case.request.exceptions)
    places = {module.__name__: place for place, module in enumerate(FILES)}
    ordered = sorted(RULES.values(), key=lambda rule: places[rule.function.__module__])
    checks = [_check(rule, case, accepted) for rule in ordered]
    return [*checks, _joined_check(EXCEPTIONS, list(_about(accepted)), 0.0)]


def _check(rule: Rule, case: Case, accepted: Exceptions) -> Check:
    start = time.monotonic()
    findings = [_accepted(rule, finding, accepted) for finding in rule.function(case)]
    return _joined_check(rule, findings, round(time.monotonic() - start, 4))


def _accepted(rule: Rule, finding: Finding, accepted: Exceptions) -> Finding:
    if not rule.excusable or finding.status == PASS:
        return finding
    reason = accepted.reason(rule.id, finding.subject)
    if not reason and finding.status == FAIL:
        return replace(finding, evidence={**finding.evidence, MAY: [name_of(rule.id, finding.subject)]})
    if not reason:
        return finding
    evidence = {**finding.evidence, "accepted": [finding.subject or rule.id]}
    return replace(finding, status=WARN, message=told(reason, finding.message), fix=REMOVE, evidence=evidence)


def _about(accepted: Exceptions) -> t.Iterator[Finding]:
    """What is to be said about the exceptions themselves. Those for checks of other modules are judged there."""
    for name in accepted.unused():
        check = check_of(name)
        if not check.startswith(("values.", "render.")):
            continue
        if check not in RULES:
            close = difflib.get_close_matches(check, sorted(RULES), 1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            yield fail(f"holmes_exceptions names '{name}', but there is no such check.{hint}", "Correct or remove it.")
        elif not RULES[check].excusable:
            message = f"holmes_exceptions names '{name}', but what that check finds cannot work, so it stays a failure."
            yield fail(message, "Put right what the check names, and remove the exception.")
        else:
            yield warn(f"The exception '{name}' is not needed.", "Remove it from holmes_exceptions.")
    if accepted.used:
        yield good(f"Accepted by name: {listed(sorted(accepted.used))}", used=sorted(accepted.used))
    elif not accepted.given:
        yield good("No exceptions")


def _joined_check(rule: Rule, found: t.Iterable[Finding], seconds: float) -> Check:
    findings = sorted(found, key=lambda finding: _WORST_FIRST.index(finding.status))
    worst = findings[0] if findings else Finding(PASS, rule.title)
    spoken = [finding for finding in findings if finding.status != PASS] or [worst]
    message, fix = _sentences(spoken)
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

# SPDX-License-Identifier: GPL-3.0-or-later
"""The double of AWX's API: what it keeps, what it hides, what it refuses."""

from __future__ import annotations

import json
import typing as t
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from awx.validator import _rules_answers, _rules_survey
from tests.doubles.awx_api.local import running
from tests.doubles.awx_api.server import Double
from tests.doubles.awx_api.survey import refusal
from tests.unit.fixtures.awx_world import WORLD, altered

TOKEN = "token-canary"


@pytest.fixture
def double() -> t.Iterator[Double]:
    with running(TOKEN) as found:
        yield found


def call(double: Double, method: str, path: str, body: t.Any = None, token: str = TOKEN) -> tuple[int, t.Any]:
    request = Request(
        double.url + path, json.dumps(body or {}).encode(), {"Authorization": f"Bearer {token}"}, method=method
    )
    try:
        with urlopen(request, timeout=10) as response:
            content = response.read()
            return response.status, json.loads(content) if content else None
    except HTTPError as error:
        return error.code, json.loads(error.read())


def test_it_wants_the_token(double: Double) -> None:
    assert call(double, "GET", "/api/v2/organizations/", token="other")[0] == 401
    assert call(double, "GET", "/api/v1/organizations/")[0] == 404


def test_objects_are_kept_and_found(double: Double) -> None:
    status, made = call(double, "POST", "/api/v2/inventories/", {"name": "a", "organization": 1})
    assert (status, made["name"], made["kind"]) == (201, "a", "")
    found = call(double, "GET", "/api/v2/inventories/?name=a&organization=1")[1]
    assert (found["count"], found["results"][0]["id"]) == (1, made["id"])
    assert call(double, "GET", "/api/v2/inventories/?name=b")[1]["count"] == 0
    assert call(double, "PATCH", made["url"], {"name": "c"})[1]["name"] == "c"
    assert call(double, "DELETE", made["url"])[0] == 204
    assert call(double, "GET", made["url"])[0] == 404
    assert [line.split()[0] for line in double.writes] == ["POST", "PATCH", "DELETE"]


def test_secrets_do_not_come_back(double: Double) -> None:
    kind = call(double, "GET", "/api/v2/credential_types/?kind=kubernetes")[1]["results"][0]["id"]
    inputs = {"host": "https://x", "bearer_token": "t-canary", "verify_ssl": True}
    made = call(double, "POST", "/api/v2/credentials/", {"name": "c", "credential_type": kind, "inputs": inputs})[1]
    assert made["inputs"] == {"host": "https://x", "bearer_token": "$encrypted$", "verify_ssl": True}


def test_a_template_of_a_project_that_was_never_fetched(double: Double) -> None:
    project = call(double, "POST", "/api/v2/projects/", {"name": "p"})[1]
    template = {"name": "t", "project": project["id"], "job_type": "run", "playbook": "x.yml"}
    assert call(double, "POST", "/api/v2/job_templates/", template) == (
        400,
        {"playbook": ["Playbook not found for project."]},
    )
    call(double, "PATCH", project["url"], {"allow_override": True})
    assert call(double, "POST", "/api/v2/job_templates/", template)[0] == 201


def test_two_credentials_of_one_type(double: Double) -> None:
    one, other = (
        call(double, "POST", "/api/v2/credentials/", {"name": name, "credential_type": 2, "inputs": {}})[1]["id"]
        for name in ("a", "b")
    )
    template = call(double, "POST", "/api/v2/job_templates/", {"name": "t", "job_type": "run"})[1]
    assert call(double, "POST", f"{template['url']}credentials/", {"id": one})[0] == 204
    assert call(double, "POST", f"{template['url']}credentials/", {"id": other})[0] == 400
    assert call(double, "POST", f"{template['url']}credentials/", {"id": one, "disassociate": True})[0] == 204


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        ("credential_types", {"kind": "vault"}, "kind"),
        ("credential_types", {"kind": "cloud", "injectors": {"env": {"ANSIBLE_X": "a"}}}, "injectors"),
        ("credential_types", {"kind": "cloud", "injectors": {"env": {"X": 5}}}, "injectors"),
        ("schedules", {"rrule": "RRULE:FREQ=DAILY;INTERVAL=1"}, "rrule"),
        ("schedules", {"rrule": "DTSTART:20260101T030000Z"}, "rrule"),
        ("schedules", {"rrule": "DTSTART:20260101T030000Z RRULE:FREQ=DAILY"}, "rrule"),
    ],
)
def test_refusals(double: Double, kind: str, body: dict[str, t.Any], field: str) -> None:
    status, told = call(double, "POST", f"/api/v2/{kind}/", body)
    assert (status, list(told)) == (400, [field])


def test_surveys(double: Double) -> None:
    template = call(double, "POST", "/api/v2/job_templates/", {"name": "t", "job_type": "run"})[1]
    address = template["related"]["survey_spec"]
    assert call(double, "GET", address) == (200, {})
    status, told = call(double, "POST", address, {"name": "", "description": "", "spec": []})
    assert (status, told) == (400, {"error": "'spec' doesn't contain any items."})
    good = WORLD.of("job_templates")[0].data["survey_spec"]
    assert call(double, "POST", address, good)[0] == 200
    assert call(double, "GET", address)[1] == good
    assert call(double, "DELETE", address) == (200, {})


VALUES: tuple[t.Any, ...] = (
    None,
    "",
    "x",
    "all",
    "a\nb",
    "$encrypted$",
    0,
    5,
    1.5,
    True,
    [],
    ["x"],
    {},
    "integer",
    "multiselect",
)
FIELDS = ("type", "question_name", "variable", "required", "default", "min", "max", "choices")


def test_what_awx_refuses_the_validator_refuses() -> None:
    refused = 0
    for template, position in (("HolmesGPT verify", 0), ("HolmesGPT preflight", 1), ("HolmesGPT rollback", 1)):
        for field in FIELDS:
            for value in VALUES:
                world = altered("job_templates", template, **{f"survey_spec__spec__{position}__{field}": value})
                changed = world.one("job_templates", template)
                assert changed
                if refusal(changed.data["survey_spec"]):
                    refused += 1
                    rules = (*_rules_survey.RULES, *_rules_answers.RULES)
                    assert any(True for rule in rules for _finding in rule(world)), (template, field, value)
    assert refused > 100

# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetching a chart: what Helm is told, what its words mean, what is tried again, and that no log-in is seen."""

from __future__ import annotations

import json
import os
import stat
import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _chart_source
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_source import Fetch
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_source_reasons import failure, reason_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_source_wanted import source_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock

from tests.unit.fixtures.verify_world import recorded

PASSWORD = "canary-7d1f"
RECORDED: dict[str, dict[str, dict[str, t.Any]]] = recorded("helm_pull.json")
# Recorded case, kind of the reason, variable that the fix names.
SAID = [
    ("oci unknownversion", "not_found", "holmes_chart_version"),
    ("oci unknownrange", "version", "holmes_chart_version"),
    ("oci unknownchart-nov", "chart", "holmes_chart_name"),
    ("oci noca", "untrusted", "holmes_chart_repo_ca_file"),
    ("oci cafile-missing", "ca_file", "holmes_chart_repo_ca_file"),
    ("oci cafile-junk", "ca_file", "holmes_chart_repo_ca_file"),
    ("oci refused", "network", "holmes_chart_repo_url"),
    ("oci nohost", "network", "holmes_chart_repo_url"),
    ("oci image-not-chart", "image", "holmes_chart_repo_url"),
    ("oci wrongpassword", "login", "holmes_chart_repo_password"),
    ("oci wrongpassword-nov", "login", "holmes_chart_repo_password"),
    ("oci nologin", "no_login", "holmes_chart_repo_password"),
    ("oci not-registry-nov", "no_registry", "https://"),
    ("oci plain", "plain_http", "certificate"),
    ("repository noca", "untrusted", "holmes_chart_repo_ca_file"),
    ("repository cafile-missing", "ca_file", "holmes_chart_repo_ca_file"),
    ("repository cafile-junk", "ca_file", "holmes_chart_repo_ca_file"),
    ("repository registry-as-repo", "no_repository", "oci://"),
    ("repository html", "no_repository", "holmes_chart_repo_url"),
    ("repository refused", "network", "holmes_chart_repo_url"),
    ("repository nohost", "network", "holmes_chart_repo_url"),
    ("repository e503", "network", "holmes_chart_repo_url"),
    ("repository cut", "network", "holmes_chart_repo_url"),
    ("repository e403", "denied", "holmes_chart_repo_username"),
    ("repository wrongpassword", "login", "holmes_chart_repo_password"),
    ("repository plain-http", "plain_http", "http://"),
    ("repository unknownchart", "chart", "holmes_chart_name"),
    ("repository unknownversion", "version", "holmes_chart_version"),
    ("repository archive-gone", "not_found", "mirror"),
    ("repository ftp", "protocol", "holmes_chart_repo_url"),
    ("repository nonsense", "protocol", "holmes_chart_repo_url"),
]
# Wording of Go, Helm and registries that no lab of ours speaks.
OTHERS = [
    ("x509: certificate has expired or is not yet valid: current time", "expired"),
    ("x509: certificate is valid for a.example, not b.example", "name"),
    ("x509: cannot validate certificate for 10.0.0.1 because it doesn't contain any IP SANs", "name"),
    ("response status code 403: denied: requested access to the resource is denied", "denied"),
    ("net/http: TLS handshake timeout", "network"),
    ("read tcp: connection reset by peer", "network"),
    ("no answer within 120 s", "network"),
    ("write /srv/x: no space left on device", "disk"),
    ("Error: something that nobody has seen", "other"),
]


def options(**given: t.Any) -> dict[str, t.Any]:
    return {
        "repo_url": "oci://registry.example:5000/charts",
        "repo_name": "site",
        "name": "holmes",
        "version": "0.45.0",
        "username": "reader",
        "password": PASSWORD,
        "ca_file": "/etc/pki/ca.crt",
        **given,
    }


class Helm:
    """Answers from a script, the last one stays; a good pull leaves an archive. Looks at the settings it is given."""

    def __init__(self, *answers: tuple[int, str], content: str = "chart") -> None:
        self.answers, self.content = list(answers), content
        self.calls: list[list[str]] = []
        self.settings: dict[str, t.Any] = {}
        self.slept: list[float] = []

    def __call__(self, command: t.Sequence[str], environment: t.Mapping[str, str]) -> tuple[int, str]:
        self.calls.append(list(command[1:]))
        for name in ("HELM_REPOSITORY_CONFIG", "HELM_REGISTRY_CONFIG"):
            path = Path(environment[name])
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            self.settings[name] = json.loads(path.read_text(encoding="utf-8"))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer[0] == 0 and command[1] == "pull":
            Path(command[command.index("--destination") + 1], "holmes-0.45.0.tgz").write_text(self.content)
        return answer

    def fetch(self, folder: Path, **given: t.Any) -> tuple[str, str]:
        clock = Clock(sleep=self.slept.append)
        return Fetch(source_of(options(**given)), "helm", str(folder), self, clock).into(str(folder / "chart.tgz"))

    def fails(self, folder: Path, **given: t.Any) -> HolmesError:
        with pytest.raises(HolmesError) as caught:
            self.fetch(folder, **given)
        assert list(folder.iterdir()) == []
        assert PASSWORD not in str(caught.value.as_result()) + repr(self.calls)
        return caught.value


@pytest.mark.parametrize("major", ["helm3", "helm4"])
@pytest.mark.parametrize(("case", "kind", "fix"), SAID)
def test_what_helm_says_is_understood(major: str, case: str, kind: str, fix: str) -> None:
    said = RECORDED[major][case]["said"]
    url = "oci://registry.example:5000/charts" if case.startswith("oci") else "https://charts.example"
    error = failure(source_of(options(repo_url=url)), said)
    assert error.result == {"kind": kind, "endpoint": url.split("/")[2]}
    assert fix in error.fix
    assert "holmes" in error.msg and url in error.msg and "Helm says: " in error.msg
    for noise in ("Hang tight", "Happy Helming", "failed to update the following", "Error:", "FetchReference"):
        assert noise not in error.msg


@pytest.mark.parametrize(("said", "kind"), OTHERS)
def test_other_words(said: str, kind: str) -> None:
    assert reason_of(said).kind == kind


def test_every_recorded_failure_is_in_the_table() -> None:
    cases = {case for case, _kind, _fix in SAID}
    same = {"oci nologin-nov", "oci repo-not-registry", "oci unknownchart", "oci v-prefixed", "oci 503"}
    same |= {"repository noindex"}
    for recorded_cases in RECORDED.values():
        bad = {case for case, told in recorded_cases.items() if told["code"] or "Unable to get" in told["said"]}
        assert bad - same == cases


def test_only_the_network_is_tried_again() -> None:
    kinds = {kind for _case, kind, _fix in SAID} | {kind for _said, kind in OTHERS}
    words = [(RECORDED["helm3"][case]["said"], kind) for case, kind, _fix in SAID] + OTHERS
    assert {kind for said, kind in words if reason_of(said).again} == {"network"}
    assert len(kinds) > 10


def test_a_registry_is_asked_with_a_file_for_the_log_in(tmp_path: Path) -> None:
    helm = Helm((0, "Pulled"))
    before, after = helm.fetch(tmp_path)
    (call,) = helm.calls
    assert call[:2] == ["pull", "oci://registry.example:5000/charts/holmes"]
    assert call[4:] == ["--version=0.45.0", "--ca-file", "/etc/pki/ca.crt"]
    assert helm.settings["HELM_REGISTRY_CONFIG"] == {
        "auths": {"registry.example:5000": {"auth": "cmVhZGVyOmNhbmFyeS03ZDFm"}}
    }
    assert PASSWORD not in repr(helm.calls)
    assert (before, after) == ("", _chart_source.sha256(str(tmp_path / "chart.tgz")))
    assert [path.name for path in tmp_path.iterdir()] == ["chart.tgz"]
    assert stat.S_IMODE((tmp_path / "chart.tgz").stat().st_mode) == 0o600
    assert helm.fetch(tmp_path) == (after, after)


def test_a_repository_has_its_log_in_in_a_file_too(tmp_path: Path) -> None:
    helm = Helm((0, ""))
    helm.fetch(tmp_path, repo_url="https://charts.example/stable", version=None)
    assert helm.calls[0] == ["repo", "update"]
    assert helm.calls[1][:2] == ["pull", "site/holmes"] and len(helm.calls[1]) == 4
    (repository,) = helm.settings["HELM_REPOSITORY_CONFIG"]["repositories"]
    assert repository == {
        "name": "site",
        "url": "https://charts.example/stable",
        "username": "reader",
        "password": PASSWORD,
        "caFile": "/etc/pki/ca.crt",
    }


def test_nothing_of_helm_lies_outside_of_the_folder(tmp_path: Path) -> None:
    place = str(tmp_path)
    found = {name: value for name, value in _chart_source.environment(place).items() if name.startswith("HELM_")}
    assert len(found) >= 7 and all(value.startswith(place) for value in found.values())


def test_the_network_is_given_three_tries(tmp_path: Path) -> None:
    refused = (1, RECORDED["helm3"]["oci refused"]["said"])
    helm = Helm(refused, refused, (0, ""))
    helm.fetch(tmp_path)
    assert (len(helm.calls), helm.slept) == (3, [_chart_source.PAUSE] * 2)
    (tmp_path / "chart.tgz").unlink()
    helm = Helm(refused)
    assert helm.fails(tmp_path).result["kind"] == "network"
    assert (len(helm.calls), len(helm.slept)) == (3, 2)


def test_a_wrong_password_is_tried_once(tmp_path: Path) -> None:
    helm = Helm((1, RECORDED["helm4"]["oci wrongpassword"]["said"]))
    assert helm.fails(tmp_path).result["kind"] == "login"
    assert (len(helm.calls), helm.slept) == (1, [])


def test_helm_3_answers_0_to_a_repository_it_cannot_read(tmp_path: Path) -> None:
    told = RECORDED["helm3"]["repository noca"]
    assert told["code"] == 0
    helm = Helm((0, told["said"]))
    assert helm.fails(tmp_path, repo_url="https://charts.example").result["kind"] == "untrusted"
    assert helm.calls == [["repo", "update"]]


@pytest.mark.parametrize(
    ("listed", "kind", "told"),
    [
        ((0, "apiVersion: v2\nname: holmes\nversion: 0.44.0\n"), "version", "The newest one there is 0.44.0."),
        ((1, RECORDED["helm3"]["oci unknownchart-nov"]["said"]), "chart", "there is no chart 'holmes'"),
        ((1, RECORDED["helm3"]["oci not-registry-nov"]["said"]), "no_registry", "is no OCI registry"),
        ((1, RECORDED["helm3"]["oci refused"]["said"]), "not_found", "there is no chart holmes, version 0.45.0"),
    ],
)
def test_the_list_of_versions_tells_what_is_not_found(
    tmp_path: Path, listed: tuple[int, str], kind: str, told: str
) -> None:
    helm = Helm((1, RECORDED["helm3"]["oci unknownversion"]["said"]), listed)
    error = helm.fails(tmp_path)
    assert error.result["kind"] == kind and told in error.msg
    assert helm.calls[1] == [
        "show",
        "chart",
        "oci://registry.example:5000/charts/holmes",
        "--ca-file",
        "/etc/pki/ca.crt",
    ]


def test_a_log_in_in_the_url_is_not_seen() -> None:
    source = source_of(options(repo_url=f"https://eve:{PASSWORD}@charts.example/x", username=None, password=None))
    assert (source.url, source.username, source.password) == ("https://charts.example/x", "eve", PASSWORD)
    assert PASSWORD not in repr(source)
    assert PASSWORD not in failure(source, f"Get {PASSWORD}: EOF").msg


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"password": {"a": PASSWORD}}, "holmes_chart_repo_password must be text"),
        ({"username": 7}, "holmes_chart_repo_username must be text"),
        ({"name": "--debug"}, "holmes_chart_name '--debug' is no name"),
        ({"name": "charts/holmes"}, "holmes_chart_name 'charts/holmes' is no name"),
        ({"repo_name": ""}, "holmes_chart_repo_name '' is no name"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, t.Any], told: str) -> None:
    with pytest.raises(HolmesError) as caught:
        source_of(options(**given))
    assert told in caught.value.msg and PASSWORD not in str(caught.value.as_result())


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(HolmesError) as caught:
        Fetch(source_of(options()), "helm", str(tmp_path / "gone"), Helm((0, ""))).into(str(tmp_path / "chart.tgz"))
    assert "cannot be stored on this host" in caught.value.msg


def test_a_program_runs_to_its_end_or_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    script = 'import sys; print("out"); print("err", file=sys.stderr); sys.exit(3)'
    code, said = _chart_source.run(["python3", "-c", script], dict(os.environ))
    assert code == 3 and said.split() == ["out", "err"]
    monkeypatch.setattr(_chart_source, "PATIENCE", 0.2)
    code, said = _chart_source.run(["sleep", "5"], dict(os.environ))
    assert code == 124 and reason_of(said).again
    with pytest.raises(HolmesError) as caught:
        _chart_source.run(["/no/such/helm"], {})
    assert "holmes_helm_binary" in caught.value.fix

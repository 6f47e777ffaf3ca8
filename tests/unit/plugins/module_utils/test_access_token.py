# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking with a token: what a refusal is, what is kept of the configuration, and that the token shows nowhere."""

from __future__ import annotations

import logging
import ssl
import traceback
import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _access_token
from ansible_collections.holmesgpt.onprem.plugins.module_utils._access_token import Bearer, Reply, as_account, user_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_account import Right
from kubernetes.client import Configuration
from urllib3 import ProxyManager

from tests.unit.fixtures.access_world import ACCOUNT, HOLMES, TOKEN, ApiServer, Rules, refusal, status, written

WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
PODS = Right("list", "pods", "", "holmes")


def message(text: str, code: int = 403) -> Reply:
    return Reply(code, {"kind": "Status", "message": text})


USER = 'User "u" cannot list resource "pods" in API group ""'
REFUSALS = [
    (f'pods is forbidden: {USER} in the namespace "n"', "n"),
    (f'pods "x" is forbidden: {USER} in the namespace "n"', "n"),
    (f"pods is forbidden: {USER} at the cluster scope", ""),
    (f'pods is forbidden: {USER} in the namespace "n": RBAC: clusterrole.rbac.authorization.k8s.io "y" not found', "n"),
    (f'pods is forbidden: {USER} in the namespace "n": requires one of ["container.pods.list"] permission(s).', "n"),
]


@pytest.mark.parametrize(("text", "namespace"), REFUSALS)
def test_the_authorizers_refusal_names_who_and_what(text: str, namespace: str) -> None:
    found = {"user": "u", "verb": "list", "resource": "pods", "group": "", "namespace": namespace}
    assert message(text).refusal == found
    assert message(text, 400).refusal == {}


def test_the_double_words_it_as_these() -> None:
    for right in (PODS, Right("patch", "deployments", "apps", "n", "x"), Right("get", "nodes/proxy")):
        reply = Reply(*refusal(HOLMES, right))
        assert reply.refusal == {
            "user": HOLMES,
            "verb": right.verb,
            "resource": right.resource,
            "group": right.group,
            "namespace": right.namespace,
        }


@pytest.mark.parametrize(
    "text",
    [
        'pods "x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false',
        'pods "x" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=4, limited: pods=4',
        f'admission webhook "w" denied the request: {USER} in the namespace "n"',
        f'admission webhook "w" denied the request: pods is forbidden: {USER} in the namespace "n"',
        f'{USER} in the namespace "n"',
        'forbidden: User "u" cannot get path "/metrics"',
        "Forbidden",
        "",
    ],
)
def test_another_403_is_no_refusal(text: str) -> None:
    assert message(text).refusal == {}


def test_what_is_no_status_has_no_message() -> None:
    assert Reply(502).message == "no reason given" and Reply(502).refusal == {}
    assert len(message("x" * 5000).message) == 200


@pytest.fixture
def api(tmp_path: Path) -> t.Iterator[ApiServer]:
    with ApiServer(Rules(), tmp_path) as server:
        yield server


def bearer(api: ApiServer) -> Bearer:
    return as_account(api.cluster(), "holmes", ACCOUNT, "holmes-verify-none")


def test_a_server_that_repeats_the_token_does_not_bring_it_into_a_message(api: ApiServer) -> None:
    mine = bearer(api)
    api.rules.instead["GET /echo"] = status(400, "BadRequest", f"Bearer {TOKEN} is not welcome")
    assert mine.send("GET", "/echo").message == "Bearer *** is not welcome"


def test_no_text_of_python_holds_the_token(api: ApiServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        mine = bearer(api)
        mine._host = "https://127.0.0.1:1"
        with pytest.raises(KubeError, match="did not answer /x: ") as caught:
            mine.send("GET", "/x?query=1")
    told = "".join(traceback.format_exception(caught.value)) + repr(mine) + str(mine) + caplog.text
    assert TOKEN not in told and caught.value.__cause__ is None


def test_a_line_break_in_a_token_is_not_repeated_by_the_http_library(api: ApiServer) -> None:
    api.rules.instead[f"POST /api/v1/namespaces/holmes/serviceaccounts/{ACCOUNT}/token"] = (
        201,
        {"status": {"token": "canary\r\nX: y"}},
    )
    with pytest.raises(KubeError, match="without a token that can be sent") as caught:
        bearer(api)
    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_a_redirect_is_not_followed(api: ApiServer) -> None:
    mine = bearer(api)
    api.rules.instead["GET /away"] = (302, {}, {"Location": f"{api.url}/there"})
    assert mine.send("GET", "/away").status == 302
    assert api.asked[-1].path == "/away"


def test_a_request_that_got_no_answer_is_not_repeated(api: ApiServer) -> None:
    def dropped(_user: str) -> t.NoReturn:
        raise ConnectionAbortedError

    mine = bearer(api)
    api.rules.instead["DELETE /gone"] = api.rules.instead["GET /gone"] = dropped
    for method in ("DELETE", "GET"):
        with pytest.raises(KubeError, match="did not answer /gone"):
            mine.send(method, "/gone")
    assert [asked.method for asked in api.asked if asked.path == "/gone"] == ["DELETE", "GET"]


def test_a_success_that_is_not_wanted_is_not_read(api: ApiServer) -> None:
    mine = bearer(api)
    api.rules.instead["GET /one"] = (200, {"data": "x"})
    assert mine.send("GET", "/one", discard=True).body == {}
    assert mine.send("GET", "/one").body == {"data": "x"}
    api.rules.instead["GET /one"] = (200, "[1]")
    assert mine.send("GET", "/one").body == {}


def test_who_one_is_taken_for_has_to_be_the_account(api: ApiServer) -> None:
    assert user_of("holmes", ACCOUNT) == HOLMES
    api.rules.instead[f"POST {WHO}"] = (201, {"status": {"userInfo": {"username": f"{HOLMES}-2"}}})
    with pytest.raises(KubeError, match="account-2") as caught:
        bearer(api)
    assert caught.value.fix


def test_the_missing_right_is_named_with_its_rule(api: ApiServer) -> None:
    api.rules.verifier = lambda right: False
    with pytest.raises(KubeError, match="cannot create resource") as caught:
        bearer(api)
    assert "a Role in namespace 'holmes'" in caught.value.fix and "serviceaccounts/token" in caught.value.fix


def configuration(folder: Path, **more: t.Any) -> t.Any:
    found = Configuration()
    found.host = "https://api.site.internal:6443/k8s/clusters/one/"
    found.ssl_ca_cert = str(written(folder, "ca"))
    found.cert_file = found.key_file = str(written(folder, "verifier"))
    found.api_key = {"authorization": "Bearer of-the-verifier"}
    found.username, found.password = "verifier", "of-the-verifier"
    found.refresh_api_key_hook = lambda _self: pytest.fail("no log-in of the verifying account")
    for name, value in more.items():
        setattr(found, name, value)
    return found


def test_the_way_is_kept_and_the_credentials_are_not(tmp_path: Path) -> None:
    proxy = "http://proxy.site.internal:3128"
    given = configuration(tmp_path, proxy=proxy, no_proxy="", assert_hostname="api.site.internal")
    mine = _access_token._with_token(t.cast(t.Any, SimpleNamespace(raw=SimpleNamespace(configuration=given))), TOKEN)
    pool = mine._pool
    assert isinstance(pool, ProxyManager) and pool.proxy.url == proxy
    kept = pool.connection_pool_kw
    assert kept["ca_certs"] == given.ssl_ca_cert and kept["cert_reqs"] == ssl.CERT_REQUIRED
    assert kept["assert_hostname"] == "api.site.internal"
    assert kept["cert_file"] is None and kept["key_file"] is None
    assert mine._host == "https://api.site.internal:6443/k8s/clusters/one"
    assert given.cert_file and given.key_file, "the verifying account's own configuration is not touched"


@pytest.mark.parametrize(("verify", "wanted"), [(True, ssl.CERT_REQUIRED), (False, ssl.CERT_NONE)])
def test_certificates_are_verified_as_for_the_verifying_account(
    tmp_path: Path, verify: bool, wanted: ssl.VerifyMode
) -> None:
    given = configuration(tmp_path, verify_ssl=verify)
    mine = _access_token._with_token(t.cast(t.Any, SimpleNamespace(raw=SimpleNamespace(configuration=given))), TOKEN)
    assert mine._pool.connection_pool_kw["cert_reqs"] == wanted

# SPDX-License-Identifier: GPL-3.0-or-later
"""The module through its main(), against a double of the API server that stores Secrets."""

from __future__ import annotations

import base64
import copy
import json
import typing as t
from types import SimpleNamespace

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args
from ansible_collections.holmesgpt.onprem.plugins.doc_fragments import _lock
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _module
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster, KubeError
from ansible_collections.holmesgpt.onprem.plugins.modules import holmes_secret

FOLDER = "/api/v1/namespaces/holmes/secrets"
PATH = f"{FOLDER}/keys"
NEW, OLD, OTHER = "canary-new-51e2", "canary-old-8c07", "canary-other-3d94"
MASKS = ("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "****")
Object = dict[str, t.Any]


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class Refusal(Exception):
    """What the client library raises for an answer that is an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = json.dumps({"message": message})


class Api:
    """Double of the API server below the client library: GET, POST and merge patch of Secrets."""

    def __init__(self, *secrets: Object, refuse: t.Mapping[str, Refusal] | None = None) -> None:
        self.stored = {f"{FOLDER}/{secret['metadata']['name']}": secret for secret in secrets}
        self.refuse = refuse or {}
        self.writes: list[tuple[str, str]] = []

    def request(self, method: str, path: str, body: t.Any = None, **options: t.Any) -> t.Any:
        if method in self.refuse:
            raise self.refuse[method]
        if method != "get":
            self.writes.append((method, path))
        if method == "post":
            made = copy.deepcopy(body)
            made["metadata"]["uid"] = "uid-1"
            path = f"{path}/{made['metadata']['name']}"
            self.stored[path] = made
        elif path not in self.stored:
            raise Refusal(404, "not found")
        elif method == "patch":
            assert options["content_type"] == "application/merge-patch+json"
            assert set(body) <= {"data", "metadata"}
            data = {**self.stored[path]["data"], **body["data"]}
            self.stored[path]["data"] = {key: text for key, text in data.items() if text is not None}
        return SimpleNamespace(data=json.dumps(self.stored[path]).encode())

    @property
    def cluster(self) -> Cluster:
        return Cluster(SimpleNamespace(client=self))


def stored(data: dict[str, str], *, ours: bool = True, kind: str = "Opaque") -> Object:
    labels = {"app.kubernetes.io/managed-by": "holmesgpt.onprem"} if ours else {"team": "other"}
    metadata = {"name": "keys", "namespace": "holmes", "uid": "uid-0", "labels": labels}
    return {"metadata": metadata, "type": kind, "data": {key: b64(text) for key, text in data.items()}}


class Run(t.NamedTuple):
    code: int
    result: Object
    text: str


Runner = t.Callable[..., Run]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    """Runs the module; whatever it does, no canary may be in what it says."""
    monkeypatch.setattr(_module, "MISSING", None)

    def runner(api: Api | Exception, **options: t.Any) -> Run:
        def connect(params: t.Any) -> Cluster:
            if isinstance(api, Exception):
                raise api
            return api.cluster

        monkeypatch.setattr(holmes_secret, "connect", connect)
        arguments = {"namespace": "holmes", "name": "keys", **options}
        with patch_module_args(arguments), pytest.raises(SystemExit) as ended:
            holmes_secret.main()
        text = "".join(capsys.readouterr())
        assert "canary" not in text
        for value in (NEW, OLD, OTHER):
            assert b64(value) not in text
        return Run(int(ended.value.code or 0), json.loads(text), text)

    return runner


def test_a_secret_is_created(run: Runner) -> None:
    api = Api()
    code, result, _text = run(api, data={"llm": NEW, "api": OTHER})
    assert (code, result["changed"], result["secret_keys"]) == (0, True, ["api", "llm"])
    assert api.writes == [("post", FOLDER)]
    made = api.stored[PATH]
    assert made["data"] == {"llm": b64(NEW), "api": b64(OTHER)}
    assert made["type"] == "Opaque"
    assert made["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "holmesgpt.onprem"}


def test_a_second_run_changes_nothing_and_gives_the_same_token(run: Runner) -> None:
    api = Api()
    first = run(api, data={"llm": NEW})
    second = run(api, data={"llm": NEW})
    assert second.result["changed"] is False
    assert second.result["token"] == first.result["token"]
    assert second.result["diff"]["before"] == second.result["diff"]["after"]
    assert len(api.writes) == 1


def test_another_value_changes_the_secret_and_the_token(run: Runner) -> None:
    api = Api(stored({"llm": OLD}))
    before = run(api, data={"llm": OLD}).result["token"]
    code, result, _text = run(api, data={"llm": NEW})
    assert (code, result["changed"]) == (0, True)
    assert api.stored[PATH]["data"] == {"llm": b64(NEW)}
    assert result["token"] != before
    assert run(api, data={"llm": OLD}).result["token"] == before


@pytest.mark.parametrize(("ours", "kept"), [(True, ["llm"]), (False, ["llm", "theirs"])])
def test_only_keys_of_our_own_secret_are_removed(run: Runner, ours: bool, kept: list[str]) -> None:
    api = Api(stored({"llm": OLD, "theirs": OTHER}, ours=ours))
    result = run(api, data={"llm": NEW}).result
    assert result["secret_keys"] == kept == sorted(api.stored[PATH]["data"])
    assert api.stored[PATH]["data"]["llm"] == b64(NEW)
    assert sorted(result["diff"]["after"]) == kept


def test_what_is_not_wanted_may_wait_until_the_new_revision_is_proven(run: Runner) -> None:
    api = Api(stored({"a": OLD, "gone": OTHER}))
    given = {"data": {"a": NEW}}
    first = run(api, **given, prune=False).result
    assert (first["changed"], first["obsolete"], first["secret_keys"]) == (True, ["gone"], ["a", "gone"])
    assert run(api, **given, prune=False).result["changed"] is False
    predicted = run(api, **given, _ansible_check_mode=True).result
    last = run(api, **given).result
    assert (predicted["changed"], predicted["diff"]) == (last["changed"], last["diff"]) == (True, last["diff"])
    assert last["secret_keys"] == ["a"] and last["token"] == first["token"], "no reason to restart again"
    assert run(api, **given).result["obsolete"] == []


def test_a_foreign_secret_with_the_wanted_keys_is_left_alone(run: Runner) -> None:
    api = Api(stored({"llm": NEW, "theirs": OTHER}, ours=False))
    result = run(api, data={"llm": NEW}).result
    assert result["changed"] is False
    assert api.writes == []


def test_a_secret_of_another_type_is_one_sentence(run: Runner) -> None:
    api = Api(stored({"tls.key": OLD}, kind="kubernetes.io/tls"))
    code, result, _text = run(api, data={"llm": NEW})
    assert code == 1
    for named in ("'keys'", "'holmes'", "kubernetes.io/tls", "Opaque"):
        assert named in result["msg"]
    assert "exception" not in result
    assert api.writes == []


def test_the_pull_secret(run: Runner) -> None:
    api = Api()
    login = {"host": "registry.example:5000", "username": "puller", "password": NEW}
    result = run(api, registry=login).result
    assert result["secret_keys"] == [".dockerconfigjson"]
    assert api.stored[PATH]["type"] == "kubernetes.io/dockerconfigjson"
    config = json.loads(base64.b64decode(api.stored[PATH]["data"][".dockerconfigjson"]))
    assert config["auths"]["registry.example:5000"]["password"] == NEW
    assert run(api, registry=login).result["changed"] is False


@pytest.mark.parametrize(
    ("world", "token_known"),
    [([], False), ([stored({"llm": OLD, "gone": OTHER})], True), ([stored({"llm": OLD}, ours=False)], True)],
)
def test_check_mode_predicts_and_writes_nothing(run: Runner, world: list[Object], token_known: bool) -> None:
    api = Api(*copy.deepcopy(world))
    before = copy.deepcopy(api.stored)
    predicted = run(api, data={"llm": NEW}, _ansible_check_mode=True).result
    assert api.writes == []
    assert api.stored == before
    done = run(api, data={"llm": NEW}).result
    for key in ("changed", "secret_keys", "diff", *(["token"] if token_known else [])):
        assert predicted[key] == done[key], key
    assert token_known or predicted["token"] == "assigned-on-creation"
    assert done["token"] != "assigned-on-creation"


def test_the_diff_shows_which_keys_change_and_no_value(run: Runner) -> None:
    api = Api(stored({"same": OTHER, "changed": OLD, "removed": OLD}))
    diff = run(api, data={"same": OTHER, "changed": NEW, "added": NEW}, _ansible_diff=True).result["diff"]
    assert set(diff["before"]) == {"same", "changed", "removed"}
    assert set(diff["after"]) == {"same", "changed", "added"}
    assert diff["before"]["same"] == diff["after"]["same"]
    assert diff["before"]["changed"] != diff["after"]["changed"]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"data": {"llm": [NEW]}}, "'llm'"),
        ({"data": {"llm": {"nested": NEW}}}, "'llm'"),
        ({"data": {"llm": 918273645}}, "'llm'"),
        ({"data": {"llm": NEW + "\n"}}, "line break"),
        ({"data": {"llm": ""}}, "empty"),
        ({"data": {"two words": NEW}}, "'two words'"),
        ({"data": [NEW]}, "must be a mapping"),
        ({"data": NEW}, "must be a mapping"),
        ({"registry": {"host": "registry.example", "username": "puller", "password": [NEW]}}, "password"),
        ({"registry": NEW}, "must be a mapping"),
    ],
)
def test_wrong_data_is_refused_without_the_value(run: Runner, options: Object, named: str) -> None:
    api = Api()
    code, result, text = run(api, **options)
    assert code == 1
    assert named in result["msg"]
    assert "918273645" not in text
    assert not any(mask in result["msg"] for mask in MASKS), "the sentence held the value, only Ansible's mask hid it"
    assert "exception" not in result
    assert api.writes == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_refusal_keeps_the_words_of_the_api_server(run: Runner, method: str) -> None:
    api = Api(refuse={method: Refusal(403, 'User "eve" cannot touch secrets in "holmes"')})
    code, result, _text = run(api, data={"llm": NEW})
    assert code == 1
    assert 'User "eve" cannot touch secrets' in result["msg"]
    assert "exception" not in result
    assert api.stored == {}


def test_a_cluster_that_cannot_be_reached(run: Runner) -> None:
    code, result, _text = run(KubeError("No connection: refused.", 0, "Check kubeconfig."), data={"llm": NEW})
    assert (code, result["msg"]) == (1, "No connection: refused. Check kubeconfig.")


@pytest.mark.parametrize("options", [{}, {"data": {"llm": NEW}, "registry": {"host": "h"}}])
def test_data_or_registry_and_not_both(run: Runner, options: Object) -> None:
    code, result, _text = run(Api(), **options)
    assert code == 1
    assert "data" in result["msg"] and "registry" in result["msg"]


def test_documentation_and_argument_spec_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Object] = []

    def spy(spec: Object, **_options: t.Any) -> t.NoReturn:
        seen.append(spec)
        raise InterruptedError

    monkeypatch.setattr(holmes_secret, "cluster_module", spy)
    with pytest.raises(InterruptedError):
        holmes_secret.main()
    documented = yaml.safe_load(holmes_secret.DOCUMENTATION)["options"]
    documented.update(yaml.safe_load(_lock.ModuleDocFragment.DOCUMENTATION)["options"])
    assert set(documented) == set(seen[0])
    for name, spec in seen[0].items():
        assert documented[name]["type"] == spec["type"], name
        assert documented[name].get("required", False) == spec.get("required", False), name
    assert seen[0]["data"]["no_log"] is True
    assert seen[0]["registry"]["no_log"] is True

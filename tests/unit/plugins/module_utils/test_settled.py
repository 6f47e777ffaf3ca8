# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether nothing is left to be done: only if every single thing is just as wanted and known."""

from __future__ import annotations

import base64
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _secret
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError, digest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Once
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release_record import VERIFIED
from ansible_collections.holmesgpt.onprem.plugins.module_utils._settled import settled

from tests.unit.fixtures.lease_world import LEASE
from tests.unit.fixtures.release_history import TOKEN, deployed, failed, secrets, superseded
from tests.unit.fixtures.verify_world import FakeCluster, forbidden

Object = dict[str, t.Any]
HERE = "/api/v1/namespaces/holmes/secrets"
CHART = {"name": "holmes", "version": "0.45.0"}
VALUES: Object = {"image": "holmes", "podAnnotations": {"team": "a"}, "global": {"onprem": {"chartSha256": "5e"}}}
KEYS = {"holmes-secrets": {"llm": "one"}, "holmes-registry": {".dockerconfigjson": "{}"}}


def secret(name: str, **changes: t.Any) -> Object:
    data = {key: base64.b64encode(text.encode()).decode() for key, text in KEYS[name].items()}
    labels = {_secret.OWNER_LABEL: _secret.OWNER}
    return {"metadata": {"name": name, "uid": f"uid-{name}", "labels": labels}, "data": {**data, **changes}}


TOKENS = "-".join(_secret.rollout_token(f"uid-{name}", secret(name)["data"]) for name in KEYS)
MARKED = {**VALUES, "podAnnotations": {"team": "a", TOKEN: TOKENS}}
WORKS = f"Upgrade complete{VERIFIED}"


def world(*revisions: Object, **changes: t.Any) -> FakeCluster:
    """A cluster on which nothing is left to be done, but for ``revisions`` and ``changes`` of Secrets by name."""
    done = (superseded(), deployed(config=MARKED, description=WORKS))
    answers: Object = {f"{HERE}/{name}": secret(name) for name in KEYS}
    answers.update({f"{HERE}/{name.replace('_', '-')}": found for name, found in changes.items()})
    return FakeCluster({HERE: secrets(*(revisions or done)), **answers})


def look(cluster: FakeCluster, **options: t.Any) -> Object:
    def nothing() -> t.Any:
        raise HolmesError("not rendered")

    given = {"values": VALUES, "secrets": KEYS, **options}
    return settled(Context(Once(lambda: t.cast(t.Any, cluster)), nothing, **given), CHART).as_result()


def test_all_is_as_wanted() -> None:
    found = look(world())
    assert found["values_sha256"] == digest(MARKED)
    lock, state = found["checks"]
    assert (lock["id"], lock["status"]) == ("release.lock", "pass") and "nothing to change" in lock["message"]
    assert (state["id"], state["status"], state["evidence"]["apply"]) == ("release.state", "pass", False)
    assert "revision 2 is deployed" in state["message"]


def test_without_secrets_there_is_no_annotation() -> None:
    found = look(world(deployed(config=VALUES, description=WORKS)), secrets={})
    assert found["values_sha256"] == digest(VALUES)


UNSETTLED: dict[str, FakeCluster] = {
    "no release": FakeCluster({HERE: []}),
    "nobody saw it work": world(deployed(config=MARKED)),
    "the newest failed": world(deployed(config=MARKED, description=WORKS), failed(config=MARKED)),
    "another chart": world(deployed(config=MARKED, description=WORKS, version="0.44.0")),
    "other values": world(deployed(config={**MARKED, "replicas": 2}, description=WORKS)),
    "an older token": world(deployed(config=VALUES, description=WORKS)),
    "a Secret that is not there": FakeCluster(
        {path: one for path, one in world().answers.items() if "registry" not in path}
    ),
    "a Secret with another text": world(holmes_secrets=secret("holmes-secrets", llm="b3RoZXI=")),
    "a key that is not wanted any more": world(holmes_secrets=secret("holmes-secrets", old="b2xk")),
    "a Secret that was made anew": world(
        holmes_secrets={**secret("holmes-secrets"), "metadata": {**secret("holmes-secrets")["metadata"], "uid": "new"}}
    ),
    "a Secret that may not be read": world(holmes_secrets=forbidden("get secrets")),
    "a revision that cannot be read": FakeCluster({**world().answers, HERE: [{**secrets(deployed())[0], "data": {}}]}),
    "no right to Leases": FakeCluster({**world().answers, LEASE: forbidden("get leases")}),
    "a lock that was left": FakeCluster({**world().answers, LEASE: {"metadata": {"name": "x"}, "spec": {}}}),
}


@pytest.mark.parametrize("name", UNSETTLED)
def test_anything_else_takes_the_longer_way(name: str) -> None:
    assert look(UNSETTLED[name]) == {}


def test_other_wanted_values_take_it_too() -> None:
    assert look(world(), values={**VALUES, "image": "other"}) == {}


def test_it_only_reads() -> None:
    cluster = world()
    look(cluster)
    assert {path.partition("?")[0] for path in cluster.asked} == {
        HERE,
        LEASE,
        f"{HERE}/holmes-secrets",
        f"{HERE}/holmes-registry",
    }

# SPDX-License-Identifier: GPL-3.0-or-later
"""A new key, authority or password rolls the pods exactly once, and the old one is nowhere afterwards."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.site_run import Place, Vars
from tests.faults.node_hand import wait_until
from tests.life.steps import changed

# No two of them share a part, which would be found as base64 of the other.
KEYS = {"llm": "quince-88d1-before", "api": "walnut-4f02-first"}
LATER = {"llm": "medlar-51c7-after", "api": "almond-9be3-second"}
ASK = """
import sys, urllib.error, urllib.request
request = urllib.request.Request("http://127.0.0.1:5050/api/model", headers={"X-API-Key": sys.stdin.read()})
try:
    print(urllib.request.urlopen(request).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""
# The second $ part is the cost, the lowest that bcrypt has.
BCRYPT = r'my $text = <STDIN>; print crypt($text, "\$2b\$05\$" . "rotatedrotatedrotated.")'


@dataclass(frozen=True)
class Rolled:
    """What tells one roll from two: the ReplicaSets, each of which is a state of the pods, and the pods themselves."""

    replica_sets: int
    pods: frozenset[str]


def rolled(place: Place) -> Rolled:
    sets = place.site.get("replicasets", "-n", place.namespace, "-l", "app=holmes")["items"]
    return Rolled(len(sets), frozenset(pod["metadata"]["uid"] for pod in place.pods()))


def once(before: Rolled, after: Rolled) -> None:
    assert after.replica_sets == before.replica_sets + 1
    assert not before.pods & after.pods and len(after.pods) == len(before.pods)


def test_what_is_rotated_rolls_the_pods_once_and_replaces_the_old(place: Place) -> None:
    base: Vars = {
        "holmes_llm_api_key": {"secret": "holmes-secrets", "key": "llm"},
        "holmes_server_api_key": {"secret": "holmes-secrets", "key": "api"},
        "holmes_ca_file": authority(place, "one"),
    }
    place.install(**base, holmes_secrets=KEYS)
    assert asked(place, KEYS["api"]) == 200 and asked(place, "anything") == 401

    secrets = {**KEYS, "llm": LATER["llm"]}
    rotate(place, KEYS["llm"], LATER["llm"], **base, holmes_secrets=secrets)
    assert environment(place, "VLLM_API_KEY") == LATER["llm"]

    rotate(place, KEYS["api"], LATER["api"], **base, holmes_secrets=LATER)
    assert asked(place, KEYS["api"]) == 401 and asked(place, LATER["api"]) == 200

    base["holmes_ca_file"], old = authority(place, "two"), encoded(Path(base["holmes_ca_file"]))
    # The history of Helm keeps the values of before, and an authority is no secret: look only at what runs.
    before = rolled(place)
    changed(place, "site.yml", **base, holmes_secrets=LATER)
    once(before, rolled(place))
    trusted = environment(place, "CERTIFICATE")
    assert encoded(Path(base["holmes_ca_file"])) in trusted and old not in trusted

    with new_password(place, "password-two-c3d8") as old_password:
        password = {"holmes_registry_password": "password-two-c3d8"}
        rotate(place, old_password, "password-two-c3d8", **base, **password, holmes_secrets=LATER)


def test_a_key_that_is_not_wanted_leaves_after_the_proof(place: Place) -> None:
    """The revision before may refer to it, and may have to come back."""

    def keys() -> set[str]:
        return set(place.site.get("secret", "holmes-secrets", "-n", place.namespace)["data"])

    place.install(holmes_secrets={"llm": KEYS["llm"], "old": KEYS["api"]})
    run = place.play("site.yml", "--tags", "holmes_deploy", holmes_secrets={"llm": KEYS["llm"]})
    assert run.code == 0 and keys() == {"llm", "old"}, "nothing has been proven"
    # This run has waited for nothing.
    place.site.kubectl("rollout", "status", "deployment", "-n", place.namespace, "-l", "app=holmes", "--timeout=180s")
    wait_until("the old pod is gone", lambda: len(place.pods()) == 1)
    pods = rolled(place)
    place.install(holmes_secrets={"llm": KEYS["llm"]})
    assert keys() == {"llm"} and rolled(place) == pods, "taking it out is no news for the pods"


def rotate(place: Place, old: str, new: str, **changes: t.Any) -> None:
    """Check, apply, repeat; one roll, the new text in its Secret alone, the old one nowhere."""
    assert mentions(place, old), "the old one would be found"
    before = rolled(place)
    changed(place, "site.yml", **changes)
    once(before, rolled(place))
    assert mentions(place, old) == []
    kinds = {where.partition("/")[0] for where in mentions(place, new)}
    assert kinds <= {"Secret", "environment of Pod"} and "Secret" in kinds, kinds


def mentions(place: Place, text: str) -> list[str]:
    """Everything in the namespace that holds this text, as it is or as base64: objects and the pods' environment."""
    site, namespace = place.site, place.namespace
    kinds = "secrets,configmaps,deployments,replicasets,pods,events,services,serviceaccounts"
    texts = [
        (f"{it['kind']}/{it['metadata']['name']}", spelled(it)) for it in site.get(kinds, "-n", namespace)["items"]
    ]
    for pod in place.pods():
        name = pod["metadata"]["name"]
        texts.append((f"environment of Pod/{name}", site.kubectl("exec", "-n", namespace, name, "--", "env")))
    return [where for where, content in texts if any(form in content for form in forms(text))]


def forms(text: str) -> tuple[str, ...]:
    """In clear, and as base64 at each of the three alignments that it can have inside a longer text."""
    return (text, *(base64.b64encode(b"." * shift + text.encode()).decode()[4:16] for shift in range(3)))


def spelled(thing: Vars) -> str:
    """An object as text, with the content of a Secret and what Helm has packed into it in clear."""
    contents = [
        base64.b64decode(content) for content in (thing.get("data") or {}).values() if thing["kind"] == "Secret"
    ]
    if thing.get("type") == "helm.sh/release.v1":
        contents = [gzip.decompress(base64.b64decode(content)) for content in contents]
    return "\n".join([json.dumps(thing), *(content.decode("utf-8", "replace") for content in contents)])


def environment(place: Place, name: str) -> str:
    pod = place.pods()[0]["metadata"]["name"]
    return place.site.kubectl("exec", "-n", place.namespace, pod, "--", "printenv", name).strip()


def asked(place: Place, key: str) -> int:
    """The status with which HolmesGPT's own API answers to this key; it is given on stdin."""
    pod = place.pods()[0]["metadata"]["name"]
    command = ("kubectl", "exec", "-i", "-n", place.namespace, pod, "--", "python3", "-c", ASK)
    return int(place.site.exec(*command, input=key).stdout)


def authority(place: Place, name: str) -> str:
    folder = place.folder / name
    folder.mkdir()
    return other_ca(folder)


def encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


@contextlib.contextmanager
def new_password(place: Place, password: str) -> t.Iterator[str]:
    """The registry knows only this password from now on; gives the old one, which counts again in the end."""
    file = Path(place.site.facts["SITE_CA_FILE"]).parents[1] / "site" / "htpasswd"
    before, user = file.read_text(), place.site.facts["SITE_REGISTRY_USERNAME"]
    hashed = subprocess.run(
        ["perl", "-e", BCRYPT], input=password, text=True, check=True, stdout=subprocess.PIPE
    ).stdout
    file.write_text(f"{user}:{hashed}\n")
    try:
        yield place.site.facts["SITE_REGISTRY_PASSWORD"]
    finally:
        file.write_text(before)


def other_ca(folder: Path) -> str:
    """A new authority that signed nothing."""
    path = folder / "ca.crt"
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 400"
    names = ["-subj", "/CN=Another CA", "-keyout", str(folder / "ca.key"), "-out", str(path)]
    subprocess.run([*words.split(), *names], check=True, stderr=subprocess.DEVNULL)
    return str(path)

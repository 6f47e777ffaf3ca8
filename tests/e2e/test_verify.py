# SPDX-License-Identifier: GPL-3.0-or-later
"""verify.yml on what somebody installed by hand: every fault is told, a good one passes, nothing is changed."""

from __future__ import annotations

import base64
import json
import re
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from tests.e2e.by_hand import LABEL, SITE_VALUES, Hand, corrected, from_secret
from tests.e2e.observing import behind_the_gap, filled
from tests.e2e.site_run import Place, Site, Vars
from tests.e2e.verify_faults import FAULTS, Fault
from tests.e2e.verify_run import Verified, verify, writes_of

MODELS = "models.site.internal"
QUICK = 30.0


def slug(fault: Fault) -> str:
    return "vf-" + fault.name.lower().replace(" ", "-")


def install(hand: Hand, fault: Fault, facts: Vars) -> None:
    """All steps of a fault, one after the other; those that come up are waited for."""
    name = slug(fault)
    for number, step in enumerate(fault.steps, 1):
        last = number == len(fault.steps)
        if step.manifests:
            hand.apply(filled(step.manifests, facts))
        texts = [filled(text, facts) for text in fault.texts(step)]
        hand.helm(name, *texts, chart=fault.chart, check=not step.refused)
        if not last or fault.starts:
            hand.rolled_out(name)


def certificate_texts(site: Site) -> Vars:
    """The site's CA as people paste it. As text it is sometimes taken for base64: it depends on its length."""
    coded = "".join(Path(site.facts["SITE_CA_FILE"]).read_text().split("-----")[2].split())
    raw = base64.b64decode(coded)
    odd = base64.b64encode(raw[: len(raw) // 3 * 3]).decode()
    even = base64.b64encode(raw[: len(raw) // 3 * 3 - 1]).decode()
    return {
        "ca_line_1": coded[:76],
        "ca_line_2": coded[76:152],
        "ca_text": f"-----BEGIN CERTIFICATE----- {odd} -----END CERTIFICATE-----",
        "ca_text_that_decodes": f"-----BEGIN CERTIFICATE----- {even} -----END CERTIFICATE-----",
    }


def selected(request: pytest.FixtureRequest) -> list[Fault]:
    """The faults that this run of pytest asks for."""
    marks = [getattr(item, "callspec", None) for item in request.session.items]
    named = [mark.params["fault"] for mark in marks if mark and "fault" in mark.params]
    return [fault for fault in FAULTS if fault in named] or list(FAULTS)


@pytest.fixture(scope="module")
def faults(
    site: Site, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> t.Iterator[Verified]:
    wanted = selected(request)
    folder = tmp_path_factory.mktemp("faults")
    hand = Hand(site, folder)
    names = [slug(fault) for fault in wanted]
    clean(site, names)
    hand.namespaces(*names)
    doubles = folder / "doubles.json"
    doubles.write_text(json.dumps({fault.name: fault.double for fault in wanted if fault.double is not None}))
    facts = {**site.facts, "models": MODELS, **certificate_texts(site)}
    try:
        with behind_the_gap(site, "tests.e2e.model_farm", str(doubles)) as ports:
            own = {
                fault.name: {**facts, "namespace": slug(fault), "port": ports.get(fault.name, "")} for fault in wanted
            }
            with ThreadPoolExecutor(16) as pool:
                list(pool.map(lambda fault: install(hand, fault, own[fault.name]), wanted))
            with behind_the_gap(site, "tests.e2e.header_proxy", address(site), *FORWARDED) as port:
                proxy = {"proxy": f"http://127.0.0.1:{port}"}
                hosts = {slug(fault): variables(fault, {**own[fault.name], **proxy}) for fault in wanted}
                yield verify(site, folder, hosts)
    finally:
        clean(site, names, wait=False)


FORWARDED = ("Forwarded", "for=192.0.2.7;proto=https")


def variables(fault: Fault, facts: Vars) -> Vars:
    """Of the fault's host: where it is, and no expectation."""
    return {"holmes_namespace": slug(fault), "holmes_release_name": slug(fault), **filled(fault.variables, facts)}


def address(site: Site) -> str:
    """Of the Service that one fault makes reachable from the site; without that fault nobody asks."""
    found = site.get("service", "-n", "vf-proxy-header", "-l", f"{LABEL}=yes")["items"]
    port = found[0]["spec"]["ports"][0]["nodePort"] if found else 0
    [node] = site.get("nodes")["items"]
    ip = next(entry["address"] for entry in node["status"]["addresses"] if entry["type"] == "InternalIP")
    return f"http://{ip}:{port}"


def clean(site: Site, names: list[str], wait: bool = True) -> None:
    """Without anything made here, before and after."""
    Hand(site, Path()).remove(*names)
    site.kubectl("delete", "clusterrole,clusterrolebinding", "-l", LABEL, "--ignore-not-found", "--wait=false")
    if wait:
        for name in names:
            site.kubectl("wait", "--for=delete", f"namespace/{name}", "--timeout=120s")


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_every_fault_is_found_and_told(faults: Verified, fault: Fault) -> None:
    found = faults.checks(slug(fault))
    check = found.get(fault.check, {"status": "missing", "message": "", "fix": ""})
    others = {name: each["message"] for name, each in found.items() if each["status"] == "fail"}
    assert check["status"] == fault.status, f"{check}; failed: {others}"
    assert fault.says.lower() in check["message"].lower(), check
    assert fault.fix.lower() in check["fix"].lower(), check
    wanted = "not_ready" if fault.status == "fail" else "ready_with_limitations"
    assert faults.reports[slug(fault)]["verdict"] == wanted
    assert faults.seconds[slug(fault)] < QUICK


def test_nothing_was_changed(faults: Verified) -> None:
    assert faults.writes == []
    assert faults.run.recap("changed") == 0


def test_no_secret_and_no_traceback_of_ours(faults: Verified, site: Site) -> None:
    text = faults.run.output + json.dumps(faults.reports)
    assert "ansible_collections" not in text.replace("collections/ansible_collections/holmesgpt/onprem/roles", "")
    for secret in (site.facts["SITE_REGISTRY_PASSWORD"], "old-key-1", "new-key-2"):
        assert secret not in text


def test_the_audit_log_would_show_a_change(site: Site) -> None:
    writes = writes_of(site)
    site.kubectl("create", "configmap", "vf-seen", "-n", "default")
    site.kubectl("delete", "configmap", "vf-seen", "-n", "default")
    time.sleep(1)
    assert [entry.split()[1] for entry in writes.found()] == ["create", "delete"]


KEY_SECRET = {"OPENAI_API_KEY": from_secret("openai-api-key")}
CANARY = "canary-model-key-77"


def by_hand(place: Place, *more: str) -> Path:
    """A good installation as the guide makes it, with what the guide forgets; gives its file of values."""
    hand = Hand(place.site, place.folder)
    hand.namespaces(place.namespace)
    place.site.kubectl(
        "create",
        "secret",
        "generic",
        "holmes-secrets",
        "-n",
        place.namespace,
        f"--from-literal=openai-api-key={CANARY}",
    )
    site_values = filled(SITE_VALUES, {**place.site.facts, "image": "0.45.0-light"})
    values = place.folder / "values-by-hand.yaml"
    merged = {**yaml.safe_load(site_values), **json.loads(corrected(KEY_SECRET))}
    values.write_text(yaml.safe_dump(merged, sort_keys=False))
    hand.helm(place.namespace, values.read_text(), *more)
    hand.rolled_out(place.namespace)
    return values


def versions(place: Place) -> Vars:
    """Every object of the namespace with its resource version."""
    kinds = "all,configmaps,secrets,serviceaccounts,roles,rolebindings,events"
    found = place.site.get(kinds, "-n", place.namespace)["items"]
    return {f"{each['kind']}/{each['metadata']['name']}": each["metadata"]["resourceVersion"] for each in found}


def pods_as_they_run(place: Place) -> list[tuple[str, int]]:
    return sorted(
        (pod["metadata"]["uid"], pod["status"]["containerStatuses"][0]["restartCount"]) for pod in place.pods()
    )


def test_a_good_installation_by_hand_passes_and_is_adopted_without_a_restart(place: Place, tmp_path: Path) -> None:
    values = by_hand(place)
    where = {"holmes_namespace": place.namespace, "holmes_release_name": place.namespace}
    before, running = versions(place), pods_as_they_run(place)
    alone = verify(place.site, tmp_path, {"cluster": where})
    assert alone.run.code == 0, alone.run.output
    report = alone.reports["cluster"]
    assert not [check for check in report["checks"] if check["status"] == "fail"]
    assert alone.writes == [] and versions(place) == before

    adopted = place.site.play(tmp_path, "site.yml", {**adoption(place, values), "holmes_report_dir": str(tmp_path)})
    assert adopted.code == 0, adopted.output
    assert json.loads((tmp_path / "hosts/cluster.json").read_text())["verdict"] in ("ready", "ready_with_limitations")
    assert place.revisions() == [(1, "superseded"), (2, "deployed")]
    assert pods_as_they_run(place) == running, "no pod was restarted"
    assert CANARY not in alone.run.output + adopted.output
    again = place.site.play(tmp_path, "site.yml", adoption(place, values))
    assert again.code == 0 and again.recap("changed") == 0
    assert pods_as_they_run(place) == running


def adoption(place: Place, values: Path) -> Vars:
    """The inventory that takes over a release as it is: its own values, nothing of ours (docs/adopt.md)."""
    facts = place.site.facts
    return {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "holmes_namespace": place.namespace,
        "holmes_release_name": place.namespace,
        "holmes_chart_archive": place.chart("0.45.0"),
        "holmes_profile": "none",
        "holmes_values_files": [str(values)],
        "holmes_registry_ca_file": facts["SITE_CA_FILE"],
    }


def test_check_mode_changes_nothing_and_says_what_it_did_not_check(place: Place, tmp_path: Path) -> None:
    by_hand(place)
    where = {"holmes_namespace": place.namespace, "holmes_release_name": place.namespace}
    before = versions(place)
    checked = verify(place.site, tmp_path, {"cluster": where}, "--check", "--diff")
    assert checked.run.code == 0, checked.run.output
    assert checked.run.recap("changed") == 0 and checked.writes == []
    assert versions(place) == before
    # Nobody said what is meant, so it is not known whether it is there: told, each with what to give.
    for check in ("verify.chart", "verify.values", "verify.image"):
        assert re.search(rf"not checked +{re.escape(check)} ", checked.run.output), check
    for given in ("holmes_image_registry", "values_sha256"):
        assert given in checked.run.output

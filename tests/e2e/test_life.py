# SPDX-License-Identifier: GPL-3.0-or-later
"""What operators meet in the first week: a killed run, the guide's values, an old chart, an installation by hand."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
import typing as t

from tests.e2e.site_run import REPOSITORY, SITE, Place
from tests.unit.fixtures.values_world import GUIDE


@contextlib.contextmanager
def waiting_helm(place: Place, timeout: str, *arguments: str) -> t.Iterator[str]:
    """A real Helm of somebody else that waits for pods; gives the state it is in, and kills it in the end."""
    facts = place.site.facts
    chart = f"holmes --repo {facts['SITE_CHARTS_URL']} --ca-file {facts['SITE_CA_FILE']} --version 0.45.0"
    words = f"helm upgrade --install {place.namespace} {chart} -n {place.namespace} --create-namespace --wait"
    command = [str(SITE), "exec", "--name", place.site.name, "--", *words.split(), "--timeout", timeout, *arguments]
    helm = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield pending_state(place)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(helm.pid, signal.SIGKILL)
        helm.wait()


def pending_state(place: Place) -> str:
    for _attempt in range(100):
        time.sleep(0.2)
        answer = place.site.exec("helm", "list", "-n", place.namespace, "--pending", "-o", "json").stdout
        states = json.loads(answer or "[]")
        if states:
            return str(states[0]["status"])
    raise AssertionError("Helm left no pending release")


BROKEN = ("--set", "registry=registry.nowhere.internal")


def interrupt_helm(place: Place, *arguments: str) -> str:
    """Kill a Helm while it waits for pods; returns the state that it leaves."""
    with waiting_helm(place, "5m", *BROKEN, *arguments) as state:
        return state


def test_killed_first_install_is_recovered(place: Place) -> None:
    assert interrupt_helm(place) == "pending-install"
    run = place.install(holmes_pending_grace=6)
    assert "release.recovered" in run.output
    assert place.revisions()[-1] == (2, "deployed")
    assert place.install().recap("changed") == 0


def test_killed_upgrade_is_recovered_without_losing_the_application(place: Place) -> None:
    place.install()
    [pod] = place.pods()
    assert interrupt_helm(place, "--reuse-values") == "pending-upgrade"
    check = place.play("site.yml", "--check", holmes_pending_grace=4)
    assert check.code == 0 and "would be marked failed" in check.output
    assert place.revisions()[-1] == (2, "pending-upgrade")
    place.install(holmes_pending_grace=4)
    assert place.revisions()[-2:] == [(2, "failed"), (3, "deployed")]
    assert place.pods()[0]["metadata"]["name"] == pod["metadata"]["name"], "the good pod was never touched"


def test_a_live_helm_of_somebody_else_is_waited_for(place: Place) -> None:
    place.install()
    with waiting_helm(place, "30s", *BROKEN, "--reuse-values") as state:
        assert state == "pending-upgrade"
        run = place.install()
    assert "release.recovered" not in run.output
    assert place.revisions()[-2:] == [(2, "failed"), (3, "deployed")]


def test_the_guides_values_literally(place: Place) -> None:
    values = place.folder / "values.yaml"
    values.write_text(GUIDE)
    without_intent: dict[str, object] = {"holmes_models": {}, "holmes_llm_service": {}}
    run = place.install(holmes_values_files=[str(values)], **without_intent)
    assert "values.config_model" in run.output
    container = place.pods()[0]["spec"]["containers"][0]
    assert {"name": "MODEL", "value": "gpt-oss-120b"} in container["env"]
    config = place.site.get("configmap", "custom-toolsets-configmap", "-n", place.namespace)
    assert "{{ env.OPENAI_API_BASE }}" in config["data"]["model_list.yaml"]


def test_old_chart_without_probes(place: Place) -> None:
    run = place.install(**REPOSITORY, holmes_chart_version="0.16.1", holmes_image="holmes:0.16.1-light")
    assert "verify.ground_truth" in run.output
    container = place.pods()[0]["spec"]["containers"][0]
    assert "readinessProbe" not in container
    assert not any(entry["name"] == "MODEL" for entry in container["env"])


def test_verify_alone_on_an_installation_made_by_hand(place: Place) -> None:
    """The guide by hand, with what it forgets: verification finds the phantom model and changes nothing."""
    values = place.folder / "values.yaml"
    values.write_text(GUIDE.replace('"none"', '"canary-by-hand-31c7"'))
    facts = place.site.facts
    place.site.kubectl("create", "namespace", place.namespace)
    place.site.kubectl(
        "create",
        "secret",
        "docker-registry",
        "site-registry",
        "-n",
        place.namespace,
        f"--docker-server={facts['SITE_REGISTRY']}",
        f"--docker-username={facts['SITE_REGISTRY_USERNAME']}",
        f"--docker-password={facts['SITE_REGISTRY_PASSWORD']}",
    )
    place.site.exec(
        "helm",
        "install",
        place.namespace,
        "holmes",
        "--repo",
        facts["SITE_CHARTS_URL"],
        "--ca-file",
        facts["SITE_CA_FILE"],
        "--version",
        "0.45.0",
        "-n",
        place.namespace,
        "-f",
        values,
        "--set",
        f"registry={facts['SITE_REGISTRY']}/holmesgpt",
        "--set",
        "image=holmes:0.45.0-light",
        "--set",
        "imagePullSecrets[0].name=site-registry",
    )
    run = place.play("playbooks/verify.yml")
    assert run.code != 0
    assert "verify.models" in run.output and "gpt-5.4" in run.output
    assert run.recap("changed") == 0
    check = place.play("site.yml", "--check", "--diff", "-vvv")
    assert check.code == 0
    assert "canary-by-hand-31c7" not in check.output, "its key in clear is not repeated"

# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster behind a bastion: a real sshd on the only way to the API server, with Python, Helm and the client."""

from __future__ import annotations

import base64
import json
import shutil
import stat
import subprocess
import typing as t
from pathlib import Path

import pytest

from tests.e2e.site_run import REPOSITORY, Place, Vars
from tests.fleet.bastion_fixtures import Bastions
from tests.fleet.bastion_host import Bastion
from tests.fleet.bastion_net import node_address
from tests.fleet.bastion_run import STRANGER, Control, Watch, settled
from tests.playbooks.conftest import programs

KEY = "canary-of-the-model-server-9d02"
# Ansible's own, made and left empty wherever it works.
OF_ANSIBLE = {"/home/holmes/.ansible", "/home/holmes/.ansible/tmp"}


@pytest.fixture
def control(bastions: Bastions) -> Control:
    return Control(bastions)


def described(place: Place, control: Control, **changes: t.Any) -> Vars:
    """An installation that needs every kind of file: kubeconfig, chart archive, authorities, values file."""
    values = control.home / "values.yaml"
    kubeconfig = control.kubeconfig()
    values.write_text("logLevel: INFO\n")
    authority = place.site.facts["SITE_CA_FILE"]
    # A copy, because the site's own is packed anew whenever somebody brings the site up.
    chart = shutil.copy(place.chart("0.45.0"), control.home)
    given = place.variables(
        holmes_kubeconfig=str(kubeconfig),
        holmes_chart_archive=str(chart),
        holmes_ca_file=authority,
        holmes_values_files=[str(values)],
        holmes_llm_service={},
        holmes_llm_api_base="https://vllm-tls.inference.svc.cluster.local:8443/v1",
        holmes_llm_api_key={"secret": "holmes-secrets", "key": "openai-api-key"},
        holmes_secrets={"openai-api-key": place.site.facts["SITE_LLM_API_KEY"], "unused": KEY},
        holmes_report_dir=str(control.home / "reports"),
        **changes,
    )
    return {name: value for name, value in given.items() if not name.startswith("ansible_")}


def judged(control: Control, host: str) -> tuple[str, str]:
    """Verdict of a host in the report, and its failed checks as text."""
    told = json.loads((control.home / "reports" / "hosts" / f"{host}.json").read_text())
    failed = [f"{one['message']} {one['fix']}" for one in told["checks"] if one["status"] == "fail"]
    return told["verdict"], " | ".join(failed)


def secrets_of(place: Place, variables: Vars) -> list[str]:
    """What must show nowhere: keys, the pull password, the private key of the kubeconfig, in clear and as base64."""
    key = Path(variables["holmes_kubeconfig"]).with_name("client-key").read_text()
    clear = [KEY, STRANGER, place.site.facts["SITE_LLM_API_KEY"], place.site.facts["SITE_REGISTRY_PASSWORD"]]
    return [
        *clear,
        key.splitlines()[1],
        *(base64.b64encode(text.encode()).decode().rstrip("=") for text in (*clear, key)),
    ]


def assert_clean(bastion: Bastion, before: t.Mapping[str, bytes], secrets: t.Iterable[str]) -> None:
    """Nothing is left: no process, no file, and no secret in what sshd wrote."""
    assert settled(bastion) == [f"sshd: /usr/sbin/sshd -D -e -p {bastion.port} [listener] 0 of 10-100 startups"]
    after = bastion.written()
    assert set(after) - set(before) <= OF_ANSIBLE
    assert [path for path in before if after.get(path) != before[path]] == []
    log = bastion.log.read_text(errors="replace")
    assert "Accepted publickey for holmes" in log
    assert [one for one in secrets if one in log] == []


def test_the_control_node_reaches_only_the_bastion(bastions: Bastions) -> None:
    bastion = bastions.start()
    ask = f"import socket; socket.create_connection(('{node_address(bastions.site)}', 6443), 5)"
    assert bastion.ssh(f'python3 -c "{ask}"').returncode == 0
    within = bastions.networks.within(bastions.networks.control)
    done = subprocess.run([*within, "python3", "-c", ask], capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "Network is unreachable" in done.stderr
    assert not (bastion.files / str(Path(__file__).parents[2]).lstrip("/")).exists()


def test_bastion_from_check_to_removal(place: Place, bastions: Bastions, control: Control) -> None:
    bastion = bastions.start()
    variables, hosts = described(place, control), {"bastion": bastion.connection()}
    secrets = secrets_of(place, variables)
    pushed = [variables["holmes_ca_file"], variables["holmes_chart_archive"], *variables["holmes_values_files"]]
    assert [path for path in pushed if (bastion.files / path.lstrip("/")).exists()] == []
    before = bastion.written()

    checked = control.play("site.yml", variables, hosts, "--check", "--diff")
    assert checked.code == 0 and f"bastion | {place.namespace} in {place.namespace}: READY" in checked.output
    assert place.namespace not in place.site.kubectl("get", "namespaces", "-o", "name")
    assert_clean(bastion, before, secrets)

    with Watch(bastion, secrets) as watch:
        first = control.play("site.yml", variables, hosts, "-vvv")
    assert first.code == 0
    assert f"bastion | {place.namespace} in {place.namespace}: READY\n" in first.output
    assert [one for one in secrets if one in first.output] == []
    assert len(place.pods()) == 1
    assert watch.looks > 10 and watch.told == set()
    # Pushed by the run, and closed to everybody else while they were there.
    assert stat.S_IMODE(watch.files[""]) == 0o700
    for name in ("kubeconfig", "chart.tgz", "holmes_ca_file-ca.crt", "holmes_values_files-values.yaml"):
        assert stat.S_IMODE(watch.files[name]) == 0o600
    assert STRANGER.encode() not in watch.content["kubeconfig"]
    assert_clean(bastion, before, secrets)

    again = control.play("site.yml", variables, hosts)
    assert again.code == 0 and again.recap("changed") == 0
    assert place.revisions() == [(1, "deployed")]
    removed = control.play("playbooks/uninstall.yml", variables, hosts)
    assert removed.code == 0 and place.pods() == []
    assert_clean(bastion, before, secrets)


PACKAGES = "usr/lib/python3/dist-packages"
SENTENCES = {
    "no-python": (
        "There is no Python at '/usr/bin/python3' on the host no-python, and every step there needs one. Install "
        "Python 3.9 or newer there (Debian, RHEL: package python3), or set ansible_python_interpreter"
    ),
    "no-helm": "The program 'helm' was not found on this host. Install Helm 3 or 4 there, or set holmes_helm_binary",
    "no-client": (
        "The Python package kubernetes is missing on the host bastion: /usr/bin/python3 does not find it. Install it "
        "there (/usr/bin/python3 -m pip install kubernetes), or set ansible_python_interpreter"
    ),
    "no-yaml": (
        "The Python package PyYAML is missing on the host bastion: /usr/bin/python3 does not find it. Install it there "
        "(/usr/bin/python3 -m pip install PyYAML), or set ansible_python_interpreter"
    ),
    "unreachable": "Connection refused. Check ansible_host and ansible_port.",
    "wrong-key": "SSH does not trust the host: it shows another host key (SHA256:",
}
ON_SCREEN = ("There is no Python", "The program 'helm'", "package kubernetes", "package PyYAML", "Connection refused")


def test_what_a_bastion_lacks_is_a_sentence_and_stops_no_other(
    place: Place, bastions: Bastions, control: Control
) -> None:
    good, closed = bastions.start(), bastions.closed()
    lacking = {
        "no-python": bastions.start("usr/bin/python3*"),
        "no-helm": bastions.start(helm=False),
        "no-client": bastions.start(f"{PACKAGES}/kubernetes*"),
        "no-yaml": bastions.start(f"{PACKAGES}/yaml", f"{PACKAGES}/_yaml"),
        "wrong-key": bastions.start(),
    }
    bastions.keys.forget(lacking["wrong-key"])
    names = {"good": good, "unreachable": closed, **lacking}
    hosts = {name: {**one.connection(), "holmes_namespace": f"{place.namespace}-{name}"} for name, one in names.items()}
    hosts["good"]["holmes_namespace"] = place.namespace
    before = {name: one.written() for name, one in lacking.items()}
    run = control.play("site.yml", described(place, control), hosts)
    assert run.code != 0 and "Traceback" not in run.output
    assert judged(control, "good") == ("ready", "")
    for name, sentence in SENTENCES.items():
        verdict, told = judged(control, name)
        assert verdict == "not_ready" and sentence in told, (name, told)
    # Said as soon as it is found, and before anything is done on the one that works.
    for sentence in ON_SCREEN:
        assert control.seen(sentence) < control.seen("Chart | Take the local archive")
    for name, bastion in lacking.items():
        settled(bastion)
        assert set(bastion.written()) - set(before[name]) <= OF_ANSIBLE
    assert f"{place.namespace}-" not in place.site.kubectl("get", "namespaces", "-o", "name")


@pytest.mark.parametrize("core", [[], ["--oldest"]], ids=["newest", "oldest"])
def test_what_a_bastion_has_is_used_there(place: Place, bastions: Bastions, control: Control, core: list[str]) -> None:
    """Its own kubeconfig and authorities; the chart comes from the repository, which only the bastion reaches."""
    control.programs = programs(*core)
    bastion, variables = bastions.start(), described(place, control)
    there = bastion.files / "srv"
    for name, variable in (("kubeconfig", "holmes_kubeconfig"), ("ca.crt", "holmes_ca_file")):
        (there / name).write_bytes(Path(variables[variable]).read_bytes())
    for path in Path(variables["holmes_kubeconfig"]).parent.iterdir():
        (there / path.name).write_bytes(path.read_bytes())
    (there / "kubeconfig").chmod(0o644)
    before = bastion.written()
    changes = {
        **REPOSITORY,
        "holmes_kubeconfig": "/srv/kubeconfig",
        "holmes_ca_file": "/srv/ca.crt",
        "holmes_remote_files": ["holmes_kubeconfig", "holmes_ca_file"],
    }
    with Watch(bastion, []) as watch:
        run = control.play("playbooks/preflight.yml", {**variables, **changes}, {"bastion": bastion.connection()})
    assert run.code == 0 and judged(control, "bastion") == ("ready", "")
    assert "holmes_chart_repo_ca_file-ca.crt" in watch.files
    assert {"kubeconfig", "holmes_ca_file-ca.crt"} & set(watch.files) == set()
    settled(bastion)
    assert set(bastion.written()) - set(before) <= OF_ANSIBLE


def test_a_path_that_is_on_neither_machine(place: Place, bastions: Bastions, control: Control) -> None:
    variables = {**described(place, control), "holmes_ca_file": "/gone/ca.crt"}
    run = control.play("playbooks/preflight.yml", variables, {"bastion": bastions.start().connection()})
    assert run.code != 0 and "Traceback" not in run.output
    told = judged(control, "bastion")[1]
    assert "holmes_ca_file names '/gone/ca.crt', which does not exist on the control node." in told
    assert "name holmes_ca_file in holmes_remote_files" in told

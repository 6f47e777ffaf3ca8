# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode is true, a repeated run changes nothing, and what did change is applied."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.e2e.site_run import ROOT, Place, Site

# Objects that the cluster rewrites on its own.
RESTLESS = ("events", "leases", "endpointslices", "endpoints", "nodes", "pods.metrics", "componentstatuses")


def everything(site: Site) -> set[str]:
    """Every object of the cluster with its version, but for namespaces that an earlier test left on their way out."""
    leaving = [
        ns["metadata"]["name"] for ns in site.get("namespaces")["items"] if "deletionTimestamp" in ns["metadata"]
    ]
    kinds = site.kubectl("api-resources", "--verbs=list", "-o", "name").split()
    kept = ",".join(kind for kind in kinds if not kind.startswith(RESTLESS))
    columns = "custom-columns=KIND:.kind,NS:.metadata.namespace,NAME:.metadata.name,VERSION:.metadata.resourceVersion"
    lines = site.kubectl("get", kept, "-A", "--no-headers", "-o", columns).splitlines()
    return {" ".join(line.split()) for line in lines if not set(line.split()) & set(leaving)}


def test_check_then_apply_then_repeat(place: Place) -> None:
    before = everything(place.site)
    check = place.install("--check", "--diff")
    assert everything(place.site) == before
    assert check.recap("changed") > 0
    assert "+modelList:" in check.output

    place.install()
    assert place.pods()[0]["status"]["phase"] == "Running"

    after = everything(place.site)
    again = place.install()
    assert again.recap("changed") == 0
    assert everything(place.site) == after
    assert place.install("--check", "--diff").recap("changed") == 0
    unchecked = place.install("--skip-tags", "holmes_preflight")
    assert unchecked.recap("changed") == 0 and "Nothing was checked before the change" in unchecked.output
    assert place.revisions() == [(1, "deployed")]


def test_rebuilt_archive_of_the_same_version_is_applied(place: Place) -> None:
    chart = place.folder / "holmes"
    shutil.copytree(ROOT / "tests" / "doubles" / "charts" / "holmes-0.45.0", chart)
    place.install(holmes_chart_archive=package(place, chart))
    (chart / "templates" / "added.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\n"
        "metadata:\n  name: added-in-the-rebuild\n  namespace: {{ .Release.Namespace }}\n"
    )
    archive = package(place, chart)
    place.install(holmes_chart_archive=archive)
    assert place.site.kubectl("get", "configmap", "added-in-the-rebuild", "-n", place.namespace)
    assert place.revisions()[-1] == (2, "deployed")
    assert place.install(holmes_chart_archive=archive).recap("changed") == 0


def package(place: Place, chart: Path) -> str:
    answer = place.site.exec("helm", "package", chart, "-d", place.folder).stdout
    return answer.split()[-1]


def test_new_secret_and_new_ca_roll_the_pods_once(place: Place) -> None:
    def secret(text: str) -> dict[str, object]:
        return {
            "holmes_secrets": {"openai-api-key": text},
            "holmes_llm_api_key": {"secret": "holmes-secrets", "key": "openai-api-key"},
        }

    place.install(**secret("first-key-1234"))
    first = uid(place)
    place.install(**secret("second-key-1234"))
    second = uid(place)
    assert second != first
    assert environment(place, "VLLM_API_KEY") == "second-key-1234"
    again = place.install(**secret("second-key-1234"))
    assert again.recap("changed") == 0 and uid(place) == second

    place.install(**secret("second-key-1234"), holmes_ca_file=other_ca(place.folder))
    assert uid(place) != second


def uid(place: Place) -> str:
    [pod] = place.pods()
    return str(pod["metadata"]["uid"])


def environment(place: Place, name: str) -> str:
    pod = place.pods()[0]["metadata"]["name"]
    return place.site.kubectl("exec", "-n", place.namespace, pod, "--", "printenv", name).strip()


def other_ca(folder: Path) -> str:
    path = folder / "ca.crt"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "400",
            "-subj",
            "/CN=Another CA",
            "-keyout",
            str(folder / "ca.key"),
            "-out",
            str(path),
        ],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    return str(path)

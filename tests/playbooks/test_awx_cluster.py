# SPDX-License-Identifier: GPL-3.0-or-later
"""AWX's Kubernetes credential: a job has to notice that without an authority nobody verifies the API server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.playbooks.api_double import serving
from tests.playbooks.awx_job import Job, exported
from tests.unit.fixtures.values_world import helm

TOKEN = "cluster-token-canary-31"


@pytest.mark.parametrize("with_authority", [False, True], ids=["no authority", "authority"])
def test_an_unverified_api_server_is_told(core: Path, tmp_path: Path, archive: Path, with_authority: bool) -> None:
    job = Job(core, tmp_path / "job", exported(core, tmp_path), {"SITE_CA_FILE": str(tmp_path / "ca.crt")})
    job.credential("HolmesGPT image registry", username="puller", password="x")
    templated = {
        "holmes_chart_archive": str(archive),
        "holmes_helm_binary": helm(),
        "holmes_llm_probe": "none",
        "holmes_preflight_timeout": 2,
        "holmes_preflight_gate": "warn",
    }
    with serving(tmp_path, TOKEN) as api:
        job.kubernetes(api.url, TOKEN, api.certificate if with_authority else "")
        done = job.run("playbooks/preflight.yml", templated=templated, answered={"holmes_hosts": "seoul"})
    told = " ".join(done.stdout.split())
    assert job.env["K8S_AUTH_VERIFY_SSL"] == str(with_authority)
    expected = (
        "ok tls.api_server"
        if with_authority
        else "WARN tls.api_server The certificate of the API server is not verified"
    )
    assert expected in told, told
    assert TOKEN not in done.stdout + done.stderr

# SPDX-License-Identifier: GPL-3.0-or-later
"""playbooks/values.yml: what an operator gives and what is printed, without any cluster."""

from __future__ import annotations

import stat

import yaml

from tests.playbooks.conftest import Ansible
from tests.unit.fixtures.values_world import GUIDE

CANARY = "sk-canary0123456789abcdef"


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_the_guides_file_byte_for_byte(ansible: Ansible) -> None:
    kept = ansible.folder / "kept.yaml"
    done = ansible.values(f"seoul:\n  holmes_values_files: [{ansible.guide}]\n  holmes_values_dest: {kept}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "seoul | values for holmes in holmes: READY WITH LIMITATIONS" in done.stdout
    assert "translated to the variable MODEL=gpt-oss-120b" in one_line(done.stdout)
    # The server's own templating is neither filled in nor lost, on screen and in the file.
    assert "api_base: '{{ env.OPENAI_API_BASE }}'" in done.stdout
    values = yaml.safe_load(kept.read_text(encoding="utf-8"))
    assert values["modelList"] == yaml.safe_load(GUIDE)["modelList"]
    assert {"name": "MODEL", "value": "gpt-oss-120b"} in values["additionalEnvVars"]
    assert "config" not in values


def test_references_in_inline_values_and_in_models(ansible: Ansible) -> None:
    done = ansible.values(
        "seoul:\n"
        "  holmes_llm_api_base: http://vllm.inference.svc.cluster.local:8000/v1\n"
        "  holmes_llm_context_window: 32768\n"
        "  holmes_llm_max_output_tokens: 4096\n"
        "  holmes_models: {a: {model: m, api_key_env: SITE_KEY}}\n"
        "  holmes_env: {SITE_KEY: {secret: s, key: k}, OTHER: x}\n"
        '  holmes_values: {mcp_servers: {x: {url: !unsafe "http://{{ env.OTHER }}/mcp"}}}\n'
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "api_key: '{{ env.SITE_KEY }}'" in done.stdout
    assert "url: http://{{ env.OTHER }}/mcp" in done.stdout


def test_every_host_gets_its_own_table_and_a_bad_one_stops_no_other(ansible: Ansible) -> None:
    bad = ansible.folder / "bad.yaml"
    bad.write_text(GUIDE + "crdPermission: {argo: true}\n", encoding="utf-8")
    done = ansible.values(f"bad:\n  holmes_values_files: [{bad}]\ngood:\n  holmes_values_files: [{ansible.guide}]")
    assert done.returncode == 2, done.stdout
    assert "bad | values for holmes in holmes: NOT READY" in done.stdout
    assert "did you mean 'crdPermissions'?" in one_line(done.stdout)
    assert "good | values for holmes in holmes: READY WITH LIMITATIONS" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


MISPLACED = {
    f"holmes_env: {CANARY}": "holmes_env must be a mapping",
    f"holmes_models: [{CANARY}]": "holmes_models must be a mapping",
    f"holmes_toolsets: {CANARY}": "holmes_toolsets must be a mapping",
    f"holmes_llm_api_key: {CANARY}": "holmes_llm_api_key must name a Secret",
    f"holmes_server_api_key: {CANARY}": "holmes_server_api_key must name a Secret",
    f"holmes_models: {{a: {{model: m, api_key: {CANARY}}}}}": "'modelList.a.api_key'",
    f"holmes_values: {CANARY}": "holmes_values must be a mapping",
    f"holmes_values: {{certificate: [{CANARY}]}}": "'certificate' must be text",
}


def test_a_key_in_the_wrong_place_is_refused_and_never_shown(ansible: Ansible) -> None:
    hosts = "".join(f"site{number}:\n  {variables}\n" for number, variables in enumerate(MISPLACED))
    done = ansible.values(hosts, "-vvvv", "--diff")
    everything = done.stdout + done.stderr
    assert CANARY not in everything
    assert done.returncode == 2 and "Traceback" not in everything
    for number, sentence in enumerate(MISPLACED.values()):
        # Up to the next host's failure: each has its own sentence, and its table.
        told = one_line(everything.partition(f"[site{number}]: FAILED!")[2].partition("]: FAILED!")[0])
        assert sentence in told, (number, told[:2000])
        assert f"site{number} | values for holmes in holmes: NOT READY" in everything


def test_the_kept_file_is_private_and_written_once(ansible: Ansible) -> None:
    kept = ansible.folder / "kept.yaml"
    hosts = f"seoul:\n  holmes_values_files: [{ansible.guide}]\n  holmes_values_dest: {kept}"
    checked = ansible.values(hosts, "--check", "--diff")
    assert checked.returncode == 0 and "changed=1" in checked.stdout and not kept.exists()
    first = ansible.values(hosts)
    assert "changed=1" in first.stdout and stat.S_IMODE(kept.stat().st_mode) == 0o600
    again = ansible.values(hosts)
    assert again.returncode == 0 and "changed=0" in again.stdout

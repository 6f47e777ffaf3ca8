# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from lab import site_config
from lab.cluster import kind_config
from lab.errors import LabError
from lab.node_root import adapt_containerd, storage_manifest
from lab.state import Lab

KIND_COREFILE = """\
.:53 {
    errors
    health {
       lameduck 5s
    }
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    loop
    reload
}
"""


def test_hosts_file_knows_the_site_and_itself(a_lab: Lab) -> None:
    lines = site_config.hosts_file(a_lab).splitlines()
    assert lines[0] == "127.0.0.1 localhost"
    assert "10.202.7.1 registry.site.internal" in lines
    assert "10.202.7.1 charts.site.internal" in lines


def test_resolver_asks_the_site_only(a_lab: Lab) -> None:
    servers = [line for line in site_config.resolv_conf(a_lab).splitlines() if line.startswith("nameserver")]
    assert servers == ["nameserver 10.202.7.1"]


@pytest.mark.parametrize(
    "machine", ["passwd: files\nhosts: files resolve [!UNAVAIL=return] dns\n", " hosts : mdns\n", ""]
)
def test_names_come_from_files_and_dns_only(machine: str) -> None:
    hosts = [line for line in site_config.nsswitch(machine).splitlines() if line.strip().startswith("hosts")]
    assert hosts == ["hosts: files dns"]


def test_other_lines_of_nsswitch_stay() -> None:
    assert "passwd: files ldap\n" in site_config.nsswitch("passwd: files ldap\nhosts: files\n")


def test_dns_refuses_what_it_does_not_know_and_logs_everything(a_lab: Lab) -> None:
    blocks = site_config.dns(a_lab).split("\n\n")
    assert all("  log\n" in block and "  bind 10.202.7.1\n" in block for block in blocks)
    assert blocks[1].startswith("dev-control-plane:53 dev-worker:53 dev-worker2:53 {")
    assert "forward . 10.201.7.1" in blocks[1]
    assert blocks[2].startswith(".:53 {")
    assert "rcode NXDOMAIN" in blocks[2]
    assert "forward" not in blocks[2]


def test_zone_has_an_address_for_every_name(a_lab: Lab) -> None:
    zone = site_config.zone(a_lab)
    assert " IN SOA " in zone
    for name in a_lab.hosts:
        assert f"{name}. 60 IN A 10.202.7.1\n" in zone


def test_registry_wants_tls_and_a_login(a_lab: Lab) -> None:
    config = site_config.registry(a_lab)
    assert "addr: 10.202.7.1:5000" in config
    assert "\nauth:\n" in config
    assert "tls: {certificate: /lab/certs/registry.crt, key: /lab/certs/registry.key}" in config
    assert "htpasswd: {realm: site, path: /lab/site/htpasswd}" in config


def test_charts_are_served_over_tls_only(a_lab: Lab) -> None:
    listen = [line.strip() for line in site_config.charts(a_lab).splitlines() if "listen" in line]
    assert listen == ["listen 10.202.7.1:8443 ssl;"]


def test_nodes_trust_the_ca_for_the_registry() -> None:
    text = site_config.hosts_toml()
    assert '[host."https://registry.site.internal:5000"]' in text
    assert 'ca = "/etc/containerd/certs.d/registry.site.internal:5000/ca.crt"' in text
    assert "skip_verify" not in text


def test_cluster_dns_logs_and_asks_no_random_name() -> None:
    changed = site_config.corefile(KIND_COREFILE).splitlines()
    assert changed[:2] == [".:53 {", "    log"]
    assert "    loop" not in changed
    assert "    reload" in changed
    assert site_config.corefile("\n".join(changed)) == "\n".join(changed) + "\n"


@pytest.mark.parametrize("cgroup_v1", [True, False])
def test_kind_config(a_lab: Lab, cgroup_v1: bool) -> None:
    config = kind_config(a_lab, "/lab/site", cgroup_v1)
    assert [node["role"] for node in config["nodes"]] == ["control-plane", "worker", "worker"]
    assert config["networking"] == {"apiServerAddress": "127.0.0.1", "apiServerPort": 6450}
    kubelet = json.loads(config["kubeadmConfigPatches"][0])
    assert kubelet["resolvConf"] == "/etc/site-resolv.conf"
    assert ("failCgroupV1" in kubelet) is cgroup_v1
    audit = {"/etc/site-audit-policy.json", "/var/log/site-audit"}
    for place, node in enumerate(config["nodes"]):
        mounted = {mount["containerPath"] for mount in node["extraMounts"]}
        assert mounted == {"/etc/containerd/certs.d", "/etc/site-resolv.conf"} | (audit if place == 0 else set())
    older, newer = (json.loads(patch)["apiServer"] for patch in config["kubeadmConfigPatches"][1:])
    assert {volume["mountPath"] for volume in older["extraVolumes"]} == audit
    assert older["extraArgs"]["audit-log-path"] == "/var/log/site-audit/audit.log"
    assert {entry["name"]: entry["value"] for entry in newer["extraArgs"]} == older["extraArgs"]


def test_the_audit_log_tells_who_changes_what_and_nothing_else() -> None:
    policy = json.loads(site_config.audit_policy())
    assert policy["rules"][0] == {"level": "None", "verbs": ["get", "list", "watch"]}
    assert policy["rules"][-1] == {"level": "Metadata"}, "no contents: they may hold secrets"
    assert {rule["level"] for rule in policy["rules"]} == {"None", "Metadata"}


def test_containerd_config_is_adapted() -> None:
    before = 'sandbox_image = "registry.k8s.io/pause:3.10"\nrestrict_oom_score_adj = false\n'
    after = adapt_containerd(before)
    assert 'pause:3.10.1"' in after
    assert "restrict_oom_score_adj = true" in after
    assert 'config_path = "/etc/containerd/certs.d"' in after


def test_storage_manifest_gets_its_images() -> None:
    source = (
        'const storageProvisionerImage = "docker.io/kindest/p:1"\nconst storageHelperImage = "docker.io/kindest/h:2"\n'
        "const defaultStorageManifest = `\n"
        "image: ` + storageProvisionerImage + `\nhelper: ` + storageHelperImage + `\n`\n"
    )
    manifest, provisioner, helper = storage_manifest(source)
    assert manifest == "image: docker.io/kindest/p:1\nhelper: docker.io/kindest/h:2\n"
    assert (provisioner, helper) == ("docker.io/kindest/p:1", "docker.io/kindest/h:2")


def test_other_form_of_storage_manifest_is_said() -> None:
    with pytest.raises(LabError, match="another form"):
        storage_manifest("package nodeimage\n")

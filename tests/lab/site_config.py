# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts that make the site: configuration of registry, chart repository and DNS, and the names of its network.

Pure functions; paths are those inside the private host, where the lab's state is /lab.
"""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath

from . import versions
from .state import Lab

DNS_HEALTH_PORT = 8053
CERTS = PurePosixPath("/lab/certs")
CERTS_D = f"/etc/containerd/certs.d/{versions.REGISTRY}"


def registry(lab: Lab) -> str:
    """Configuration of docker-registry: TLS and a login for everything, pulls included."""
    return f"""\
version: 0.1
log: {{level: info}}
storage:
  filesystem: {{rootdirectory: /lab/registry}}
  delete: {{enabled: true}}
http:
  addr: {lab.site_address}:{versions.REGISTRY_PORT}
  tls: {{certificate: {CERTS}/registry.crt, key: {CERTS}/registry.key}}
auth:
  htpasswd: {{realm: site, path: /lab/site/htpasswd}}
"""


def charts(lab: Lab) -> str:
    """Configuration of nginx: static files over HTTPS."""
    return f"""\
user root;  # the lab's state is closed to others
worker_processes 1;
pid /run/charts.pid;
error_log /dev/stderr;
events {{ worker_connections 64; }}
http {{
  types {{ application/gzip tgz; text/yaml yaml; }}
  default_type application/octet-stream;
  access_log /lab/log/charts-access.log;
  server {{
    listen {lab.site_address}:{versions.CHARTS_PORT} ssl;
    server_name {versions.CHARTS_NAME};
    ssl_certificate {CERTS}/charts.crt;
    ssl_certificate_key {CERTS}/charts.key;
    root /lab/charts;
  }}
}}
"""


def dns(lab: Lab) -> str:
    """Corefile of the site's DNS: it knows the site's names, says NXDOMAIN to all others and logs every question.

    The names of the nodes are the container engine's to answer: kube-proxy on a worker asks for the control plane by
    name.
    """
    listen = f"  bind {lab.site_address}\n  log\n  errors\n"
    nodes = " ".join(f"{node}:53" for node in lab.nodes)
    health = f"  health {lab.site_address}:{DNS_HEALTH_PORT}\n"
    return (
        f"{versions.SITE_DOMAIN}:53 {{\n{listen}{health}  file /lab/site/zone\n}}\n\n"
        f"{nodes} {{\n{listen}  forward . {lab.nodes_dns}\n}}\n\n"
        f".:53 {{\n{listen}  template ANY ANY {{\n    rcode NXDOMAIN\n  }}\n}}\n"
    )


def zone(lab: Lab) -> str:
    """The zone of the site's names; CoreDNS's `hosts` would say SERVFAIL to a name that it does not know."""
    domain = versions.SITE_DOMAIN
    lines = [
        f"$ORIGIN {domain}.",
        f"@ 60 IN SOA ns.{domain}. site.{domain}. 1 3600 600 86400 60",
        f"@ 60 IN NS ns.{domain}.",
    ]
    names = {f"ns.{domain}": lab.site_address} | lab.hosts
    return "\n".join([*lines, *[f"{name}. 60 IN A {address}" for name, address in names.items()]]) + "\n"


def hosts_file(lab: Lab) -> str:
    """/etc/hosts for commands of this machine that run in the site's network."""
    lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"]
    return "\n".join([*lines, *[f"{address} {name}" for name, address in lab.hosts.items()]]) + "\n"


def audit_policy() -> str:
    """The API server notes who changed what, without contents; reading and the cluster's own parts are left out."""
    rules = [
        {"level": "None", "verbs": ["get", "list", "watch"]},
        {"level": "None", "userGroups": ["system:nodes", "system:serviceaccounts:kube-system"]},
        {"level": "None", "users": ["system:apiserver", "system:kube-scheduler", "system:kube-controller-manager"]},
        {"level": "Metadata"},
    ]
    policy = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"], "rules": rules}
    return json.dumps(policy, indent=1)


def resolv_conf(lab: Lab) -> str:
    """/etc/resolv.conf for the site: its own DNS and nothing else."""
    return f"nameserver {lab.site_address}\noptions timeout:2 attempts:1\n"


def nsswitch(machine: str) -> str:
    """The machine's /etc/nsswitch.conf with host names from files and DNS only.

    Otherwise a machine with systemd-resolved would look names up over its socket, past the gap.
    """
    rest = [line for line in machine.splitlines() if not re.match(r"\s*hosts\s*:", line)]
    return "\n".join([*rest, "hosts: files dns"]) + "\n"


def hosts_toml() -> str:
    """containerd's file about the registry, in /etc/containerd/certs.d/REGISTRY/ on every node."""
    url = f"https://{versions.REGISTRY}"
    return f'server = "{url}"\n\n[host."{url}"]\n  capabilities = ["pull", "resolve"]\n  ca = "{CERTS_D}/ca.crt"\n'


def corefile(original: str) -> str:
    """The cluster's Corefile with every question logged.

    The `loop` plugin goes: it asks a random name upstream when it starts, and nothing in the lab may ask outside names.
    """
    lines = [line for line in original.splitlines() if line.strip() != "loop"]
    if not any(line.strip() == "log" for line in lines):
        first = next((number for number, line in enumerate(lines) if line.rstrip().endswith("{")), 0)
        lines.insert(first + 1, "    log")
    return "\n".join(lines) + "\n"

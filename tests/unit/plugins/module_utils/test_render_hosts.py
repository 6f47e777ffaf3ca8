# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts are found in rendered objects, and which are inside."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_hosts as hosts

from tests.unit.fixtures.manifests import config, holmes, pod, variables


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://a.example", ["a.example"]),
        ("see https://A.example:443/x, then http://b.example.", ["a.example", "b.example"]),
        ("https://user:pw@a.example/x", ["a.example"]),
        ("ftp://a.example ftps://b.example sftp://c.example", ["a.example", "b.example", "c.example"]),
        ("git://a.example ssh://git@b.example oci://c.example", ["a.example", "b.example", "c.example"]),
        ("git+https://a.example git+ssh://b.example", ["a.example", "b.example"]),
        ("ws://a.example wss://b.example grpc://c.example grpcs://d.example", [f"{x}.example" for x in "abcd"]),
        ("postgresql://u@a.example postgres://b.example mysql://c.example", [f"{x}.example" for x in "abc"]),
        (
            "mongodb+srv://a.example redis://b.example rediss://c.example amqps://d.example",
            [f"{x}.example" for x in "abcd"],
        ),
        ("ldap://a.example nats://b.example tcp://c.example smtp://d.example", [f"{x}.example" for x in "abcd"]),
        ("git@a.example:group/project.git", ["a.example"]),
        ("http://[2001:db8::1]:80/x", ["2001:db8::1"]),
        ("http://10.0.0.1:8000", ["10.0.0.1"]),
        ("file:///etc/x unix:///run/x builtin://x.jinja2 data:x", []),
        ("https://{{ env.HOST }}/x https://%s https://<host>", []),
        ("xhttps://a.example", []),
        ("mail me@a.example: now", []),
        ("a.example:443", []),
        ("rbac.authorization.k8s.io/v1", []),
    ],
)
def test_hosts_of_a_text(text: str, found: list[str]) -> None:
    assert list(hosts.named(config(x=text))) == found


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("DB_HOST", "db.example", ["db.example"]),
        ("DB_HOST", "db.example:5432", ["db.example"]),
        ("DB_HOST", "db.example:5432/x", ["db.example"]),
        ("API_URL", "a.example/v1", ["a.example"]),
        ("OPENAI_API_BASE", "a.example/v1", ["a.example"]),
        ("HTTPS_PROXY", "proxy.example:3128", ["proxy.example"]),
        ("X_SERVERS", "a.example", ["a.example"]),
        ("X_ADDR", "8.8.8.8:53", ["8.8.8.8"]),
        ("X_ADDRESS", "a.example", ["a.example"]),
        ("X_ENDPOINT", "a.example", ["a.example"]),
        ("hostname", "a.example", ["a.example"]),
        ("apiUrl", "a.example", ["a.example"]),
        ("DATABASE", "a.example", []),
        ("curl", "a.example", []),
        ("VERSION", "a.example", []),
        ("DB_HOST", "localhost", []),
        ("DB_HOST", "1.5", []),
        ("DB_HOST", "two words.example", []),
        ("NO_PROXY", "a.example,b.example", []),
    ],
)
def test_a_bare_host_in_a_place_that_holds_one(name: str, value: str, found: list[str]) -> None:
    assert list(hosts.named(variables(**{name: value}))) == found
    assert list(hosts.named(config(x=f"config:\n  {name}: {value}\n"))) == found


FILE = """\
# https://comment.example
toolsets:
  a:
    url: https://a.example  # https://comment.example
    icon_url: https://icon.example
    docs_url: https://docs.example
    description: at https://words.example
    llm_instructions: ask https://words.example
    installation_instructions: from https://words.example
    headers:
      - name: X
        value: https://b.example
    list: [https://c.example]
"""


def test_a_file_in_a_config_map() -> None:
    assert list(hosts.named(config(x=FILE))) == ["a.example", "b.example", "c.example"]


def test_comments_of_a_text_that_is_no_yaml() -> None:
    text = (
        "#!/bin/sh\ncurl https://a.example # https://b.example\n{ x: [\n  # https://c.example\nhttps://d.example/#x\n"
    )
    assert list(hosts.named(config(x=text))) == ["a.example", "d.example"]


def test_what_is_only_shown_or_told() -> None:
    one = {"metadata": {"annotations": {"a": "https://a.example"}}, "spec": {"icon_url": "https://b.example"}}
    assert list(hosts.named(one)) == []
    inner = {"spec": {"template": {"metadata": {"annotations": {"a": "https://a.example"}}}}}
    assert list(hosts.named(inner)) == []
    assert list(hosts.named(pod(holmes(image="https://a.example/x")))) == []


@pytest.mark.parametrize(
    ("command", "found"),
    [
        (["npx", "-y", "@zereight/mcp-gitlab@2.1.46"], ["registry.npmjs.org"]),
        (["sh", "-c", "npm install -g x"], ["registry.npmjs.org"]),
        (["sh", "-c", "npm ci"], ["registry.npmjs.org"]),
        (["sh", "-c", "pip install x && python -m x"], ["pypi.org"]),
        (["uvx", "x"], ["pypi.org"]),
        (["sh", "-c", "apk add --no-cache git"], ["dl-cdn.alpinelinux.org"]),
        (["sh", "-c", "apt-get -y install git"], ["deb.debian.org"]),
        (["sh", "-c", "apt update"], ["deb.debian.org"]),
        (["sh", "-c", "git clone https://a.example/x"], ["a.example"]),
        (["sh", "-c", "x: y\n# https://b.example\ncurl https://a.example"], ["a.example"]),
        (["python3", "-u", "server.py"], []),
        (["sh", "-c", "echo my-npx notpip install"], []),
    ],
)
def test_programs_that_fetch(command: list[str], found: list[str]) -> None:
    assert list(hosts.named(pod(holmes(command=command)))) == found
    assert list(hosts.named(pod(holmes(args=command)))) == found
    assert not [host for host in hosts.named(config(x=" ".join(command))) if host not in ("a.example", "b.example")]


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("holmes-holmes", True),
        ("localhost", True),
        ("a.b.svc", True),
        ("a.b.svc.cluster.local", True),
        ("a.b.svc.corp", True),
        ("pod.cluster.local", True),
        ("a.corp", True),
        ("a.ns", True),
        ("corp", True),
        ("a.notcorp", False),
        ("a.example", False),
        ("svc.example", False),
        ("2001:db8::1", False),
    ],
)
def test_inside(host: str, inside: bool) -> None:
    assert hosts.is_inside(host, "corp", "ns") is inside


@pytest.mark.parametrize(
    ("host", "public"),
    [
        *(("10.0.0.1", False), ("172.16.0.1", False), ("192.168.0.1", False), ("127.0.0.1", False)),
        *(("169.254.169.254", False), ("fd00::1", False), ("8.8.8.8", True), ("2606:4700::1111", True)),
        *(("a.example", None), ("1.2.3", None)),
    ],
)
def test_addresses(host: str, public: bool | None) -> None:
    assert hosts.address(host) is public


def test_public_names() -> None:
    for host in ("openai.com", "api.openai.com", "o1.ingest.us.sentry.io", "api.groq.com", "registry.npmjs.org"):
        assert hosts.is_public(host)
    for host in ("notopenai.com", "openai.com.site", "groq.com", "grafana.site"):
        assert not hosts.is_public(host)


def test_odd_shapes() -> None:
    odd: t.Any = {"data": None, "spec": [1, None, {"env": [{"name": 1, "value": 2}]}], "x": True}
    assert list(hosts.named(odd)) == []

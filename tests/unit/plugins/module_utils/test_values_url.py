# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of a model server's address."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_url import ANY, NO_V1, V1, judge, shown

LONG = "a" * 63
POD = "that is HolmesGPT's own pod"
CHARACTERS = "its host holds characters that no name of a host has"
LEGAL = "that is no legal URL"
PLACEHOLDER = "that is a placeholder"

FLAWS = [
    ("http://v.n:8000/v1", ""),
    ("http://v.n.svc.cluster.local:8000/v1", ""),
    ("http://v.n.svc.cluster.local.:8000/v1", ""),
    ("http://v-0.v.n.svc.cluster.local:8000/v1", ""),
    ("http://10-0-0-1.n.pod.cluster.local/v1", ""),
    ("http://v.n.svc:8000/v1", ""),
    ("http://v.svc:8000/v1", ""),
    ("HTTPS://V.site.internal/openai/v1/", ""),
    ("http://10.0.0.1:8000/v1", ""),
    ("http://[fd00::1]:8000/v1", ""),
    ("http://my_server.site/v1", ""),
    (f"http://{LONG}.site/v1", ""),
    ("v.n:8000/v1", "it must start with http:// or https://"),
    ("ftp://v.n/v1", "it must start with http:// or https://"),
    ("", "it must start with http:// or https://"),
    ("http:///v1", "it names no host"),
    ("http://./v1", "it names no host"),
    ("http://v.n:80a/v1", LEGAL),
    ("http://v.n:99999/v1", LEGAL),
    ("http://v.n:{port}/v1", LEGAL),
    ("http://[v/v1", LEGAL),
    ("http://fd00::1:8000/v1", LEGAL),
    (" http://v.n/v1", "it contains a space or a line break"),
    ("http://v.n/v1\n", "it contains a space or a line break"),
    ("http://v.n/v 1", "it contains a space or a line break"),
    ("http://v.n/v1?x=1", "it must not have '?' or '#'"),
    ("http://v.n/v1?", "it must not have '?' or '#'"),
    ("http://v.n/v1#x", "it must not have '?' or '#'"),
    ("http://{service}.{namespace}/v1", CHARACTERS),
    ("http://<server>:8000/v1", CHARACTERS),
    ("http://모델.site/v1", CHARACTERS),
    ("http://-v.site/v1", CHARACTERS),
    ("http://v-.site/v1", CHARACTERS),
    ("http://v..site/v1", CHARACTERS),
    (f"http://{LONG}a.site/v1", CHARACTERS),
    ("http://10.0.0.300/v1", CHARACTERS),
    ("http://10.0.0/v1", CHARACTERS),
    ("http://localhost:8000/v1", POD),
    ("http://LOCALHOST/v1", POD),
    ("http://v.localhost/v1", POD),
    ("http://localhost.localdomain/v1", POD),
    ("http://127.0.0.1:8000/v1", POD),
    ("http://127.1.2.3/v1", POD),
    ("http://[::1]:8000/v1", POD),
    ("http://mylocalhost.site/v1", ""),
    ("http://0.0.0.0:8000/v1", "that is no address to call, only one to listen on"),
    ("http://[::]:8000/v1", "that is no address to call, only one to listen on"),
    *(
        (f"http://{name}.internal:8000/v1", "that name exists only in containers on a desktop")
        for name in (
            "host.docker",
            "gateway.docker",
            "host.containers",
            "host.minikube",
            "host.lima",
            "host.rancher-desktop",
        )
    ),
    ("http://host.docker.internal.site/v1", ""),
    ("http://host.site.internal/v1", ""),
    ("https://example.com/v1", PLACEHOLDER),
    ("https://llm.example.org/v1", PLACEHOLDER),
    ("https://llm.example.net/v1", PLACEHOLDER),
    ("https://your-server/v1", PLACEHOLDER),
    ("https://your.server/v1", PLACEHOLDER),
    ("https://yours.site/v1", ""),
    ("https://example.company.com/v1", ""),
    ("https://myexample.com/v1", ""),
    ("http://v.n.cluster.local/v1", "'.svc' is missing before '.cluster.local'"),
    ("http://v.svc.n.cluster.local/v1", "'.svc' is missing before '.cluster.local'"),
    ("http://v.svc.cluster.local/v1", "it lacks the namespace: SERVICE.NAMESPACE.svc.cluster.local"),
    ("http://v.n.svc.cluster.locl/v1", "it ends in '.cluster.locl', while the cluster's domain is 'cluster.local'"),
    ("http://v.n.svc.clusterlocal/v1", "it ends in '.clusterlocal', while the cluster's domain is 'cluster.local'"),
    ("http://v.n.svc.cluster/v1", "it ends in '.cluster', while the cluster's domain is 'cluster.local'"),
    ("http://v.n.svc.local/v1", "it ends in '.local', while the cluster's domain is 'cluster.local'"),
    ("http://v.n.scv.cluster.loacl/v1", "it ends in '.cluster.loacl', while the cluster's domain is 'cluster.local'"),
    ("http://v.n.muster.local/v1", ""),
    ("http://v.n.svc.site.internal/v1", ""),
    ("http://cluster.local/v1", "it ends in '.cluster.local', while the cluster's domain is 'cluster.local'"),
    ("http://v.n/v1/chat/completions", "'/chat/completions' must be cut: LiteLLM adds it"),
    ("http://v.n/v1/chat/", "'/chat' must be cut: LiteLLM adds it"),
    ("http://v.n/v1/completions", "'/completions' must be cut: LiteLLM adds it"),
    ("http://v.n/v1/models", "'/models' must be cut: LiteLLM adds it"),
    ("http://v.n/v1/responses", "'/responses' must be cut: LiteLLM adds it"),
    ("http://v.n/v1/embeddings", "'/embeddings' must be cut: LiteLLM adds it"),
    ("http://v.n/v1/v1", "'/v1' stands there twice"),
    ("http://v.n/v1/v1/", "'/v1' stands there twice"),
    ("http://v.n/v1/v1x/v1", ""),
    ("http://v.n//v1", "'//' stands in its path"),
    ("http://v.n:8000", "it must end in /v1"),
    ("http://v.n:8000/", "it must end in /v1"),
    ("http://v.n:8000/V1", "it must end in /v1"),
    ("http://v.n:8000/v10", "it must end in /v1"),
]


@pytest.mark.parametrize(("url", "flaw"), FLAWS)
def test_flaws(url: str, flaw: str) -> None:
    assert judge(url, V1, "holmes", "cluster.local").flaw == flaw


@pytest.mark.parametrize(
    ("url", "ending", "flaw"),
    [
        ("http://v.n:11434", ANY, ""),
        ("http://v.n:11434/v1", ANY, ""),
        ("http://v.n:11434", NO_V1, ""),
        ("http://v.n:11434/api", NO_V1, ""),
        ("http://v.n:11434/v1/", NO_V1, "this provider adds the path itself, so '/v1' must be cut"),
        ("http://v.n//x", ANY, "'//' stands in its path"),
    ],
)
def test_other_endings(url: str, ending: str, flaw: str) -> None:
    assert judge(url, ending, "holmes", "cluster.local").flaw == flaw


@pytest.mark.parametrize(
    ("host", "flaw"),
    [
        ("v.n.svc.k8s.site", ""),
        ("v.n.k8s.site", "'.svc' is missing before '.k8s.site'"),
        ("v.svc.k8s.site", "it lacks the namespace: SERVICE.NAMESPACE.svc.k8s.site"),
        ("v.n.svc.cluster.local", "it ends in '.cluster.local', while the cluster's domain is 'k8s.site'"),
        ("v.n.cluster.local", "it ends in '.cluster.local', while the cluster's domain is 'k8s.site'"),
        ("v.n.svc.k8s", "it ends in '.k8s', while the cluster's domain is 'k8s.site'"),
        ("v.n.svc.k8.site", "it ends in '.k8.site', while the cluster's domain is 'k8s.site'"),
        ("v.n.svc", ""),
    ],
)
def test_another_domain_of_the_cluster(host: str, flaw: str) -> None:
    assert judge(f"http://{host}/v1", V1, "holmes", "k8s.site").flaw == flaw


@pytest.mark.parametrize(
    ("url", "doubt"),
    [
        ("http://v.n:443/v1", "port 443 is not that of http"),
        ("https://v.n:80/v1", "port 80 is not that of https"),
        ("https://v.n:443/v1", ""),
        ("http://v.n:80/v1", ""),
        ("http://v.n/v1", ""),
        ("http://vllm:8000/v1", "a name of one word is found only in the namespace 'ai' of HolmesGPT itself"),
        ("http://[fd00::1]/v1", ""),
        ("http://v.n.svc.lab.corp/v1", "it is in the domain 'lab.corp', and not in the cluster's, 'cluster.local'"),
        ("http://v.n.svc.cluster.local/v1", ""),
        ("http://v.n.svc/v1", ""),
        ("http://v.svc.lab.corp/v1", ""),
        # A flaw is enough.
        ("http://vllm:443", ""),
    ],
)
def test_doubts(url: str, doubt: str) -> None:
    assert judge(url, V1, "ai", "cluster.local").doubt == doubt


@pytest.mark.parametrize(
    ("url", "remarks"),
    [
        ("http://v.n:8000/v1", ()),
        ("http://v.n/v1", ("v.n: port 80 is asked for",)),
        ("https://v.n/v1", ("v.n: port 443 is asked for",)),
        ("https://10.0.0.1:8443/v1", ("10.0.0.1: the certificate must name this address",)),
        ("http://10.0.0.1:8000/v1", ()),
        ("https://v.n:8443/v1", ()),
    ],
)
def test_remarks(url: str, remarks: tuple[str, ...]) -> None:
    assert judge(url, V1, "holmes", "cluster.local").remarks == remarks


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://v/v1", "http://v/v1"),
        ("http://user:hunter2@v/v1", "http://********@v/v1"),
        ("http://a@b@v/v1", "http://********@v/v1"),
        ("http://v/v1?key=hunter2", "http://v/v1"),
        ("http://v/v1#hunter2", "http://v/v1"),
        ("http://v/a@b", "http://v/a@b"),
        ("user:hunter2@v/v1", "********@v/v1"),
        ("nothing", "nothing"),
    ],
)
def test_what_is_shown_of_it(url: str, told: str) -> None:
    assert shown(url) == told

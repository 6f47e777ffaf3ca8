# SPDX-License-Identifier: GPL-3.0-or-later
"""Strategies for sensible intents: what an operator of a cut-off site could mean, in every combination."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import typing as t
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from tests.unit.fixtures.values_world import NEW, certificate, chart

Intent = dict[str, t.Any]

label = st.from_regex(r"[a-z]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
secret_key = st.from_regex(r"[a-zA-Z][a-zA-Z0-9._-]{0,12}", fullmatch=True)
reference = st.fixed_dictionaries({"secret": label, "key": secret_key})
ports = st.integers(1, 65535)
hosts = st.builds(
    "{}.{}".format, label, st.sampled_from(("site.internal", "inference.svc.cluster.local", "example", "10.0.0.1.nip"))
)
urls = st.builds(
    "{}://{}{}{}/v1{}".format,
    st.sampled_from(("http", "https")),
    hosts,
    st.one_of(st.just(""), ports.map(":{}".format)),
    st.sampled_from(("", "/vllm", "/a/b")),
    st.sampled_from(("", "/")),
)
services = st.fixed_dictionaries(
    {"name": label, "namespace": label, "port": ports},
    optional={"scheme": st.sampled_from(("http", "https")), "path": st.sampled_from(("/v1", "v1", "/api/v1/"))},
)
# Served names; those that make LiteLLM look for a tokenizer are a warning, not a failure.
served = st.one_of(
    st.from_regex(r"[A-Za-z][A-Za-z0-9._-]{0,14}(/[A-Za-z][A-Za-z0-9._-]{0,14})?", fullmatch=True),
    st.sampled_from(
        ("gpt-oss-120b", "Qwen/Qwen3-32B", "openai/gpt-oss-20b", "hosted_vllm/llama-3.3", "meta-llama/Llama-3.1-8B")
    ),
)
aliases = st.from_regex(r"[A-Za-z][A-Za-z0-9._-]{0,10}", fullmatch=True)
litellm = {
    "temperature": st.one_of(st.integers(0, 2), st.floats(0, 2, allow_nan=False)),
    "top_p": st.floats(0.1, 1),
    "extra_headers": st.dictionaries(st.sampled_from(("X-Team", "X-Route")), label, max_size=2),
    "extra_body": st.fixed_dictionaries({"chat_template_kwargs": st.fixed_dictionaries({"thinking": st.booleans()})}),
}
# Names of which HolmesGPT expects nothing special.
names = st.one_of(
    st.sampled_from(("TZ", "NO_PROXY", "LANG")),
    st.from_regex(r"(SITE|APP)_[A-Z][A-Z0-9]{0,8}", fullmatch=True),
)
plain = st.one_of(
    st.booleans(),
    st.integers(-10, 10**6),
    st.sampled_from(("", "a", "a b", "1e3", "yes", "null", "a\nb", "'", '"', "#")),
    label,
)
memory = {
    "requests": st.sampled_from(("2Gi", "2048Mi", "1G", 2147483648, "2.0Gi", "2097152Ki")),
    "limits": st.sampled_from(("2Gi", "4096Mi", "3G", 2147483648)),
}


@cache
def authority() -> str:
    """Path of a good certificate authority."""
    folder = tempfile.mkdtemp(prefix="values-")
    atexit.register(shutil.rmtree, folder)
    path = Path(folder, "ca.pem")
    path.write_text(certificate()[0])
    return str(path)


@st.composite
def limits(draw: st.DrawFn) -> dict[str, int]:
    output = draw(st.integers(1024, 64_000))
    return {"context_window": output + 8192 + draw(st.integers(0, 10**6)), "max_output_tokens": output}


@st.composite
def models(draw: st.DrawFn, has_endpoint: bool) -> dict[str, t.Any]:
    """One to four aliases; without a common endpoint each has its own."""
    found = {}
    for alias in draw(st.lists(aliases, min_size=1, max_size=4, unique_by=lambda text: text.upper().translate(_SAME))):
        entry = {"model": draw(served), **draw(st.fixed_dictionaries({}, optional=litellm))}
        if not has_endpoint or draw(st.integers(0, 3)) == 0:
            entry.update(
                draw(st.one_of(st.fixed_dictionaries({"api_base": urls}), st.fixed_dictionaries({"service": services})))
            )
        if draw(st.integers(0, 3)) == 0:
            entry["api_key"] = draw(reference)
        found[alias] = entry
    return found


_SAME = str.maketrans(".-", "__")


@st.composite
def sensible(draw: st.DrawFn, path: Path = NEW) -> Intent:
    """Options that make a good installation of this chart, also in unusual combinations."""
    version = path.name.rpartition("-")[2]
    llm: dict[str, t.Any] = draw(limits())
    has_endpoint = draw(st.booleans())
    if has_endpoint:
        llm.update(
            draw(st.one_of(st.fixed_dictionaries({"api_base": urls}), st.fixed_dictionaries({"service": services})))
        )
        if draw(st.booleans()):
            llm["api_key"] = draw(reference)
    made = draw(models(has_endpoint))
    intent: Intent = {
        "release_name": draw(label),
        "namespace": draw(label),
        "registry": draw(st.builds("{}:{}/{}".format, hosts, ports, label)),
        "image": f"holmes:{version}",
        "llm": llm,
        "models": made,
        **draw(st.fixed_dictionaries({}, optional=_optional(path))),
    }
    if draw(st.booleans()):
        intent["default_model"] = draw(st.sampled_from(sorted(made)))
    if draw(st.booleans()):
        intent["ca_file"] = authority()
    return intent


def _optional(path: Path) -> dict[str, st.SearchStrategy[t.Any]]:
    shipped = sorted(chart(path).values["toolsets"])
    found: dict[str, st.SearchStrategy[t.Any]] = {
        "profile": st.sampled_from(("airgap", "none")),
        "image_pull_secrets": st.lists(label, max_size=3, unique=True),
        "env": st.dictionaries(names, st.one_of(plain, reference), max_size=4),
        "holmes_api_key": reference,
        "toolsets": st.dictionaries(
            st.sampled_from(shipped), st.fixed_dictionaries({"enabled": st.booleans()}), max_size=3
        ),
        "resources": st.fixed_dictionaries(
            {}, optional={kind: st.fixed_dictionaries({"memory": quantity}) for kind, quantity in memory.items()}
        ),
        "rbac": rbac(path),
        "rollout_token": st.from_regex(r"[0-9a-f]{8,64}", fullmatch=True),
    }
    if path == NEW:
        found["pod_security"] = st.sampled_from(("chart", "restricted"))
    return found


def rbac(path: Path) -> st.SearchStrategy[Intent]:
    """Rights that only read."""
    rule = st.fixed_dictionaries(
        {
            "apiGroups": st.sampled_from(([""], ["apps"], ["example.com"])),
            "resources": st.lists(st.sampled_from(("pods", "events", "widgets")), min_size=1, max_size=2, unique=True),
            "verbs": st.lists(st.sampled_from(("get", "list", "watch")), min_size=1, max_size=3, unique=True),
        }
    )
    own = st.fixed_dictionaries({"create": st.just(False), "service_account": label})
    rights: dict[str, st.SearchStrategy[t.Any]] = {
        "custom_cluster_role_rules": st.lists(rule, max_size=2),
        "openshift": st.booleans(),
    }
    if path == NEW:
        rights["crd_permissions"] = st.dictionaries(
            st.sampled_from(("argo", "flux", "keda")), st.booleans(), max_size=2
        )
    return st.one_of(own, st.fixed_dictionaries({}, optional=rights))

# SPDX-License-Identifier: GPL-3.0-or-later
"""Strategies that put a secret where none belongs: into values, options, names."""

from __future__ import annotations

import copy
import typing as t

from hypothesis import strategies as st

from tests.property.garbage import parent, places
from tests.property.samples import RICH, Values
from tests.property.secret_texts import PASSWORDS, Planted, by_shape, in_url, key_file

NAMES = (
    *(
        "api_key",
        "apiKey",
        "API_KEY",
        "api-key",
        "OPENAI_API_KEY",
        "token",
        "ARGOCD_AUTH_TOKEN",
        "accessToken",
        "bearer_token",
    ),
    *("password", "DB_PASSWORD", "grafanaPassword", "passwd", "passphrase", "secret", "client_secret", "clientSecret"),
    *("credentials", "Authorization", "private_key", "AWS_SECRET_ACCESS_KEY", "signingSecret"),
)
texts_anywhere = st.one_of(by_shape(), in_url(), key_file())


@st.composite
def values(draw: st.DrawFn) -> tuple[Values, Planted]:
    """Good values with one secret in them."""
    data = copy.deepcopy(RICH)
    path = draw(st.sampled_from(places(data)))
    where, key = parent(data, path), path[-1]
    how = draw(
        st.sampled_from(("replace", "beside", "inside a list", "named", "named", "variable", "variable", "wrapped"))
    )
    planted = draw(texts_anywhere)
    if how == "replace" or (how == "beside" and isinstance(where, list)):
        where[key] = planted.text
    elif how == "beside":
        where["note"] = planted.text
    elif how == "inside a list":
        where[key] = [where[key], planted.text]
    elif how == "wrapped":
        where[key] = {"a": {"b": [{"c": planted.text}]}}
    elif how == "named":
        planted = _any_text(draw)
        where[key] = {
            **(where[key] if isinstance(where[key], dict) else {}),
            draw(st.sampled_from(NAMES)): planted.text,
        }
    else:
        planted = _any_text(draw)
        listing = draw(st.sampled_from(("additionalEnvVars", "additional_env_vars")))
        name = draw(st.sampled_from((*NAMES, "SECRET_KEY", "DJANGO_SECRET_KEY"))).replace("-", "_")
        data[listing].append({"name": name, "value": planted.text})
    return data, planted


def _any_text(draw: st.DrawFn) -> Planted:
    """A password has no shape; its name tells."""
    if draw(st.booleans()):
        return draw(texts_anywhere)
    core = draw(PASSWORDS)
    # Characters that readers, Go, JSON and Python write in another way when they quote a text.
    around = (
        ("", ""),
        ("Bearer ", ""),
        (" ", "\n"),
        ("", ":x"),
        ('"', ""),
        ("", "'"),
        ("\\", ""),
        ("", "\u00e9"),
        ("\u00a0", ""),
        ("%", "$"),
        ("", "\nx"),
        ("<", ">&"),
    )
    before, after = draw(st.sampled_from(around))
    return Planted(core, f"{before}{core}{after}")


@st.composite
def as_keys(draw: st.DrawFn) -> tuple[Values, Planted]:
    """Good values in which a key of a known kind stands where the name of something belongs."""
    data = copy.deepcopy(RICH)
    path = draw(st.sampled_from([place for place in places(data) if isinstance(parent(data, place), dict)]))
    planted = draw(by_shape())
    parent(data, path)[planted.text] = draw(st.sampled_from((1, "x", {}, {"model": "openai/m"}, {"enabled": True})))
    return data, planted


@st.composite
def intents(draw: st.DrawFn) -> tuple[dict[str, t.Any], Planted]:
    """Options with a secret where a reference belongs, or in an address."""
    planted = _any_text(draw)
    text: t.Any = planted.text
    wrong = draw(
        st.sampled_from(
            (text, [text], {"secret": text}, {"secret": text, "key": "k"}, {"secret": "s", "key": [text]}, {text: 1})
        )
    )
    address = draw(in_url())
    shaped = draw(by_shape())
    made: list[tuple[dict[str, t.Any], Planted]] = [
        ({"llm": {"api_base": "http://h/v1", "api_key": text}}, planted),
        ({"llm": {"api_base": address.text}}, address),
        ({"models": {"a": {"model": "m", "api_key": text}}}, planted),
        ({"models": {"a": {"model": "m", "api_base": address.text}}}, address),
        ({"models": {"a": {"model": "m", "extra_headers": {"Authorization": text}}}}, planted),
        ({"models": {"a": shaped.text}}, shaped),
        ({"models": text}, planted),
        ({"env": {"A_TOKEN": text}}, planted),
        ({"env": {"PLAIN": shaped.text}}, shaped),
        ({"env": text}, planted),
        ({"toolsets": {"grafana/loki": {"enabled": True, "config": {"api_key": text}}}}, planted),
        ({"toolsets": text}, planted),
        ({"holmes_api_key": text}, planted),
        ({"values": text}, planted),
        ({"values": {"modelList": shaped.text}}, shaped),
        ({"registry": address.text}, address),
    ]
    if wrong != {"secret": text, "key": "k"} or planted.core.startswith(("sk-", "gh", "glpat-")):
        made += [
            ({"llm": {"api_base": "http://h/v1", "api_key": wrong}}, planted),
            ({"holmes_api_key": wrong}, planted),
        ]
        made += [({"env": {"A_TOKEN": wrong}}, planted), ({"models": {"a": {"model": "m", "api_key": wrong}}}, planted)]
    return draw(st.sampled_from(made))

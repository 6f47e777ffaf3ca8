# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret is hidden in every form in which somebody may quote it."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus, urlencode

import pytest
import yaml
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secret_mask import MASK, hide

SECRETS = [
    "hunter2xyz",
    "p4ss w0rd of the site",
    "quo\"te\\and'more",
    "a<b>&c=d+e/f?g",
    "zürich-schlüssel",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQ==\n-----END PRIVATE KEY-----\n",
    "tab\tand\nline",
]


def inner(text: str) -> list[str]:
    """What must not be readable: the secret's lines without the common first and last one of a key."""
    return [line.strip() for line in text.splitlines() if len(line.strip()) >= 4 and "-----" not in line]


def forms(secret: str) -> list[str]:
    url_safe = base64.urlsafe_b64encode(secret.encode()).decode()
    go = json.dumps(secret).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return [
        secret,
        secret.strip().replace("\n", " "),
        " ".join(secret.split()),
        json.dumps(secret),
        json.dumps(secret, ensure_ascii=False),
        json.dumps(json.dumps(secret)),
        go,
        repr(secret),
        secret.replace("'", "''"),
        yaml.safe_dump({"a": secret}, allow_unicode=True),
        yaml.safe_dump({"a": secret}, width=10**6, allow_unicode=True),
        yaml.safe_dump({"a": secret}, default_style='"', width=10**6, allow_unicode=True),
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        urlencode({"key": secret}),
        base64.b64encode(secret.encode()).decode(),
        url_safe,
        *(base64.b64encode(("x" * shift + secret + "yz").encode()).decode() for shift in range(7)),
    ]


@pytest.mark.parametrize("secret", SECRETS)
def test_every_form(secret: str) -> None:
    for form in forms(secret):
        hidden = hide(f"Error: before {form} after", [secret])
        assert hidden.startswith("Error: before ") and hidden.endswith(" after") and MASK in hidden
        assert [line for line in inner(secret) if line in hidden or line in hidden.replace("\\", "")] == [], form


@pytest.mark.parametrize("shift", range(7))
@pytest.mark.parametrize("secret", ["hunter2xyz", "hunter2", "a secret of thirty-one letters!"])
def test_what_is_left_of_an_encoding_does_not_tell(secret: str, shift: int) -> None:
    coded = base64.b64encode((b"#" * shift) + secret.encode() + b"%%").decode()
    hidden = hide(coded, [secret])
    assert MASK in hidden
    # At either end one character of the secret may share its bits with a neighbour.
    rest = [part + "=" * (-len(part) % 4) for part in hidden.split(MASK)]
    readable = "".join(base64.b64decode(part.encode(), validate=False).decode("latin-1") for part in rest)
    assert not any(secret[start : start + 3] in readable for start in range(len(secret) - 2))


def test_the_beginning_that_go_quotes() -> None:
    text = "yaml: unmarshal errors: line 3: cannot unmarshal !!str `hunter2...` into map"
    assert "hunter2" not in hide(text, ["hunter2xyzabc"])
    assert hide("hunter2... and more", ["hunter2xyz"]) == "hunter2... and more", "shorter ones are quoted whole"


def test_longer_ones_first_and_overlaps_whole() -> None:
    assert hide("hunter2xyz and hunter2x, abc", ["hunter2x", "hunter2xyz", "abc"]) == f"{MASK} and {MASK}, abc"
    assert hide("-abcdefgh-", ["abcdef", "defgh"]) == f"-{MASK}-"
    assert hide("abcdefabcdef", ["abcdef"]) == MASK
    assert hide("aaaaa", ["aaaa"]) == MASK
    assert hide("abcd efgh", ["abcd", "efgh"]) == f"{MASK} {MASK}"


@pytest.mark.parametrize("secret", ["", "abc", " a \n b ", "\n\n"])
def test_short_ones_would_only_destroy_the_text(secret: str) -> None:
    text = "abc is a word, b as well"
    assert hide(text, [secret]) == text


def test_lines_of_a_secret() -> None:
    secret = "first line\n  second line  \nabc\n"
    assert hide("see 'second line' and abc", [secret]) == f"see '{MASK}' and abc"


def test_without_secrets_nothing_changes() -> None:
    assert hide("text", []) == "text"
    assert hide("", ["hunter2x"]) == ""

# SPDX-License-Identifier: GPL-3.0-or-later
"""Strategies for secrets: keys of known kinds, passwords, addresses with a password, key files; text around them."""

from __future__ import annotations

import hashlib
import string
from dataclasses import dataclass

from hypothesis import strategies as st

ALNUM = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Planted:
    """``core`` must not be seen anywhere; ``text`` holds it."""

    core: str
    text: str

    @property
    def halves(self) -> tuple[str, str]:
        """A part of it is as bad; half of it is enough to find the rest."""
        length = max(8, len(self.core) // 2)
        return self.core[:length], self.core[-length:]


def _some(alphabet: str, least: int, most: int = 40) -> st.SearchStrategy[str]:
    """Text that looks random and so stands nowhere else, even in a minimal example."""

    def spelled(seed: int, length: int) -> str:
        drawn = hashlib.shake_256(str(seed).encode()).digest(length)
        return "".join(alphabet[byte % len(alphabet)] for byte in drawn)

    return st.builds(spelled, st.integers(0, 2**64), st.integers(least, max(least, most)))


def _shape(prefix: str, alphabet: str, least: int, most: int = 40) -> st.SearchStrategy[str]:
    return _some(alphabet, least, most).map(lambda rest: prefix + rest)


# As their makers write them. Random, so that no list of examples is enough.
keys_by_shape = st.one_of(
    _shape("sk-", ALNUM + "_-", 20),
    _shape("sk-proj-", ALNUM, 24),
    *(_shape(f"gh{kind}_", ALNUM, 36, 36) for kind in "pousr"),
    _shape("glpat-", ALNUM + "_-", 20, 20),
    _shape("xoxb-", string.digits + "-", 12),
    _shape("hf_", ALNUM, 34, 34),
    _shape("AKIA", string.ascii_uppercase + string.digits, 16, 16),
    _shape("glsa_", ALNUM + "_", 32, 40),
    _shape("github_pat_", ALNUM + "_", 82, 82),
    _shape("nvapi-", ALNUM + "_-", 64, 64),
    _shape("gsk_", ALNUM, 52, 52),
    _shape("npm_", ALNUM, 36, 36),
    _shape("AIza", ALNUM + "_-", 35, 35),
    _shape("hvs.", ALNUM, 24, 90),
    st.builds("eyJ{}.eyJ{}.{}".format, _some(ALNUM, 20), _some(ALNUM, 20), _some(ALNUM, 20)),
)
# What stands around a key in a header, an address, a command line or a note.
_AROUND = (
    *(("", ""), ("Bearer ", ""), ("token=", ""), ("key: ", ""), ('"', '"'), ("'", "'"), ("\t", "\n"), ("a\n", "\nb")),
    *(
        ("(", ")"),
        ("[", "]"),
        ("<", ">"),
        (",", ","),
        (";", ""),
        ("|", "|"),
        ("`", "`"),
        ("{", "}"),
        ("/", ""),
        ("https://h/?k=", "&x=1"),
    ),
    *(
        ("X-API-Key:", ""),
        ("--key=", " --more"),
        ("\u00a0", ""),
        ("키 ", " 입니다"),
        ("{{ env.X }}", ""),
        ("", "{{ env.X }}"),
        ("{{ env.X }}", "{{ env.Y }}"),
        ('{{ "', '" }}'),
        ("basic ", ""),
    ),
)
PASSWORDS = _some(ALNUM, 8, 24).map(lambda text: f"Zq7{text}")


@st.composite
def by_shape(draw: st.DrawFn) -> Planted:
    """A key of a known kind, with something around it."""
    core = draw(keys_by_shape)
    before, after = draw(st.sampled_from(_AROUND))
    return Planted(core, f"{before}{core}{after}")


@st.composite
def in_url(draw: st.DrawFn) -> Planted:
    password = draw(PASSWORDS)
    scheme = draw(st.sampled_from(("http", "https", "postgresql", "redis", "amqp")))
    return Planted(password, f"{scheme}://{draw(st.sampled_from(('u', 'user', '')))}:{password}@host.example:80/v1")


@st.composite
def key_file(draw: st.DrawFn) -> Planted:
    body = draw(_some(ALNUM + "+/", 64, 64))
    kind = draw(st.sampled_from(("", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ")))
    return Planted(body, f"-----BEGIN {kind}PRIVATE KEY-----\n{body}\n-----END {kind}PRIVATE KEY-----\n")

# SPDX-License-Identifier: GPL-3.0-or-later
"""Command line and environment of the double. Every option has a variable: ``--tls-port`` is MODEL_SERVER_TLS_PORT."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from .errors import CURRENT, VERSIONS

DESCRIPTION = """A DOUBLE of a vLLM model server for tests: it speaks vLLM's OpenAI-compatible API and calls tools, but
there is no model in it. Faults are switched at the admin port while it runs (see README.md beside this program)."""


class SettingsError(ValueError):
    """Settings that cannot work; the text is one sentence."""


@dataclass(frozen=True)
class Settings:
    """How the double runs. Ports: 0 means any free one, None means not at all."""

    host: str = "127.0.0.1"
    port: int = 8000
    tls_port: int | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    bad_cert_dir: Path | None = None
    admin_host: str = "127.0.0.1"
    admin_port: int = 8001
    model: str = "gpt-oss-120b"
    max_model_len: int = 131072
    api_key: str | None = None
    api_key_file: Path | None = None
    require_key: str = "all"
    vllm_version: str = CURRENT

    def check(self) -> Settings:
        """Raise SettingsError when the settings contradict each other."""
        if self.tls_port is not None and not (self.tls_cert and self.tls_key):
            raise SettingsError("--tls-port needs --tls-cert and --tls-key, PEM files of a certificate and its key.")
        for option, path in (("--tls-cert", self.tls_cert), ("--tls-key", self.tls_key)):
            if path is not None and not path.is_file():
                raise SettingsError(f"{option}: there is no file {path}.")
        if self.bad_cert_dir is not None and not self.bad_cert_dir.is_dir():
            raise SettingsError(f"--bad-cert-dir: there is no directory {self.bad_cert_dir}.")
        if self.api_key_file is not None and not self.accepted_keys():
            raise SettingsError(f"--api-key-file: {self.api_key_file} cannot be read or holds no key.")
        if self.require_key == "tls" and self.tls_port is None:
            raise SettingsError("--require-key tls makes no sense without --tls-port.")
        return self

    def accepted_keys(self) -> set[str]:
        """The keys that are accepted now, one a line. The file is read each time: a mounted Secret may be rotated."""
        found = {self.api_key} if self.api_key else set()
        if self.api_key_file is not None:
            with contextlib.suppress(OSError, UnicodeDecodeError):
                found |= {line.strip() for line in self.api_key_file.read_text(encoding="utf-8").splitlines()}
        return {key for key in found if key}

    def key_needed(self, port: str) -> bool:
        """Whether requests at ``plain`` or ``tls`` need a key."""
        return bool(self.api_key or self.api_key_file) and self.require_key in ("all", port)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SettingsError(f"{message[:1].upper()}{message[1:]}; see --help.")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def _name(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("it must not be empty")
    return text


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = _Parser(prog="model_server", description=DESCRIPTION, allow_abbrev=False)
    default = Settings()

    def add(name: str, kind: Callable[[str], Any], text: str, **more: Any) -> None:
        variable = "MODEL_SERVER_" + name.upper().replace("-", "_")
        value = getattr(default, name.replace("-", "_"))
        given = environ.get(variable) or None
        shown = "none" if value is None else value
        parser.add_argument(
            f"--{name}",
            type=kind,
            default=value if given is None else given,
            help=f"{text} (variable {variable}; default: {shown})",
            **more,
        )

    add("host", _name, "address of the plain and the TLS port; 0.0.0.0 in a pod")
    add("port", _port, "port for plain HTTP; 0 takes a free one")
    add("tls-port", _port, "port for HTTPS; 0 takes a free one")
    add("tls-cert", Path, "PEM file with the certificate chain")
    add("tls-key", Path, "PEM file with its private key")
    add("bad-cert-dir", Path, "directory of NAME.crt and NAME.key, for the fault `certificate`")
    add("admin-host", _name, "address of the admin port; kubectl port-forward reaches 127.0.0.1 in a pod")
    add("admin-port", _port, "port for faults and the request log; 0 takes a free one")
    add("model", _name, "name under which the model is served")
    add("max-model-len", _positive, "context length in tokens")
    add("api-key-file", Path, "file with the accepted keys, one a line; read anew at each request")
    add("require-key", str, "ports at which a key is needed, if there is one", choices=("all", "tls", "plain"))
    add("vllm-version", str, "vLLM version whose wording is used", choices=tuple(VERSIONS))
    return parser


def parse(arguments: list[str], environ: Mapping[str, str]) -> Settings:
    """Settings from command line and environment; the key itself only from MODEL_SERVER_API_KEY or a file."""
    parser = _parser(environ)
    values = vars(parser.parse_args(arguments))
    for name, choices in (("require_key", ("all", "tls", "plain")), ("vllm_version", tuple(VERSIONS))):
        if values[name] not in choices:  # argparse does not check defaults, and so not the environment
            raise SettingsError(f"MODEL_SERVER_{name.upper()}: {values[name]!r} is none of {', '.join(choices)}.")
    return Settings(**values, api_key=environ.get("MODEL_SERVER_API_KEY") or None).check()

# SPDX-License-Identifier: GPL-3.0-or-later
"""Start-up of the light HolmesGPT double: certificate, log lines, names it looks up, and the process itself."""

from __future__ import annotations

import base64
import binascii
import errno
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.holmes_image.app.holmes_double.light.certificates import add_certificate
from tests.doubles.holmes_image.app.holmes_double.light.outside import COST_MAP, outside_urls
from tests.doubles.holmes_image.app.holmes_double.light.profiles import profile
from tests.doubles.holmes_image.local import APP, write_kubectl

PEM = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "bundle.crt"
    path.write_bytes(b"others\n")
    return path


def deny(monkeypatch: pytest.MonkeyPatch, bundle: Path, code: int) -> None:
    """Let opening the bundle for appending fail with an error number."""
    opened = Path.open

    def refuse(self: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if self == bundle and mode == "ab":
            raise OSError(code, os.strerror(code))
        return opened(self, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", refuse)


@pytest.mark.parametrize("version", ["0.45.0", "0.16.1"])
@pytest.mark.parametrize("fold", ["", "\n", " "])
def test_certificate_is_appended(bundle: Path, version: str, fold: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = base64.b64encode(PEM).decode()
    assert add_certificate(profile(version), text[:20] + fold + text[20:], bundle) == bundle
    assert bundle.read_bytes() == b"others\n" + PEM
    assert capsys.readouterr().out == "added custom certificate\n"


@pytest.mark.parametrize(
    ("version", "code", "copied"),
    [("0.45.0", errno.EROFS, True), ("0.45.0", errno.EACCES, True), ("0.16.1", errno.EACCES, True)],
)
def test_bundle_that_cannot_be_written_is_copied(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, version: str, code: int, copied: bool
) -> None:
    deny(monkeypatch, bundle, code)
    copy = bundle.parent / "copy.pem"
    assert add_certificate(profile(version), base64.b64encode(PEM).decode(), bundle, copy) == copy
    assert copy.read_bytes() == b"others\n" + PEM and bundle.read_bytes() == b"others\n"


def test_old_version_ends_on_a_read_only_root(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deny(monkeypatch, bundle, errno.EROFS)
    with pytest.raises(OSError, match="Read-only file system"):
        add_certificate(profile("0.16.1"), base64.b64encode(PEM).decode(), bundle, bundle.parent / "copy.pem")


def test_no_certificate(bundle: Path) -> None:
    assert add_certificate(profile("0.45.0"), "", bundle) == bundle and bundle.read_bytes() == b"others\n"


def test_certificate_that_is_not_base64(bundle: Path) -> None:
    with pytest.raises(binascii.Error):
        add_certificate(profile("0.45.0"), "-----BEGIN", bundle)


@pytest.mark.parametrize(
    ("env", "urls"),
    [
        ({}, [COST_MAP]),
        ({"LITELLM_LOCAL_MODEL_COST_MAP": "True"}, []),
        ({"LITELLM_MODEL_COST_MAP_URL": "https://mirror/x"}, ["https://mirror/x"]),
        ({"LITELLM_LOCAL_MODEL_COST_MAP": "true", "SENTRY_DSN": "https://k@sentry/1"}, []),
        ({"LITELLM_LOCAL_MODEL_COST_MAP": "true", "SENTRY_DSN": "https://k@sentry/1", "ENABLE_TELEMETRY": "true"},
         ["https://k@sentry/1"]),
        ({"LITELLM_LOCAL_MODEL_COST_MAP": "true", "ENABLE_TELEMETRY": "true", "SENTRY_DSN": ""}, []),
    ],
)  # fmt: skip
def test_names_outside(env: dict[str, str], urls: list[str]) -> None:
    assert outside_urls(env) == urls


# --- the process, as the chart starts it ---------------------------------------------------------------------------


def start(folder: Path, **env: str) -> tuple[subprocess.Popen[str], int]:
    """The server in a process of its own, with the layout of the image; (process, port)."""
    app = folder / "app"
    app.mkdir()
    (app / "server.py").symlink_to(APP / "server_light.py")
    (folder / "models.yaml").write_text("a: {model: openai/a, api_key: '{{ env.KEY }}', api_base: http://localhost/v1}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    known = {"PATH": f"{write_kubectl(folder / 'bin')}:{os.environ['PATH']}", "HOLMES_HOST": "127.0.0.1"}
    known |= {"HOLMES_PORT": str(port), "MODEL_LIST_FILE_LOCATION": str(folder / "models.yaml")}
    known |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "PYTHONPATH": str(APP)} | env
    command = [sys.executable, "-u", "server.py"]
    process = subprocess.Popen(
        command, cwd=app, env=known, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )  # fmt: skip
    return process, port


def wait(port: int, path: str) -> int:
    """Wait up to 10 s until the server answers; its status."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return int(answer.status)
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server did not answer")


@pytest.mark.parametrize(
    ("version", "number", "lines"),
    [
        (
            "0.45.0",
            signal.SIGINT,
            [
                "logger initialized using INFO log level",
                "No config file found, loading from environment variables",
                r"Loaded models: \['a'\]",
                "Skipping holmes status and toolsets synchronization - not connected to Robusta platform",
                "Holmes API serving HTTP on 127.0.0.1:",
                "Uvicorn running on http://127.0.0.1:",
            ],
        ),
        (
            "0.16.1",
            signal.SIGTERM,
            [
                "^setting up colored logging",
                "No robusta config in /etc/robusta/config/active_playbooks.yaml",
                r"Loaded models: \['a'\]",
                "✅ Toolset kubernetes/core",
                "Failed to synchronise holmes toolsets",
                "Uvicorn running on http://127.0.0.1:",
                'GET /api/model HTTP/1.1" 200',
            ],
        ),
    ],
)
def test_process_starts_and_stops(tmp_path: Path, version: str, number: signal.Signals, lines: list[str]) -> None:
    process, port = start(tmp_path, HOLMES_LIGHT_VERSION=version, KEY="k")
    try:
        assert wait(port, "/api/model") == 200
        process.send_signal(number)
        log, _ = process.communicate(timeout=10)
    finally:
        process.kill()
    assert process.returncode == 0
    where = 0
    for line in lines:
        found = re.compile(line, re.MULTILINE).search(log, where)
        assert found, f"{line!r} is not in, or not in order:\n{log}"
        where = found.end()


@pytest.mark.parametrize(
    ("env", "last"),
    [
        ({}, "ValueError: ENV var replacement KEY does not exist"),
        ({"KEY": "k", "CERTIFICATE": "-----BEGIN"}, "binascii.Error: "),
        ({"HOLMES_LIGHT_VERSION": "9"}, "HOLMES_LIGHT_VERSION='9' is unknown: use one of 0.45.0, 0.16.1"),
    ],
)
def test_process_that_cannot_start(tmp_path: Path, env: dict[str, str], last: str) -> None:
    process, _ = start(tmp_path, **env)
    log, _ = process.communicate(timeout=10)
    assert process.returncode == 1 and log.strip().splitlines()[-1].startswith(last)

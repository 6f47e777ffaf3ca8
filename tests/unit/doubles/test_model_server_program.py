# SPDX-License-Identifier: GPL-3.0-or-later
"""The model server double as a program: options, environment, signals, the control command, the image's content."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.doubles.model_server import control, image
from tests.doubles.model_server.app import App
from tests.doubles.model_server.local import running
from tests.doubles.model_server.settings import Settings, SettingsError, parse
from tests.lab.cache import Cache

DOUBLES = Path(image.__file__).resolve().parents[1]
KEY = "s3cret-canary-key"


def program(*arguments: str, folder: Path = DOUBLES, **environ: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", **environ}
    command = [sys.executable, "-m", "model_server", *arguments]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_defaults() -> None:
    settings = parse([], {})
    assert settings == Settings()
    assert (settings.host, settings.port, settings.admin_host) == ("127.0.0.1", 8000, "127.0.0.1")


def test_environment_and_command_line(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    environ = {
        "MODEL_SERVER_PORT": "1234",
        "MODEL_SERVER_MODEL": "from-env",
        "MODEL_SERVER_API_KEY_FILE": str(tmp_path / "key"),
    }
    settings = parse(["--model", "from-line", "--max-model-len", "32768"], environ)
    assert (settings.port, settings.model, settings.max_model_len) == (1234, "from-line", 32768)
    assert settings.accepted_keys() == {KEY}
    assert parse([], {"MODEL_SERVER_API_KEY": "x"}).accepted_keys() == {"x"}


WRONG = [
    (["--port", "99999"], {}, "Argument --port: '99999' is not a port (0 to 65535); see --help."),
    (["--max-model-len", "0"], {}, "Argument --max-model-len: '0' is not a whole number of at least 1; see --help."),
    (["--max", "1"], {}, "Unrecognized arguments: --max 1; see --help."),
    (["--model", " "], {}, "Argument --model: it must not be empty; see --help."),
    ([], {"MODEL_SERVER_PORT": "http"}, "Argument --port: 'http' is not a port (0 to 65535); see --help."),
    ([], {"MODEL_SERVER_VLLM_VERSION": "1"}, "MODEL_SERVER_VLLM_VERSION: '1' is none of 0.9, 0.10, 0.27."),
    (["--tls-port", "0"], {}, "--tls-port needs --tls-cert and --tls-key, PEM files of a certificate and its key."),
    (["--tls-cert", "/nowhere"], {}, "--tls-cert: there is no file /nowhere."),
    (["--bad-cert-dir", "/nowhere"], {}, "--bad-cert-dir: there is no directory /nowhere."),
    (["--api-key-file", "/nowhere"], {}, "--api-key-file: /nowhere cannot be read or holds no key."),
    (["--require-key", "tls"], {}, "--require-key tls makes no sense without --tls-port."),
]


@pytest.mark.parametrize(("arguments", "environ", "sentence"), WRONG)
def test_wrong_settings_are_one_sentence(arguments: list[str], environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(arguments, environ)
    assert str(caught.value) == sentence


def test_a_taken_port_and_a_bad_certificate_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("no certificate")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"^Cannot listen on 127.0.0.1 port {port}: Address already in use.$"):
            App(Settings(port=port, admin_port=0))
    bad = tmp_path / "x.pem"
    with pytest.raises(SettingsError, match=f"^The certificate {bad} with the key {bad} cannot be used: "):
        App(Settings(port=0, admin_port=0, tls_port=0, tls_cert=bad, tls_key=bad))


def test_help_names_every_option() -> None:
    process = program("--help")
    out, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    for name in Settings.__dataclass_fields__:
        if name != "api_key":  # never on a command line
            assert f"--{name.replace('_', '-')}" in out
            assert f"MODEL_SERVER_{name.upper()}" in out
    assert "--api-key " not in out


def test_it_runs_until_it_is_told_to_stop() -> None:
    process = program("--port", "0", "--admin-port", "0", MODEL_SERVER_MODEL="some-model")
    assert process.stdout is not None
    line = process.stdout.readline()
    assert re.search(r"double .*some-model, http port \d+, admin port \d+", line)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (0, "")


def test_wrong_options_end_with_two_and_no_traceback() -> None:
    process = program("--port", "x")
    _, err = process.communicate(timeout=10)
    assert process.returncode == 2
    assert err == "model_server: Argument --port: 'x' is not a port (0 to 65535); see --help.\n"


def test_control(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as double:
        monkeypatch.setenv("MODEL_SERVER_ADMIN", f"127.0.0.1:{double.admin_port}")
        assert control.main(["faults", '{"http_503": {}}']) == 0
        assert double.chat("hello").status == 503
        assert control.main(["faults", '{"nothing": {}}']) == 1
        assert 'Unknown fault \\"nothing\\"' in capsys.readouterr().out
        assert control.main(["reset"]) == 0
        assert double.chat("hello").status == 200
        assert control.main(["requests"]) == 0
        assert '"status": 503' in capsys.readouterr().out
        assert control.main(["clear"]) == 0
        assert double.requests() == []
    assert control.main(["reset"]) == 1
    assert "no admin port answers" in capsys.readouterr().err
    assert control.main(["wrong"]) == 2


def test_the_image_holds_all_that_the_program_needs(tmp_path: Path) -> None:
    layers = [tmp_path / "one.tar", tmp_path / "two.tar"]
    for layer in layers:
        image.application_layer(layer)
    assert layers[0].read_bytes() == layers[1].read_bytes()
    with tarfile.open(layers[0]) as tar:
        names = tar.getnames()
        tar.extractall(tmp_path / "root", filter="data")
    assert f"{image.TARGET}/__main__.py" in names
    assert not any(name.endswith(("image.py", "local.py")) for name in names)
    process = program("--port", "0", "--admin-port", "0", folder=tmp_path / "root/opt/doubles")
    assert process.stdout is not None
    assert "http port" in process.stdout.readline()
    process.terminate()
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_the_image_is_built_from_its_layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = tmp_path / "root.tar"
    with tarfile.open(base, "w") as tar:
        tar.addfile(tarfile.TarInfo("bin"))
    monkeypatch.setattr(image, "debian_layer", lambda cache: base)
    cache = Cache(tmp_path / "cache")
    cache.prepare()
    archive = image.build(cache, tmp_path / "out.tar")
    again = image.build(cache)
    assert archive.read_bytes() == again.read_bytes()
    with tarfile.open(archive) as tar:
        blobs = {name: tar.extractfile(name) for name in tar.getnames() if name.startswith("blobs/")}
        documents = [json.load(blob) for blob in blobs.values() if blob and blob.peek(1)[:1] == b"{"]  # type: ignore[attr-defined]
    config = next(document["config"] for document in documents if "rootfs" in document)
    assert config["Entrypoint"] == ["python3", "-m", "model_server"]
    assert config["User"] == image.USER
    assert "PYTHONPATH=/opt/doubles" in config["Env"]


def test_the_manifests_fit_the_program_and_the_image() -> None:
    text = (DOUBLES / "model_server/manifests.yaml").read_text()
    assert f"image: {image.NAME}\n" in text
    assert f"runAsUser: {image.USER.split(':')[0]}\n" in text
    variables = {name: value for name, value in re.findall(r"name: (MODEL_SERVER_\w+), value: ([^}\s]+)", text)}
    assert {f"MODEL_SERVER_{name.upper()}" for name in Settings.__dataclass_fields__} >= variables.keys()
    for path in variables.values():
        assert any(path.startswith(mount) for mount in re.findall(r"mountPath: ([^,\s]+)", text))
    for needed in ("runAsNonRoot: true", "readOnlyRootFilesystem: true", "drop: [ALL]", "type: RuntimeDefault"):
        assert needed in text

# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures of the model server, as the light HolmesGPT double reports them.

Expected texts: measured with HolmesGPT 0.45.0 and litellm 1.89.0.
"""

from __future__ import annotations

import json
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.holmes_image import stub
from tests.doubles.holmes_image.local import MODEL_LIST, light_server
from tests.doubles.holmes_image.stub import StubModel, completion
from tests.doubles.holmes_image.testing import ASK, Site, call, open_site, recorded


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as opened:
        yield opened


CONTEXT = (
    "This model's maximum context length is 32768 tokens. However, you requested 71949 tokens "
    "(7949 in the messages, 64000 in the completion)."
)
AUTO = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
# model server's answer; then status, detail and number of requests that 0.45.0 made of it, for openai/ and hosted_vllm/
FAILURES: list[tuple[int, Any, int, str, int, str]] = [
    (400, stub.error(AUTO, 400), 500, f"litellm.BadRequestError: OpenAIException - {AUTO}", 1, "BadRequestError: "),
    (
        400,
        stub.error(CONTEXT, 400),
        500,
        "litellm.ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: "
        f"OpenAIException - {CONTEXT}",
        1,
        "ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: ",
    ),
    (
        401,
        {"error": "Unauthorized"},
        401,
        "litellm.AuthenticationError: AuthenticationError: OpenAIException - "
        "Error code: 401 - {'error': 'Unauthorized'}",
        1,
        "AuthenticationError: AuthenticationError: ",
    ),
    (403, stub.error("no", 403), 500, "litellm.APIError: APIError: OpenAIException - no", 1, "APIError: APIError: "),
    (
        404,
        stub.error("The model `x` does not exist.", 404),
        500,
        "litellm.NotFoundError: NotFoundError: OpenAIException - The model `x` does not exist.",
        1,
        "NotFoundError: NotFoundError: ",
    ),
    (422, stub.error("no", 422), 500, "litellm.BadRequestError: OpenAIException - no", 1, "BadRequestError: "),
    (
        429,
        stub.error("Rate limit exceeded", 429),
        429,
        "litellm.RateLimitError: RateLimitError: OpenAIException - Rate limit exceeded",
        3,
        "RateLimitError: RateLimitError: ",
    ),
    (
        500,
        b"Internal Server Error",
        500,
        "litellm.InternalServerError: InternalServerError: OpenAIException - Internal Server Error",
        3,
        "InternalServerError: InternalServerError: ",
    ),
    (502, b"<html>", 500, "litellm.BadGatewayError: BadGatewayError: OpenAIException - <html>", 3, "BadGatewayError: "),
    (
        503,
        stub.error("overloaded", 503),
        500,
        "litellm.ServiceUnavailableError: ServiceUnavailableError: OpenAIException - overloaded",
        3,
        "ServiceUnavailableError: ",
    ),
    (408, b"late", 500, "litellm.Timeout: Timeout Error: OpenAIException - late", 3, "Timeout: Timeout Error: "),
    (504, b"late", 500, "litellm.Timeout: Timeout Error: OpenAIException - late", 3, "Timeout: Timeout Error: "),
]


@pytest.mark.parametrize(("answered", "body", "status", "detail", "requests", "name"), FAILURES)
def test_failure_of_the_model_server(
    site: Site, answered: int, body: Any, status: int, detail: str, requests: int, name: str
) -> None:
    url = site.serve(
        site.env(MODEL_LIST + MODEL_LIST.replace("gpt-oss-120b:", "other:").replace("openai/", "hosted_vllm/"))
    )
    site.model.replies = [(answered, body)] * 9
    assert call(f"{url}/api/chat", ASK) == (status, {"detail": detail})
    assert len(site.model.requests) == requests
    # hosted_vllm/ tries once and shows the whole body
    got, said = call(f"{url}/api/chat", ASK | {"model": "other"})
    text = body.decode() if isinstance(body, bytes) else json.dumps(body)
    assert got == status and len(site.model.requests) == requests + 1
    assert said["detail"].startswith(f"litellm.{name}") and said["detail"].endswith(f"Hosted_vllmException - {text}")


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("chat-0.45.0-notools", (400, stub.error(AUTO, 400))),
        ("chat-0.45.0-ctx32k", (400, stub.error(CONTEXT, 400))),
        ("chat-0.45.0-llm401", (401, stub.error("Unauthorized", 401))),
        ("chat-0.45.0-nomodel", (404, stub.error("The model `gpt-5.4` does not exist.", 404))),
    ],
)
def test_recorded_refusals(site: Site, name: str, reply: tuple[int, Any]) -> None:
    site.model.replies = [reply]
    assert call(site.serve() + "/api/chat", ASK)[1] == recorded(name)


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (b"<html>", "litellm.InternalServerError: InternalServerError: OpenAIException - error - Expecting value"),
        (
            {"id": "x"},
            "litellm.InternalServerError: InternalServerError: OpenAIException - litellm.APIError: LiteLLM: ",
        ),
        (completion({"role": "assistant", "content": None}, "stop"), "1 validation error for ChatResponse\nanalysis\n"),
    ],
)
def test_useless_answers_of_the_model_server(site: Site, answer: Any, detail: str) -> None:
    site.model.replies = [(200, answer)]
    status, body = call(site.serve() + "/api/chat", ASK)
    assert status == 500 and body["detail"].startswith(detail)


@pytest.mark.parametrize(
    ("prefix", "detail"),
    [
        ("openai", recorded("chat-0.45.0-down")["detail"]),
        (
            "hosted_vllm",
            "litellm.InternalServerError: InternalServerError: Hosted_vllmException - [Errno 111] Connection refused",
        ),
    ],
)
def test_model_server_that_is_down(site: Site, prefix: str, detail: str) -> None:
    env = site.env(MODEL_LIST.replace("openai/", f"{prefix}/"), VLLM_API_BASE="http://127.0.0.1:1/v1")
    assert call(site.serve(env) + "/api/chat", ASK) == (500, {"detail": detail})


def test_prose_instead_of_a_tool_call(site: Site) -> None:
    site.model.replies = [(200, completion({"role": "assistant", "content": "You could run kubectl"}, "stop"))]
    status, body = call(site.serve() + "/api/chat", ASK)
    assert (status, body["analysis"], body["tool_calls"]) == (200, "You could run kubectl", [])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    files = ["-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run([*command.split(), *files], cwd=folder, check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return both


@pytest.mark.parametrize("prefix", ["openai", "hosted_vllm"])
@pytest.mark.parametrize("trusted", [True, False])
def test_private_ca(site: Site, certificate: Path, prefix: str, trusted: bool) -> None:
    model = StubModel()
    model.certificate = certificate
    site.model = site.stack.enter_context(model)
    context = ssl.create_default_context(cafile=str(certificate) if trusted else None)
    env = site.env(MODEL_LIST.replace("openai/", f"{prefix}/"))
    status, body = call(site.stack.enter_context(light_server(env, trust=context)) + "/api/chat", ASK)
    if trusted:
        assert status == 200
    elif prefix == "openai":
        assert (status, body) == (500, recorded("chat-0.45.0-down"))
    else:
        assert status == 500 and "CERTIFICATE_VERIFY_FAILED" in body["detail"]

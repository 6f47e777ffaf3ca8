# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in clear: found by name, by shape and inside longer texts; what only looks like one is left alone."""

from __future__ import annotations

import base64
import json
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secrets import (
    MASK,
    is_secret,
    literals,
    mask_text,
    masked,
)

from tests.unit.fixtures.values_world import certificate, env

A = "a1B2c3D4e5F6g7H8i9J0"  # stands for what an issuer draws
TOKEN = "sk-" + A
AUTHORITY, KEY = certificate()
LINES = KEY.splitlines()
LOGINS = json.dumps({"auths": {"registry.site": {"username": "u", "password": "hunter2x", "auth": "dTpodW50ZXIyeA=="}}})
KUBECONFIG = "users:\n- name: u\n  user:\n    client-key-data: LS0tLS1CRUdJTiBQUklWQVRF\n"


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def variables(**named: str) -> dict[str, t.Any]:
    return {"additionalEnvVars": env(**named)}


def model(**fields: t.Any) -> dict[str, t.Any]:
    return {"modelList": {"a": fields}}


def tool(**fields: t.Any) -> dict[str, t.Any]:
    return {"toolsets": {"x": {"config": fields}}}


# Values, and what must not be seen any more.
BY_NAME: dict[str, tuple[dict[str, t.Any], str]] = {
    "variable: key": (variables(OPENAI_API_KEY="hunter2x"), "hunter2x"),
    "variable: any key": (variables(GATEWAY_KEY="hunter2x"), "hunter2x"),
    "variable: token": (variables(ARGOCD_AUTH_TOKEN="hunter2x"), "hunter2x"),
    "variable: numbered": (variables(API_TOKEN_2="hunter2x"), "hunter2x"),
    "variable: secret": (variables(OIDC_CLIENT_SECRET="hunter2x"), "hunter2x"),
    "variable: secret key": (variables(AWS_SECRET_KEY="hunter2x"), "hunter2x"),
    "variable: one word": (variables(PGPASSWORD="hunter2x"), "hunter2x"),
    "variable: short word": (variables(MYSQL_PWD="hunter2x"), "hunter2x"),
    "variable: pass": (variables(SMTP_PASS="hunter2x"), "hunter2x"),
    "variable: personal token": (variables(GITHUB_PAT="hunter2x"), "hunter2x"),
    "variable: lower case": (variables(db_password="hunter2x"), "hunter2x"),
    "variable: other list": ({"additional_env_vars": env(DB_PASSWORD="hunter2x")}, "hunter2x"),
    "variable: number": ({"additionalEnvVars": [{"name": "DB_PASSWORD", "value": 7654321}]}, "7654321"),
    "variable: long number": (variables(A_TOKEN="76543210"), "76543210"),
    "variable: misspelled value": ({"additionalEnvVars": [{"name": "A_TOKEN", "vaule": "hunter2x"}]}, "hunter2x"),
    "variable: of the operator": ({"operator": {"additionalEnvVars": env(HOLMES_API_KEY="hunter2x")}}, "hunter2x"),
    "variable: of another container": ({"initContainers": [{"env": env(VAULT_TOKEN="hunter2x")}]}, "hunter2x"),
    "variable: a drawn text under a vague name": (variables(WEBHOOK_AUTH=A), A),
    "variable: a UUID under a vague name": (variables(SESSION="0b0f4c1e-5d52-4a53-9a10-8e0ab5b2c3d4"), "9a10"),
    "key: api_key": (model(api_key="hunter2x"), "hunter2x"),
    "key: in a list": (tool(api_key=["hunter2x"]), "hunter2x"),
    "key: apiKeys": (tool(apiKeys="hunter2x"), "hunter2x"),
    "key: signing_key": (tool(signing_key="hunter2x"), "hunter2x"),
    "key: clientSecret": (tool(clientSecret="hunter2x"), "hunter2x"),
    "key: secret": (tool(secret="hunter2x"), "hunter2x"),
    "key: secretKey, drawn": (tool(secretKey=A), A),
    "key: something else than a name": (tool(tlsSecret="Hunter_2x"), "Hunter_2x"),
    "key: tokenValue": (tool(tokenValue="hunter2x"), "hunter2x"),
    "key: password, a number": (tool(password=87654321), "87654321"),
    "key: credentials": (tool(credentials="hunter2x"), "hunter2x"),
    "key: header": (tool(headers={"X-Access-Token": "hunter2x"}), "hunter2x"),
    "key: header with a scheme": (model(extra_headers={"Authorization": "Bearer hunter2x"}), "hunter2x"),
    "key: half a reference": (tool(password="{{ env.A }}hunter2x"), "hunter2x"),
    "key: default of a reference": (model(api_key="{{ env.K | default('hunter2x') }}"), "hunter2x"),
    "key: name and value": (tool(headers=[{"name": "X-Api-Key", "value": "hunter2x"}]), "hunter2x"),
    "key: option and value": ({"args": ["--port=1", "--token", "hunter2x"]}, "hunter2x"),
    "key: address that is drawn": (variables(A_TOKEN=f"https://site/{A}"), A),
}
BY_SHAPE: dict[str, tuple[dict[str, t.Any], str]] = {
    "prefix: sk": (variables(PLAIN=TOKEN), TOKEN),
    "prefix: sk of a project": (variables(PLAIN="sk-proj-" + A), A),
    "prefix: github": ({"podAnnotations": {"note": "ghp_" + A}}, A),
    "prefix: github, fine-grained": (variables(PLAIN="github_pat_" + A), A),
    "prefix: gitlab": (variables(PLAIN="glpat-" + A), A),
    "prefix: slack": (variables(PLAIN="xoxb-1234567890-" + A), A),
    "prefix: hugging face": (variables(PLAIN="hf_" + A), A),
    "prefix: nvidia": (variables(PLAIN="nvapi-" + A), A),
    "prefix: aws": (variables(PLAIN="AKIA" + "Q3EGTQPK7XJ2WM5B"), "Q3EGTQPK7XJ2WM5B"),
    "prefix: google": (variables(PLAIN="AIza" + "x" * 14 + A + "_"), A),
    "prefix: azure": (variables(PLAIN="abc8Q~" + A + "Z" * 14), A),
    "prefix: grafana": (variables(PLAIN="glsa_" + A), A),
    "prefix: vault": (variables(PLAIN="hvs." + A), A),
    "prefix: stripe": (variables(PLAIN="sk_live_" + A), A),
    "prefix: registry": (variables(PLAIN="dckr_pat_" + A), A),
    "JWT": (variables(PLAIN="eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"), "eyJzdWIiOiIxIn0"),
    "private key": ({"customSkills": {"a": {"content": f"Use this.\n{KEY}"}}}, LINES[1]),
    "private key, cut off": (
        {"customSkills": {"a": {"content": "-----BEGIN RSA PRIVATE KEY-----\nhunter2x"}}},
        "hunter2x",
    ),
    "private key, encoded": (variables(PLAIN=coded(KEY)), coded(KEY)),
    "kubeconfig, encoded": (tool(config_data=coded(KUBECONFIG)), coded(KUBECONFIG)),
    "logins, encoded": (tool(pull=coded(LOGINS)), coded(LOGINS)),
    "address: login": (variables(URL="https://user:hunter2x@host/"), "hunter2x"),
    "address: login without a user": (variables(URL="redis://:hunter2x@host:6379/0"), "hunter2x"),
    "address: login of a proxy": (variables(HTTPS_PROXY="http://user:hunter2x@proxy:3128"), "hunter2x"),
    "address: Go's form": (variables(DSN="user:hunter2x@tcp(host:3306)/db"), "hunter2x"),
    "address: webhook of Slack": (variables(HOOK=f"https://hooks.slack.com/services/T000/B000/{A}"), A),
    "address: webhook of Teams": (variables(HOOK=f"https://site.webhook.office.com/webhookb2/{A}@x/y"), A),
    "address: webhook of Mattermost": (variables(HOOK="https://chat.site/hooks/abcdefghij1234567890klmnop"), "klmnop"),
    "address: signature": (variables(URL=f"https://account.blob.site/c?sv=1&sig={A}"), A),
    "header without its name": (tool(headers=["Bearer hunter2x"]), "hunter2x"),
    "under a list's name": ({"certificate": TOKEN}, TOKEN),
    "in a reference": (
        {"additionalEnvVars": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": TOKEN}}}]},
        TOKEN,
    ),
    "in a mapping": ({"additionalEnvVars": [{"name": "A", "value": {"b": TOKEN}}]}, TOKEN),
    "in braces": (tool(x='{{ "' + TOKEN + '" }}', y="{{ env.K }}"), TOKEN),
    "in braces, without quotes": (variables(PLAIN="{{ env." + TOKEN + " }}"), TOKEN),
    "for a variable's name": ({"additionalEnvVars": [{"name": TOKEN, "value": "x"}]}, TOKEN),
    "for an entry's name": (tool(headers=[{"name": TOKEN, "value": "x"}]), TOKEN),
    "for a key": ({"toolsets": {TOKEN: {"enabled": True}}}, TOKEN),
}
INSIDE: dict[str, tuple[dict[str, t.Any], str]] = {
    "JSON": (variables(EXTRA_HEADERS='{"X-Api-Key": "hunter2x"}'), "hunter2x"),
    "JSON with a scheme": (variables(EXTRA_HEADERS='{"Authorization": "Bearer hunter2x"}'), "hunter2x"),
    "JSON in JSON": (variables(PLAIN='{"a": "{\\"password\\": \\"hunter2x\\"}"}'), "hunter2x"),
    "logins": (variables(PLAIN=LOGINS), "hunter2x"),
    "option": ({"args": ["--port=1 --password=hunter2x"]}, "hunter2x"),
    "option and a space": ({"args": ["serve --token hunter2x --port 1"]}, "hunter2x"),
    "command": ({"initContainers": [{"command": ["sh", "-c", "export DB_PASSWORD='hunter2 x'; run"]}]}, "hunter2 x"),
    "login of curl": ({"initContainers": [{"command": ["curl -u admin:hunter2x https://site/"]}]}, "hunter2x"),
    "header of curl": ({"initContainers": [{"args": ["curl -H 'Authorization: Bearer hunter2x' x"]}]}, "hunter2x"),
    "literal of kubectl": (tool(script="kubectl create secret generic s --from-literal=token=hunter2x"), "hunter2x"),
    "connection string": (variables(PLAIN="Server=db;User Id=u;Password=hunter2x;"), "hunter2x"),
    "connection string of PostgreSQL": (tool(dsn="host=db user=u password=hunter2x dbname=x"), "hunter2x"),
    "JDBC": (tool(url="jdbc:postgresql://db/x?user=u&password=hunter2x"), "hunter2x"),
    "account key": (variables(PLAIN=f"DefaultEndpointsProtocol=https;AccountKey={A}=="), A),
    "file": (tool(content="host: db\npassword: hunter\nport: 1"), "hunter"),
    "kubeconfig": (tool(content=KUBECONFIG), "LS0tLS1CRUdJTiBQUklWQVRF"),
    "skill": ({"customSkills": {"a": {"content": "Log in with password: hunter2x and look."}}}, "hunter2x"),
    "drawn text under a vague name": (tool(note=f"license={A}"), A),
}
FOUND = {**BY_NAME, **BY_SHAPE, **INSIDE}

HARMLESS: dict[str, dict[str, t.Any]] = {
    "words for no key": variables(OPENAI_API_KEY="none", VLLM_API_KEY="EMPTY", C_API_KEY="not-needed", D_KEY=""),
    "other words for no key": variables(A_API_KEY="lm-studio", B_API_KEY="sk-no-key-required", C_TOKEN=" None "),
    "references in variables": variables(X_TOKEN="{{ env.Y }}", Z_TOKEN="$(OTHER)", W_TOKEN="${OTHER}", V_KEY="$K"),
    "references in models": {"modelList": {"b": {"api_key": "{{ env.K }}"}, "c": {"api_key": "envRef:K"}}},
    "reference with an empty default": model(api_key="{{ env.K | default('') }}"),
    "reference of a gateway": model(api_key="os.environ/K"),
    "reference with a scheme": model(extra_headers={"Authorization": "Bearer {{ env.K }}"}),
    "two references": tool(password="{{ env.A }}:{{ env.B }}", token="{{env.A}}-$(B)"),
    "reference with spaces": tool(password="{{\n env.A }}"),
    "header of the request": tool(headers={"X-Token": "{{ request_context.headers['X-Token'] }}"}),
    "references in addresses": variables(URL="https://$(USER):$(PASSWORD)@host/", DSN="u:${P}@tcp(host)/x"),
    "key of a Secret": {
        "additionalEnvVars": [{"name": "A_TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "a-token"}}}]
    },
    "key of a ConfigMap": {
        "additionalEnvVars": [{"name": "A_KEY", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "password"}}}]
    },
    "Secret and key": tool(api_key={"secret": "holmes-secrets", "key": "api-key"}),
    "limits": variables(OVERRIDE_MAX_OUTPUT_TOKEN="8192", TOOL_MEMORY_LIMIT_MB="1500", MIN_TOKEN="76543210"),
    "limit of a model": model(max_tokens=4096, api_key="none", budget_tokens=10000),
    "small number under a token's name": variables(THINKING_TOKEN="8192"),
    "signs of a tokenizer": model(eos_token="<|endoftext|>", pad_token="[PAD]", tokenizer="Qwen/Qwen3-32B"),
    "names of headers": variables(HOLMES_PASSTHROUGH_BLOCKED_HEADERS="authorization,x-api-key,set-cookie"),
    "paths": variables(GOOGLE_APPLICATION_CREDENTIALS="/var/secrets/key.json", A_KEY="/etc/holmes/tls/tls.key"),
    "path of a token": tool(token="/var/run/secrets/kubernetes.io/serviceaccount/token", password_file="./a/b"),
    "names of files": variables(TOKEN_LOCATION="token.txt", SSH_KEY_FILE="id_ed25519"),
    "TLS of the server": {"tls": {"secretName": "t", "keyfilePasswordSecretKey": "pw", "caCertsSecretKey": "ca.crt"}},
    "secret of an add-on": {"mcpAddons": {"github": {"auth": {"secretName": "s", "secretKey": "token"}}}},
    "existing secret": {"auth": {"existingApiKeySecret": "s"}, "existingClientSecret": "holmes-oidc"},
    "name of a TLS secret": tool(tlsSecret="holmes-tls", pullSecret="registry.site-login"),
    "pull secrets": {"imagePullSecrets": [{"name": "regcred"}], "extraEnvVarsSecrets": ["holmes-secrets"]},
    "volume with a secret": {"additionalVolumes": [{"name": "t", "secret": {"secretName": "holmes-ca"}}]},
    "volume with a token": {
        "additionalVolumes": [{"name": "t", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}]
    },
    "mount of a secret": {"additionalVolumeMounts": [{"name": "api-token", "mountPath": "/etc/token"}]},
    "switch": {"automountServiceAccountToken": False, "toolsets": {"x": {"password": True}}},
    "certificate": {"certificate": coded(AUTHORITY)},
    "certificate in clear": tool(ca_cert=AUTHORITY, certificate_key="tls.crt"),
    "public key": tool(public_key="AAAAC3NzaC1lZDI1NTE5AAAAI" + A, PUBLIC_KEY="-----BEGIN PUBLIC KEY-----\nAAAA"),
    "checksums": {"podAnnotations": {"checksum/secret": "3f2a" * 16, "config.sha256": "3f2a" * 16}},
    "token of a rollout": {"podAnnotations": {"holmesgpt.onprem/secrets-checksum": "3f2a9c1b" * 8}},
    "image with a digest": {"image": "holmes@sha256:" + "3f2a9c1b" * 8, "registry": "registry.site:5000/x"},
    "address without a login": variables(URL="http://vllm.inference.svc:8000/v1", TOKEN="https://login.site/token"),
    "public part of a DSN": {"sentryDSN": "https://public@host/1"},
    "addresses with @": variables(A="git@git.site:group/project", B="http://host:8080/a@b", C="user@host:/path"),
    "toleration": {"tolerations": [{"key": "dedicated", "operator": "Equal", "value": "gpu"}]},
    "names of containers": {"initContainers": [{"name": "fetch-token", "image": "tools:1"}]},
    "words with secret prefixes": {"podAnnotations": {"a": "sk-learn-inference-server", "b": "task-force-of-the-site"}},
    "prose": {"customSkills": {"a": {"content": "The token: kept in the vault, the password: see the wiki page."}}},
    "commands with references": {
        "customSkills": {"a": {"content": 'curl -H "Authorization: Bearer $TOKEN" -u "$USER:$PASSWORD" site'}}
    },
    "commands with placeholders": {"customSkills": {"a": {"content": "login --token <your-token> --password=***"}}},
    "programs": {"customSkills": {"a": {"content": "token = os.environ['TOKEN']; password = ask(); run -u 1000:1000"}}},
    "queries": {"customSkills": {"a": {"content": 'kube_secret_info{secret="holmes-tls", token_type="id"}'}}},
    "manifests": tool(content="secretName: holmes-tls\nsecret: holmes-tls\nmax_token: 99999999\n"),
    "schema": tool(schema='{"token": "string", "password": {"type": "string"}}'),
    "drawn text under a plain name": {"podAnnotations": {"build": A}, "modelList": {"a": {"model": "openai/" + A}}},
    "keys of maps": variables(PARTITION_KEY="tenant-id", TOPOLOGY_KEY="kubernetes.io/hostname"),
    "key alone": {"nodeAffinity": {"key": "gpu", "keys": ["a", "b"]}},
}


@pytest.mark.parametrize("name", FOUND)
def test_found_and_hidden(name: str) -> None:
    values, secret = FOUND[name]
    before = json.dumps(values)
    found = literals(values)
    assert len(found) == 1
    assert secret not in found[0].label
    assert any(secret in part for part in found[0].parts)
    hidden = json.dumps(masked(values))
    assert secret not in hidden and MASK in hidden
    assert json.dumps(values) == before, "the values themselves stay as they are"
    assert secret not in mask_text(f"Error: {found[0].text} at line 1", found)


@pytest.mark.parametrize("name", HARMLESS)
def test_no_false_alarm(name: str) -> None:
    assert [(literal.label, literal.parts) for literal in literals(HARMLESS[name])] == []
    assert masked(HARMLESS[name]) is HARMLESS[name]


def test_the_tables_are_large_enough() -> None:
    assert len(FOUND) >= 80 and len(HARMLESS) >= 50


@pytest.mark.parametrize(
    "text",
    [
        "<API_KEY>",
        "your-openai-api-key",
        "paste-the-key-here",
        "CHANGEME",
        "change-me",
        "REPLACE_WITH_KEY",
        "xxxxxxxx",
        "sk-xxxxxxxxxxxxxxxx",
        "sk-your-key-goes-here-0",
        "[YOUR KEY]",
        "sk-...",
        "AKIA" + "IOSFODNN7EXAMPLE",
    ],
)
def test_a_placeholder_is_told_apart(text: str) -> None:
    (found,) = literals(model(api_key=text))
    assert found.placeholder
    assert text not in json.dumps(masked(model(api_key=text))), "it may be a bad password"


@pytest.mark.parametrize("text", ["hunter2x", TOKEN, f"my-example-{A}", f"<b>\n{KEY}"])
def test_a_secret_is_no_placeholder(text: str) -> None:
    (found,) = literals(model(api_key=text))
    assert not found.placeholder


@pytest.mark.parametrize(
    ("values", "label"),
    [
        (variables(A_TOKEN="hunter2x"), "additionalEnvVars: A_TOKEN"),
        ({"operator": {"additionalEnvVars": env(A_TOKEN="hunter2x")}}, "operator.additionalEnvVars: A_TOKEN"),
        (model(api_key="hunter2x"), "modelList.a.api_key"),
        ({"args": ["--token", "hunter2x"]}, "args.1"),
        (tool(headers=[{"name": "X-Api-Key", "value": "hunter2x"}]), "toolsets.x.config.headers: X-Api-Key"),
        (variables(**{TOKEN: "x"}), "additionalEnvVars: the name of a variable"),
        (tool(headers=[{"name": TOKEN, "value": "x"}]), "toolsets.x.config.headers: the name of an entry"),
        ({TOKEN: {"a": 1}}, "?"),
        ({"toolsets": {TOKEN: {"enabled": True}}}, "toolsets.?"),
        (
            {"additionalEnvVars": [{"name": "A", "valueFrom": {"api_key": "hunter2x"}}]},
            "additionalEnvVars.0.valueFrom.api_key",
        ),
    ],
)
def test_the_label_tells_the_place(values: dict[str, t.Any], label: str) -> None:
    assert [literal.label for literal in literals(values)] == [label]


def test_secrets_in_name_and_value_of_one_variable() -> None:
    other = "ghp_" + A
    found = literals({"additionalEnvVars": [{"name": TOKEN, "value": other}]})
    assert [literal.label for literal in found] == ["additionalEnvVars: the name of a variable", "additionalEnvVars: ?"]
    assert [literal.parts for literal in found] == [(TOKEN,), (other,)]


def test_only_what_is_secret_of_a_long_text_is_hidden_from_messages() -> None:
    values = {"customSkills": {"a": {"content": f"kubernetes\nUse\n{KEY}\nfor it"}}}
    found = literals(values)
    assert mask_text("kubernetes: Use for it", found) == "kubernetes: Use for it"
    assert mask_text(f"line 2: {LINES[1]}", found) == f"line 2: {MASK}"


def test_the_same_secret_elsewhere_is_hidden_as_well() -> None:
    values = {**model(api_key="hunter2x", note="it is hunter2x"), "a": [f"{coded('u:hunter2x')}"], "hunter2x": 1}
    hidden = masked(values)
    assert hidden == {**model(api_key=MASK, note=f"it is {MASK}"), "a": [hidden["a"][0]], MASK: 1}
    assert coded("u:hunter2x")[4:10] not in hidden["a"][0]


def test_a_short_secret_is_hidden_in_its_place_only() -> None:
    values = {**model(api_key="holmes"), "image": "holmes:1", 5: None}
    assert masked(values) == {**model(api_key=MASK), "image": "holmes:1", 5: None}


def test_free_text() -> None:
    secrets = literals(
        {"modelList": {"a": {"api_key": "hunter2x"}, "b": {"api_key": "hunter2xyz"}, "c": {"api_key": "abc"}}}
    )
    assert mask_text("hunter2xyz and hunter2x, abc", secrets) == f"{MASK} and {MASK}, abc"


@pytest.mark.parametrize(
    ("name", "text", "variable", "secret"),
    [
        ("KEY", "hunter2x", True, True),
        ("key", "hunter2x", False, False),
        ("", "hunter2x", False, False),
        ("", TOKEN, False, True),
        ("password", "1234", False, True),
        ("token", "1234567", False, False),
        ("token", "12345678", False, True),
        ("token", "http://site/token", False, False),
        ("password", "", False, False),
    ],
)
def test_name_and_text(name: str, text: str, variable: bool, secret: bool) -> None:
    assert is_secret(name, text, variable) is secret

# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program that tries connections from inside the pod, with the pod's own Python (3.6 or newer).

Private to this collection: it may change in any release. Imports nothing of Ansible.

It writes nothing, ends itself after ``seconds``, and knows no secret but those in the pod's own environment: of an
address in a variable only host and port come out, and a proxy's password goes to the proxy alone.

Its one argument is JSON: ``seconds`` for all; ``outside``: pairs of host and port, ``outside_seconds`` to connect to
one of them; ``models``: triples of a label, a host (or nothing) and a port (or the name of a variable with a URL). Its
one line of output is a JSON list of mappings: ``kind`` (outside, model, proxy), ``label``, ``host``, ``port``, ``ok``,
``answered``, ``peer``, ``error``.
"""

from __future__ import annotations

SCRIPT = r"""
import base64, json, os, socket, ssl, sys, threading, time
from urllib.parse import unquote, urlsplit
given = json.loads(sys.argv[1])
end = time.monotonic() + given["seconds"]
rows = []
def left():
    return max(min(end - time.monotonic() - 0.5, given["seconds"] / 2), 0.1)
def why(error):
    return (type(error).__name__ + ": " + (getattr(error, "strerror", None) or ""))[:80]
def row(kind, label, host, port):
    made = dict(kind=kind, label=label, host=host, port=port, ok=False, answered=False, peer="", error="no answer")
    rows.append(made)
    return made
def connected(made, patience):
    addresses = socket.getaddrinfo(made["host"], made["port"], 0, socket.SOCK_STREAM)
    until = time.monotonic() + patience
    for place, (family, kind, number, _name, address) in enumerate(addresses):
        stream = socket.socket(family, kind, number)
        try:
            stream.settimeout(max(min(left(), until - time.monotonic()), 0.1))
            stream.connect(address)
        except OSError:
            stream.close()
            if place == len(addresses) - 1:
                raise
        else:
            stream.settimeout(left())
            made.update(ok=True, peer=address[0], error="")
            return stream
def speak(made, stream):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        context.wrap_socket(stream, server_hostname=made["host"])
        made["answered"] = True
    except ssl.SSLError as error:
        made["answered"] = not isinstance(error, (ssl.SSLEOFError, ssl.SSLSyscallError))
    except OSError:
        pass
def outside(made):
    try:
        with connected(made, given["outside_seconds"]) as stream:
            speak(made, stream)
    except (OSError, UnicodeError) as error:
        made["error"] = why(error)
def through(proxy, host, port):
    with socket.create_connection((proxy.hostname, proxy.port or 3128), left()) as stream:
        stream.settimeout(left())
        if proxy.scheme == "https":
            context = ssl.create_default_context()
            stream = context.wrap_socket(stream, server_hostname=proxy.hostname)
        place = ("[%s]" if ":" in host else "%s") % host + ":%d" % port
        lines = ["CONNECT %s HTTP/1.1" % place, "Host: " + place]
        if proxy.username:
            pair = unquote(proxy.username) + ":" + unquote(proxy.password or "")
            lines.append("Proxy-Authorization: Basic " + base64.b64encode(pair.encode()).decode())
        stream.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return stream.recv(64).split(b"\r\n")[0].decode("latin-1").split(" ")[1:2] or ["?"]
def ask(made, proxy, host, port):
    try:
        status = through(proxy, host, port)[0][:3]
        made.update(ok=status == "200", answered=True, error="" if status == "200" else "HTTP " + status)
    except (OSError, UnicodeError, ValueError) as error:
        made["error"] = why(error)
def model(made, proxy):
    try:
        connected(made, given["seconds"]).close()
    except (OSError, UnicodeError) as error:
        made["error"] = why(error)
        if proxy:
            tried = dict(made)
            ask(tried, proxy, made["host"], made["port"])
            if tried["ok"]:
                made.update(ok=True, error="", peer="proxy")
def url(name, scheme=""):
    text = os.environ.get(name, "").strip()
    try:
        found = urlsplit(text if "//" in text else scheme + text)
        return found if found.hostname and (found.port or True) else None
    except ValueError:
        return None
names = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")
found = [one for one in (url(name, "http://") for name in names) if one and one.scheme in ("http", "https")]
proxy = found[0] if found else None
jobs = [(outside, (row("outside", "", host, port),)) for host, port in given["outside"]]
for label, host, port in given["models"]:
    if not host:
        place = url(port)
        if not place:
            row("model", label, "", 0)["error"] = "no URL in " + port
            continue
        host, port = place.hostname, place.port or {"https": 443}.get(place.scheme, 80)
    jobs.append((model, (row("model", label, host, port), proxy)))
named = [pair for pair in given["outside"] if pair[0][-1:].isalpha()] or given["outside"]
if proxy and named:
    jobs.append((ask, (row("proxy", named[0][0], proxy.hostname, proxy.port or 3128), proxy, *named[0])))
threads = [threading.Thread(target=job, args=args, daemon=True) for job, args in jobs]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(max(end - time.monotonic(), 0))
print(json.dumps([dict(one) for one in rows]))
sys.stdout.flush()
os._exit(0)
"""

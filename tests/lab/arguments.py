# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of the lab's command line."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from .providers import NAMES

DESCRIPTION = "A kind cluster on a site that is really cut off: no route out, own registry, charts and DNS."


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="lab", description=DESCRIPTION)
    default = os.environ.get("LAB_NAME") or "holmes"
    top.add_argument("--name", default=default, help="the lab to work on (default: LAB_NAME, or else holmes)")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    up = verbs.add_parser("up", help="start the lab; does nothing when it is up")
    up.add_argument("--workers", type=_count, help="worker nodes beside the control plane (default: 0)")
    _add_sources(up)
    verbs.add_parser("down", help="end the lab and remove everything of it; safe to repeat")
    verbs.add_parser("status", help="a short table of what runs")
    load = verbs.add_parser("load", help="load image archives into every node, past any registry")
    load.add_argument("archives", nargs="+", type=Path, metavar="ARCHIVE")
    push = verbs.add_parser("push", help="copy an OCI archive into the site's registry")
    push.add_argument("archive", type=Path, metavar="ARCHIVE")
    push.add_argument("names", nargs="+", metavar="REPO:TAG")
    chart = verbs.add_parser("charts", help="put charts into the site's chart repository and rebuild its index")
    chart.add_argument("sources", nargs="+", type=Path, metavar="DIR_OR_TGZ")
    cert = verbs.add_parser("cert", help="a server certificate signed by the Site CA; prints the two files")
    cert.add_argument("certificate", metavar="NAME")
    cert.add_argument("names", nargs="*", metavar="SAN", help="DNS names and addresses (default: NAME)")
    run = verbs.add_parser("exec", help="run a command of this machine in the network of the site")
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="[--] CMD...")
    verbs.add_parser("kubeconfig", help="print the path of the kubeconfig")
    verbs.add_parser("env", help="print KEY=VALUE lines for the site (no secret in them)")
    build = verbs.add_parser("build", help="only make what is slow, into the cache")
    _add_sources(build)
    return top


def _add_sources(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--provider", choices=NAMES, default="auto", help="where nodes run (default: %(default)s)")
    verb.add_argument(
        "--node-image", default="auto", metavar="auto|build|IMAGE", help="source of the node image (default: auto)"
    )
    verb.add_argument("--helm", type=int, choices=(3, 4), help="which Helm `helm` is (default: as it is, at first 3)")
    verb.add_argument("--install-missing", action="store_true", help="apt-get install missing programs first")


def _count(text: str) -> int:
    if not text.isdigit() or int(text) > 9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 9")
    return int(text)

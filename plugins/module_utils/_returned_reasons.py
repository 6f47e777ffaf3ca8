# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which failed checks of a verification speak against the new revision, and which against something around it.

Private to this collection: it may change in any release. Imports nothing of Ansible.
Going back mends what came with the revision: its image, its objects, its values. It does not mend the model server, the
network, certificates of others, rights of the verifying account, or the content of Secrets, which Helm does not have.
"""

from __future__ import annotations

import re
import typing as t

# A check as holmes_verify returns it.
Checked = t.Mapping[str, t.Any]
Judge = t.Callable[[Checked], bool]

# The API server, or the way to it, gave no answer: nothing is known about the revision (_kube).
_UNREAD = re.compile(r"The API server (?:refused|did not answer|answered|gave) |No connection to the cluster")
# evidence.reason of verify.rollout: nobody's revision.
_HANDS = ("scaled_to_zero", "paused", "old_pods", "generation", "sandbox", "node")
# evidence.kind of verify.chat (_holmes_errors) that stands in the revision's own values or program.
_OWN_KINDS = (
    "llm_context",
    "llm_provider",
    "llm_key_missing",
    "llm_strict",
    "no_models",
    "headers",
    "not_ready",
    "other",
)
# A tool's complaint that the model, or the way to the API server, is at fault for (_toolcheck).
_NOT_THE_TOOL = re.compile(
    r"have a resource type|validation error|missing \d+ required|connect to the server|i/o timeout"
)


def unread(check: Checked) -> bool:
    """Whether the check failed because the cluster could not be asked."""
    return bool(_UNREAD.match(str(check.get("message") or "")))


def _yes(_check: Checked) -> bool:
    return True


def _no(_check: Checked) -> bool:
    return False


def _evidence(check: Checked) -> Checked:
    return check.get("evidence") or {}


def _rollout(check: Checked) -> bool:
    reason = str(_evidence(check).get("reason") or "")
    return reason not in _HANDS if reason else "has no Deployment of the release" in check["message"]


def _api(check: Checked) -> bool:
    """With a status HolmesGPT itself spoke; without one, a given URL leads over somebody else's ingress."""
    return "readyz" in _evidence(check) or "does not answer (http" not in check["message"]


def _api_key(check: Checked) -> bool:
    return _evidence(check).get("with_key") != 401


def _chat(check: Checked) -> bool:
    evidence, message = _evidence(check), check["message"]
    if "kind" in evidence:
        return evidence["kind"] in _OWN_KINDS
    # An empty answer is the model's; a late one, too; another body is that of somebody else at holmes_verify_url.
    return "model" not in evidence and "no answer within" not in message and "no chat answer" not in message


def _tool_call(check: Checked) -> bool:
    """A tool failed, and neither for want of a call nor for what the model wrote into it."""
    told = [
        str(row.get("error") or "") + str(row.get("hidden_error") or "") for row in _evidence(check).get("tools") or []
    ]
    complaints = [text for text in told if text]
    return bool(complaints) and not all(_NOT_THE_TOOL.search(text) for text in complaints)


def _ground_truth(check: Checked) -> bool:
    return not _evidence(check).get("in_tool_output")


def _own_roles(check: Checked) -> bool:
    return bool(_evidence(check).get("of_release"))


def _secrets(check: Checked) -> bool:
    return str(check["message"]).startswith("The pods run, but their next start will fail")


def _certificates(check: Checked) -> bool:
    return str(check["message"]).startswith("The pod's variable CERTIFICATE")


# Of every check of the verification: whether its failure counts against the revision, and why.
REASONS: dict[str, tuple[Judge, str]] = {
    "verify.release": (_yes, "Helm itself recorded that this revision failed"),
    "verify.chart": (_no, "somebody else applied another chart meanwhile; going back would undo their work"),
    "verify.values": (_no, "somebody else applied other values meanwhile; going back would undo their work"),
    "verify.rollout": (_rollout, "its pods do not start; not what a hand, a node or an unread API server did"),
    "verify.image": (_yes, "its objects name images from elsewhere, or their content is another"),
    "verify.rbac_read_only": (
        _own_roles,
        "its roles let HolmesGPT change something; not those that somebody else bound",
    ),
    "verify.api": (_api, "its pod is ready and does not answer; not the way over holmes_verify_url"),
    "verify.models": (_yes, "its model list is another one than meant"),
    "verify.api_key": (_api_key, "it does not ask for the key; a wrong key is the Secret's content, which stays"),
    "verify.chat": (
        _chat,
        "its values or its program break the chat; not what the model server says or keeps silent about",
    ),
    "verify.alias": (_yes, "its model list lacks the default model"),
    "verify.tool_call": (_tool_call, "its tools fail; not prose or wrong arguments of the model, nor the network"),
    "verify.ground_truth": (_ground_truth, "its tools do not see the pods; not an answer that leaves them out"),
    "verify.limits": (_yes, "its limits are others than its values should give"),
    "verify.logs": (_no, "warnings only explain what other checks prove"),
    "live.pods": (_yes, "its pods are not what it records"),
    "live.config": (_yes, "its pods do not use the ConfigMaps it records"),
    "live.objects": (_no, "objects edited by hand stay edited when Helm goes back; they are put back as recorded"),
    "live.secrets": (_secrets, "it refers to a Secret or a key that does not exist; a Secret's newer content stays"),
    "live.restarts": (_yes, "its containers die"),
    "live.certificates": (_certificates, "its values bring no usable authority; others' certificates end anyway"),
    "live.headers": (_yes, "its tools break with the headers of clients"),
    "access.reads": (_yes, "it lacks the rights to look at the cluster"),
    "access.review": (_no, "whose right it is stands in verify.rbac_read_only"),
    "access.refused": (_no, "whose right it is stands in verify.rbac_read_only"),
    "access.others": (_yes, "its add-ons may change something in the cluster"),
    "egress.named": (_yes, "its objects name hosts of the internet"),
    "egress.switches": (_yes, "its values leave on what asks the internet"),
    "egress.blocked": (_no, "the network lets pods out, whatever the revision"),
    "egress.model": (_no, "the model server, its Service or the network in between does not answer"),
}

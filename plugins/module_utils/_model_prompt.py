# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the probe says to the model: a long system prompt as an agent has one, and small questions.

Private to this collection: it may change in any release. Imports nothing of Ansible.

HolmesGPT 0.45.0 sends about 6,300 tokens of prompt and tools before the first question (facts: base prompt). The text
is our own; only its length and its kind are HolmesGPT's.
"""

from __future__ import annotations

# A namespace that need not exist: the tool's answer is ours, too.
NAMESPACE = "probe-shop"
QUESTION = f"List the pods in namespace {NAMESPACE}. Look it up with a tool, then name every pod you found."
TWO_QUESTIONS = (
    f"List the pods in namespace {NAMESPACE}, and list the deployments in namespace probe-store. Look both up with "
    "tools, one call for each, and then name what you found."
)
GREETING = "Say hello in one short sentence."
JSON_QUESTION = f"List the pods in namespace {NAMESPACE}. Look it up with a tool before you answer."

SHORT = (
    "You examine a Kubernetes cluster for an operator. You know nothing about it but what the tools tell: call a tool "
    "whenever a question is about the cluster, and answer in words only when it is not. Never invent names."
)

_INTRO = """You are an assistant that examines a Kubernetes cluster for its operators. You have tools that read from the
cluster. You have no other knowledge about it: what a tool has not told you in this conversation you do not know.

# How to work

1. Whenever a question is about the cluster, call a tool before you answer. Do not describe commands that the operator
   could run; run them yourself by calling the tool that fits.
2. If a question needs several pieces of information that do not depend on each other, call the tools for all of them.
3. If a tool's answer raises a new question that has to be settled, call the next tool. Stop when you can answer.
4. If a question is not about the cluster, such as a greeting, answer it in one sentence without calling any tool.
5. Give a tool exactly the parameters that it declares. Leave out, or set to null, what does not apply.
6. If a tool reports an error, read it. A missing right, a wrong name and an empty namespace are different findings.
7. Never change anything in the cluster, and never ask the operator to let you do so.

# How to answer

Name objects exactly as the tools wrote them, with their namespace. Tell findings apart from guesses, and say which tool
showed a finding. Begin with the answer, then give the reasons in a few short lines. Use no headings for short answers.

# What to look at, by kind of object
"""

# (kind, what operators complain about, what to look at, what is often behind it)
_TOPICS = (
    ("pods", "a pod that does not become ready", "its conditions and events", "a failing probe or a missing image"),
    ("pods", "a container that restarts again and again", "the log from before the restart", "a wrong setting"),
    ("pods", "a container that was killed", "the last state and the memory limit", "a limit that is too low"),
    ("pods", "a pod that stays pending", "the scheduler's events", "requests that no node can fulfil"),
    ("deployments", "a rollout that does not end", "the newest replica set and its pods", "pods that never start"),
    ("replicasets", "fewer replicas than wanted", "the events of the replica set", "a quota or an admission rule"),
    ("statefulsets", "a member that is missing", "the pods in their order and their volumes", "a volume elsewhere"),
    ("daemonsets", "nodes without their pod", "node selectors and taints", "a taint that nothing tolerates"),
    ("jobs", "a job that failed", "the log of its last pod and the backoff limit", "an error in the job's program"),
    ("cronjobs", "a job that does not run", "its schedule and whether it is suspended", "a suspended schedule"),
    ("services", "a service that nobody reaches", "its selector and its endpoints", "labels that do not match"),
    ("endpointslices", "traffic to dead pods", "the readiness of each address", "a missing readiness probe"),
    ("ingresses", "an address that answers with an error", "its backend and its class", "a backend that is gone"),
    ("networkpolicies", "connections that time out", "all policies that select the pod", "a default that denies"),
    ("configmaps", "a setting without effect", "where it is mounted and when the pod started", "a pod not restarted"),
    ("persistentvolumeclaims", "a claim that stays pending", "its class and its events", "a missing class"),
    ("persistentvolumes", "data that seems lost", "the claim it is bound to", "a claim of another name"),
    ("nodes", "a node that is not ready", "its conditions and its kubelet's last report", "a full disk"),
    ("nodes", "pods that are evicted", "pressure on memory and disk", "containers without limits"),
    ("namespaces", "a namespace that does not go away", "its finalizers and conditions", "an API that is gone"),
    ("resourcequotas", "objects that are refused", "what is used and what is allowed", "a quota that is used up"),
    ("horizontalpodautoscalers", "a scale that does not change", "its conditions", "metrics that are missing"),
    ("serviceaccounts", "calls that are forbidden", "the roles that are bound to it", "a binding that is missing"),
    ("events", "trouble that nobody can place", "warnings of the last hour, the newest first", "one cause, repeated"),
)
_TOPIC = """
## {kind}: {complaint}

The operator tells of {complaint}. List the {kind} first, so that you see which of them are concerned and which are not;
then look at {look}. Compare what you see with an object of the same kind that works, if there is one. What is often
behind it is {cause}, but say so only if a tool has shown it. If the {kind} look right, widen the view: look at the
events of the namespace, then at the node on which the objects run, and at what was changed last. In the answer name the
object, its namespace, the line that proves the finding, and one step that the operator can take. If several causes are
possible, give at most three of them, the likeliest first, with what would tell them apart.
"""

SYSTEM = _INTRO + "".join(
    _TOPIC.format(kind=kind, complaint=complaint, look=look, cause=cause) for kind, complaint, look, cause in _TOPICS
)

# What a tool answers: kubectl's table with one name that no model can know.
_TABLE = "NAME                          READY   STATUS    RESTARTS   AGE\n{name:<30}1/1     Running   0          5d"


def table(name: str) -> str:
    """A tool's answer with one object of that name."""
    return _TABLE.format(name=name)


def estimate(text: str) -> int:
    """Tokens of a text, about: four bytes each."""
    return -(-len(text.encode("utf-8")) // 4)

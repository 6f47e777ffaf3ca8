# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about which models there are: the default, and models that nobody asked for.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_models as models
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    listed,
    rule,
    unclear,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_litellm import closest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, env_entry, env_literal
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import (
    MODEL_KEEPS_ENTRY,
    MODEL_SELECTS,
    PHANTOM_IS_DEFAULT,
    text,
)

# Where the chart puts modelList.
_LIST_FILE = "/etc/holmes/config/model_list.yaml"
_RENAME = "Rename the variable OPENAI_API_KEY to VLLM_API_KEY, also in modelList."


def _similar(name: str, names: t.Iterable[str]) -> str:
    close = closest(name, names, 0.6)
    return f" Did you mean '{close}'?" if close else ""


@rule("values.default_model", "The default model is one of the aliases")
def default_model(case: Case) -> t.Iterator[Finding]:
    aliases, wanted = models.model_list(case.values), case.request.default_model
    chosen, file = env_entry(case.values, "MODEL"), env_entry(case.values, "MODEL_LIST_FILE_LOCATION")
    if file and file.get("value") != _LIST_FILE:
        yield from _other_file(aliases)
    elif not aliases:
        yield from _no_list(case, chosen)
    elif case.rendered.done and not _render_view.model_order(case.rendered):
        message = "The rendered chart holds no model list: it leaves out its ConfigMap when toolsets is empty."
        yield fail(message, "Do not empty toolsets; turn single ones off by enabled: false.")
    elif wanted and wanted not in aliases:
        message = f"holmes_default_model is '{wanted}', but the aliases are {listed(aliases)}."
        yield fail(f"{message}{_similar(wanted, aliases)}", "Correct holmes_default_model.")
    elif chosen:
        yield from _chosen(case, chosen, aliases)
    else:
        yield _first(case, wanted, len(aliases))


def _other_file(aliases: t.Container[str]) -> t.Iterator[Finding]:
    fix = f"Remove the variable, and give the models in holmes_models; the chart writes them to {_LIST_FILE}."
    if aliases:
        message = "MODEL_LIST_FILE_LOCATION names another file, so the server reads no model of modelList."
        yield fail(message, fix)
    else:
        message = "The models come from the file that MODEL_LIST_FILE_LOCATION names; it was not read here."
        yield unclear(message, fix)


def _no_list(case: Case, chosen: Values | None) -> t.Iterator[Finding]:
    alone = env_literal(case.values, "MODEL")
    if models.models(case.values):
        message = (
            f"There is no model list: the server makes one model of MODEL, '{alone}', with what the variables of its "
            "provider say."
        )
        yield warn(message, "Name it in holmes_models, where address, key and limits can be checked.")
    elif alone:
        message = f"MODEL is '{alone}', but there is no model list in which it could stand: every chat fails."
        yield fail(message, "Name the model in holmes_models.")
    elif chosen and alone is None:
        yield unclear("The only model is MODEL, which comes from a Secret or ConfigMap.", "Name it in holmes_models.")
    else:
        message = "There is no model: the server would look ready and answer every chat with an error."
        yield fail(message, "Set holmes_models, or modelList in a values file.")


def _first(case: Case, wanted: str, count: int) -> Finding:
    """Nothing selects a model, so the first of the list answers."""
    first = models.first_alias(case)
    if wanted and wanted != first:
        message = (
            f"HolmesGPT {text(case.server)} takes the first alias of the alphabet, '{first}', as the default; "
            f"holmes_default_model '{wanted}' cannot be set."
        )
        return warn(message, f"Rename '{wanted}' so that it comes first, or name the model in every request.")
    if not wanted and count > 1:
        message = f"No default model is named; '{first}' answers, because it is the first of the list."
        return warn(message, "Set holmes_default_model.")
    return good(f"'{first}', the first of the list", default=first)


def _chosen(case: Case, entry: Values, aliases: t.Iterable[str]) -> t.Iterator[Finding]:
    """MODEL is set, by the user or by us."""
    alias = entry.get("value")
    if not MODEL_KEEPS_ENTRY.holds(case.server):
        message = (
            f"MODEL breaks HolmesGPT {text(case.server)}: it replaces the alias's entry by one without endpoint and "
            "key."
        )
        yield fail(message, "Remove MODEL from additionalEnvVars.")
    elif not isinstance(alias, str):
        yield unclear(
            "MODEL comes from a Secret or ConfigMap, so it was not compared with the aliases.",
            "Write MODEL in clear, or use holmes_default_model.",
        )
    elif alias not in aliases:
        known = list(aliases)
        message = (
            f"MODEL is '{alias}', which is no alias: the server would add a model of that name without an endpoint"
            f"{' and use it' if alias else ''}.{_similar(alias, known)}"
        )
        yield fail(message, f"Set holmes_default_model to one of {listed(known)}.")
    elif not MODEL_SELECTS.holds(case.server):
        yield warn(
            f"MODEL has no effect on HolmesGPT {text(case.server)}; the first alias of the alphabet is the default.",
            "Remove MODEL.",
        )
    else:
        yield good(f"'{alias}'", default=alias)


@rule("values.phantom_model", "No model appears that nobody asked for")
def phantom_model(case: Case) -> t.Iterator[Finding]:
    if not models.model_list(case.values):
        return
    if (env_literal(case.values, "ROBUSTA_AI") or "").lower() in ("true", "1"):
        message = "ROBUSTA_AI adds a model 'Robusta' of the hosted service and makes it the default; chats then fail."
        yield fail(message, 'Set ROBUSTA_AI to "false" in holmes_env.')
    if not env_entry(case.values, "MODEL"):
        yield from _by_key(case)


def _by_key(case: Case) -> t.Iterator[Finding]:
    """OPENAI_API_KEY alone makes the server think that OpenAI's model is wanted; an empty one does not."""
    given = env_entry(case.values, "OPENAI_API_KEY") and env_literal(case.values, "OPENAI_API_KEY") != ""
    default = PHANTOM_IS_DEFAULT.holds(case.server)
    if given and default:
        message = (
            "With the variable OPENAI_API_KEY and without MODEL, HolmesGPT adds a model gpt-5.4 and makes it the "
            "default; chats then fail."
        )
        yield fail(message, f"Set holmes_default_model. {_RENAME}")
    elif given:
        message = (
            f"Because of the variable OPENAI_API_KEY, HolmesGPT {text(case.server)} also lists a model gpt-4.1 that "
            "the model server does not have."
        )
        yield warn(message, _RENAME)
    elif default and models.more_variables(case.values):
        message = (
            "Whole Secrets are mounted: if one has the key OPENAI_API_KEY, HolmesGPT adds a model gpt-5.4 and makes it "
            "the default."
        )
        yield unclear(message, "Set holmes_default_model.")

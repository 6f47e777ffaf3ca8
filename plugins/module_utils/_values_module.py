# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module that never shows what may hold a secret.

Private to this collection: it may change in any release.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_arguments import ARGUMENTS
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secrets import MASK, masked

# They hold references; whoever writes a secret there by mistake must not find it in a log.
MAY_HOLD_SECRETS = ("values", "llm", "models", "env", "holmes_api_key", "toolsets")


class ValuesModule(AnsibleModule):  # type: ignore[misc]
    """With no_log the arguments are not written to the system's log; here they are also hidden from the result."""

    def __init__(self) -> None:
        super().__init__(argument_spec=ARGUMENTS, supports_check_mode=True, no_log=True)

    def exit_json(self, **kwargs: t.Any) -> t.NoReturn:
        super().exit_json(**{**kwargs, "invocation": self._shown()})
        raise SystemExit  # never reached; AnsibleModule has left already

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        super().fail_json(msg, **{**kwargs, "invocation": self._shown()})
        raise SystemExit(1)  # never reached

    def _shown(self) -> dict[str, t.Any]:
        hidden = {name: MASK for name in MAY_HOLD_SECRETS if self.params.get(name)}
        return {"module_args": masked({**self.params, **hidden})}

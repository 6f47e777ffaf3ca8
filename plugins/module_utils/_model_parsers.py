# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of vLLM's tool parsers reads the calls of which model.

Private to this collection: it may change in any release. Imports nothing of Ansible.

The names are those that vLLM registers (vllm/tool_parsers/__init__.py, 2026) and its page about tool calling gives to
the families. A model that is missing here only costs a hint.
"""

from __future__ import annotations

import re

# The first that fits wins, so the narrower pattern stands first.
_PARSERS = (
    (r"gpt-?oss", "openai"),
    (r"qwen-?3-?coder|qwen-?3\.[5-9]|qwen-?[4-9]", "qwen3_coder (or qwen3_xml)"),
    (r"qwen|qwq|hermes", "hermes"),
    (r"llama-?4", "llama4_pythonic"),
    (r"llama-?3", "llama3_json"),
    (r"deepseek.*v4", "deepseek_v4"),
    (r"deepseek.*v3\.2", "deepseek_v32"),
    (r"deepseek.*v3\.1", "deepseek_v31"),
    (r"deepseek", "deepseek_v3"),
    (r"glm-?4\.[7-9]|glm-?[5-9]", "glm47"),
    (r"glm", "glm45"),
    (r"granite.*-?4", "granite4 (hermes in an older vLLM)"),
    (r"granite", "granite"),
    (r"mi[sx]tral|ministral|magistral|devstral|codestral", "mistral"),
    (r"kimi-?k2", "kimi_k2"),
    (r"minimax-?m3", "minimax_m3"),
    (r"minimax", "minimax_m2"),
    (r"functiongemma", "functiongemma"),
    (r"gemma-?4", "gemma4"),
    (r"phi-?4-?mini", "phi4_mini_json"),
    (r"olmo-?3", "olmo3"),
    (r"seed-?oss", "seed_oss"),
    (r"step-?3\.5", "step3p5"),
    (r"step-?3", "step3"),
    (r"ernie", "ernie45"),
    (r"hunyuan", "hunyuan_a13b"),
    (r"jamba", "jamba"),
    (r"internlm", "internlm"),
    (r"xlam", "xlam"),
)
# How models write a call that no parser took out of the text.
_RAW_CALL = re.compile(
    r"<tool_call>|<function=|<\|tool|<\uff5ctool|\[TOOL_CALLS\]|<\|python_tag\|>|to=functions|<\|call\|>|<\|channel\|>"
    r'|\{\s*"(?:name|function)"\s*:.*"(?:arguments|parameters)"\s*:',
    re.DOTALL,
)


def parser_for(*names: str) -> str:
    """The parser of a model by its served name or its path; an empty text if no family is recognised."""
    for name in names:
        for pattern, parser in _PARSERS:
            if re.search(pattern, name.replace("_", "-"), re.IGNORECASE):
                return parser
    return ""


def parser_flag(*names: str) -> str:
    """``--tool-call-parser`` with its value, or with where to find it."""
    parser = parser_for(*names)
    return f"--tool-call-parser {parser}" if parser else "--tool-call-parser with the parser of the model's family"


def raw_call(text: str) -> bool:
    """Whether a text is a tool call that was not recognised as one."""
    return bool(_RAW_CALL.search(text[:4000]))

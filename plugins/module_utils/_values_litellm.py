# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that LiteLLM gives a meaning: providers, their variables, fields of a model.

Private to this collection: it may change in any release. Imports nothing of Ansible.

All of them were read from, and the claims about failures run with, LiteLLM 1.89.0, which HolmesGPT 0.45.0 pins. A name
that is missing here only costs a hint.
"""

from __future__ import annotations

import difflib
import typing as t


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def closest(name: str, names: t.Iterable[str], cutoff: float) -> str:
    """The one of the names that a misspelled one probably meant, or an empty text."""
    return next(iter(difflib.get_close_matches(name, list(names), 1, cutoff)), "")


# Providers that speak to a server of one's own.
OWN = (
    *("openai", "hosted_vllm", "litellm_proxy", "custom_openai", "lm_studio", "llamafile", "xinference"),
    *("ollama", "ollama_chat", "oobabooga", "docker_model_runner", "lemonade", "text-completion-openai"),
    *("openai_like", "vllm", "triton", "infinity", "petals", "custom"),
)
# Providers that are a service on the internet, unless api_base says otherwise.
HOSTED = (
    *_words(
        """
        a2a a2a_agent ai21 ai21_chat aiml aiohttp_openai amazon_nova anthropic anthropic_text apertis assemblyai
        auto_router aws_polly azure azure_ai azure_text baseten bedrock bedrock_mantle
        black_forest_labs bytez cerebras charity_engine chatgpt chutes clarifai cloudflare codestral cohere
        cohere_chat cometapi compactifai cursor dashscope databricks datarobot deepgram deepinfra deepseek
        dotprompt elevenlabs empower fal_ai featherless_ai fireworks_ai friendliai galadriel gemini gigachat
        github github_copilot gradient_ai groq helicone heroku huggingface humanloop hyperbolic inception
        jina_ai lambda_ai langflow langfuse langgraph litellm_agent manus maritalk meta_llama milvus minimax
        mistral moonshot morph nano-gpt nebius neosantara nlp_cloud novita nscale nvidia_nim nvidia_riva oci
        openrouter ovhcloud perplexity pg_vector poe predibase publicai ragflow recraft reducto replicate
        runwayml s3_vectors sagemaker sagemaker_chat sagemaker_nova sambanova sap scaleway snowflake soniox
        stability synthetic tensormesh text-completion-codestral text-completion-inception together_ai topaz
        v0 vercel_ai_gateway vertex_ai vertex_ai_beta volcengine voyage wandb watsonx watsonx_text xai
        xiaomi_mimo zai abliteration aihubmix crusoe gmi llamagate sarvam veniceai
        """
    ),
)
# Names that a misspelled one may have meant. Others are too close to names of organisations, such as "mistralai".
MEANT_PROVIDERS = ("openai", "hosted_vllm", "litellm_proxy", "lm_studio", "llamafile", "ollama_chat", "ollama")

# Why every chat of these fails although LiteLLM knows the name.
USELESS = {
    "vllm": "would load vLLM into HolmesGPT's own process (No module named 'vllm')",
    "openai_like": "has no chat in LiteLLM ('Unmapped LLM provider')",
    "text-completion-openai": "takes no tools",
    "triton": "takes no tools",
    "infinity": "takes no tools",
    "petals": "takes no tools",
    "custom": "takes no tools",
}
# They post to <api_base>/chat/completions, so the address has to end in /v1.
ENDS_IN_V1 = (
    *("openai", "hosted_vllm", "litellm_proxy", "custom_openai", "lm_studio", "llamafile", "xinference"),
    *("docker_model_runner", "lemonade"),
)
# They add the whole path themselves: with /v1 at the end it would be asked for twice, or where nothing is.
ADDS_PATH = ("ollama", "ollama_chat", "oobabooga", "anthropic")
# Where a chat goes without any address.
GOALS = {
    **dict.fromkeys(("ollama", "ollama_chat", "llamafile", "docker_model_runner", "lemonade"), "its own pod"),
    **dict.fromkeys(("hosted_vllm", "oobabooga"), "nowhere"),
}
ELSEWHERE = "a public address, api.openai.com"

# Providers that refuse a chat without a key; their variable is <NAME>_API_KEY or as below.
KEYED = (
    *_words(
        """
        openai custom_openai litellm_proxy xinference anthropic azure cerebras cohere dashscope deepinfra
        deepseek fireworks_ai gemini groq huggingface mistral moonshot nebius novita nvidia_nim openrouter
        perplexity replicate together_ai volcengine xai
        """
    ),
)
KEY_VARIABLES = {
    **dict.fromkeys(("custom_openai", "xinference"), ("OPENAI_API_KEY",)),
    "litellm_proxy": ("LITELLM_PROXY_API_KEY", "OPENAI_API_KEY"),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "perplexity": ("PERPLEXITYAI_API_KEY",),
    "together_ai": ("TOGETHERAI_API_KEY",),
}
# Variables with the address, where they are not <NAME>_API_BASE.
_OPENAI = ("OPENAI_BASE_URL", "OPENAI_API_BASE")
BASE_VARIABLES = {
    **dict.fromkeys(("openai", "custom_openai", "xinference", "text-completion-openai"), _OPENAI),
    "litellm_proxy": ("LITELLM_PROXY_API_BASE", *_OPENAI),
    "lm_studio": ("LM_STUDIO_API_BASE", *_OPENAI),
    "anthropic": ("ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"),
    "ollama_chat": ("OLLAMA_API_BASE",),
}
# Providers that refuse reasoning_effort and thinking for a model that LiteLLM does not know.
NO_REASONING = (
    *("openai", "custom_openai", "lm_studio", "llamafile", "xinference", "docker_model_runner", "lemonade"),
    "nvidia_nim",
)

# Names of OpenAI's models for which it lets them through.
REASONING = ("gpt-5", "o1", "o3", "o4")

PUBLIC_HOSTS = (
    *_words(
        """
        aliyuncs.com amazonaws.com anthropic.com azure.com bigmodel.cn cerebras.ai cohere.ai cohere.com
        deepinfra.com deepseek.com fireworks.ai github.ai githubcopilot.com googleapis.com groq.com
        huggingface.co mistral.ai moonshot.ai moonshot.cn novita.ai nvidia.com openai.com openrouter.ai
        perplexity.ai replicate.com robusta.dev sambanova.ai together.ai together.xyz x.ai z.ai
        """
    ),
)

# Fields of HolmesGPT's own model entry that have to be text (holmes/core/llm.py, ModelEntry; the same since 0.16.0).
TEXTS = ("name", "api_key", "base_url", "api_base", "api_version")
NUMBERS = (
    *_words(
        """
        temperature top_p top_k min_p max_tokens max_completion_tokens min_tokens seed n frequency_penalty
        presence_penalty repetition_penalty length_penalty num_retries max_retries top_logprobs num_ctx
        num_predict input_cost_per_token output_cost_per_token
        """
    ),
)
MAPPINGS = ("extra_headers", "headers", "extra_body", "custom_args")
# Fields that people set and that a misspelled one may have meant.
MEANT_FIELDS = (
    *("model", *TEXTS[1:], *MAPPINGS, "is_robusta_model", "allowed_openai_params", "reasoning_effort"),
    *_words(
        """
        temperature top_p top_k max_tokens max_completion_tokens seed stop frequency_penalty presence_penalty
        repetition_penalty parallel_tool_calls custom_llm_provider num_retries max_retries chat_template_kwargs
        """
    ),
)
# Others that are right as they are: LiteLLM's, and what vLLM, Ollama and llama.cpp take beside OpenAI's.
FIELDS = frozenset(
    (*MEANT_FIELDS, *NUMBERS, "name", "thinking", "verbosity", "user", "logprobs", "logit_bias", "modalities")
) | frozenset(
    (
        *_words(
            """
            prediction audio service_tier safety_identifier store metadata function_call functions tags rpm tpm
            stream_options web_search_options organization fallbacks base_model max_budget
            aws_access_key_id aws_secret_access_key aws_session_token aws_region_name aws_profile_name
            aws_role_name aws_session_name aws_web_identity_token aws_bedrock_runtime_endpoint
            vertex_project vertex_location vertex_credentials azure_ad_token tenant_id client_id
            client_secret azure_scope api_type deployment_id region_name request_timeout stream_timeout
            stop_token_ids include_stop_str_in_output ignore_eos skip_special_tokens bad_words priority
            truncate_prompt_tokens prompt_logprobs best_of chat_template add_generation_prompt echo
            continue_final_message add_special_tokens documents mm_processor_kwargs structured_outputs
            guided_json guided_regex guided_choice guided_grammar include_reasoning cache_salt
            logits_processors allowed_token_ids vllm_xargs kv_transfer_params request_id
            keep_alive repeat_penalty repeat_last_n mirostat mirostat_eta mirostat_tau tfs_z typical_p
            options think format cache_prompt reasoning_format reasoning
            prompt_cache_key prompt_cache_retention default_headers additional_drop_params context_management
            model_info supports_system_message roles ssl_verify hf_model_name enable_json_schema_validation
            """
        ),
    )
)
# Other names that people give to a field, without their case and underscores.
MEANT = {
    **dict.fromkeys(
        (
            *("maxcontextsize", "contextwindow", "contextsize", "contextlength", "maxcontext", "maxcontextlength"),
            *("maxmodellen", "maxinputtokens"),
        ),
        "custom_args.max_context_size",
    ),
    **dict.fromkeys(("maxoutputtokens", "maxoutputtoken", "maxnewtokens", "maxtoken"), "max_tokens"),
    **dict.fromkeys(("key", "token", "apitoken", "openaiapikey"), "api_key"),
    **dict.fromkeys(("url", "endpoint", "host", "apiurl", "openaiapibase", "server", "apiendpoint"), "api_base"),
    **dict.fromkeys(("modelname", "servedname", "servedmodelname", "deployment", "provider"), "model"),
    "temp": "temperature",
}

"""Chat templates of models that think: our own, each reduced to a family's markers and switch."""

from __future__ import annotations

from typing import NamedTuple


def _chat(start: str, middle: str, end: str, prompt: str, head: str = "") -> str:
    """Return a template of turns, each `start` role `middle` content `end`, and a prompt."""
    return (
        head
        + "{%- for message in messages %}"
        + f"{{{{- '{start}' + message.role + '{middle}' + message.content + '{end}' }}}}"
        + "{%- endfor %}{%- if add_generation_prompt %}"
        + prompt
        + "{%- endif %}"
    )


def _tags(prompt: str, head: str = "") -> str:
    return _chat("<|im_start|>", "\\n", "<|im_end|>\\n", prompt, head)


class Family(NamedTuple):
    """A template, its form and switch, and how its prompts must end: answering, and thinking."""

    source: str
    form: str
    switch: str
    off: str
    on: str
    closing: str


_START = "<|im_start|>assistant\n"
_EMPTY = "<think>\n\n</think>\n\n"

FAMILIES = {
    "qwen3": Family(
        _tags(
            "{{- '<|im_start|>assistant\\n' }}"
            "{%- if enable_thinking is defined and enable_thinking is false %}"
            "{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}"
        ),
        "<think>",
        "enable_thinking",
        _START + _EMPTY,
        _START + "<think>\n",
        "\n</think>\n\n",
    ),
    "qwen3.5": Family(
        _tags(
            "{{- '<|im_start|>assistant\\n' }}"
            "{%- if enable_thinking is defined and enable_thinking is false %}"
            "{{- '<think>\\n\\n</think>\\n\\n' }}{%- else %}{{- '<think>\\n' }}{%- endif %}"
        ),
        "<think>",
        "enable_thinking",
        _START + _EMPTY,
        _START + "<think>\n",
        "\n</think>\n\n",
    ),
    "deepseek-r1": Family(
        _tags("{{- '<|Assistant|><think>\\n' }}"),
        "<think>",
        "",
        "<|Assistant|>" + _EMPTY,
        "<|Assistant|><think>\n",
        "\n</think>\n\n",
    ),
    "deepseek-v3.1": Family(
        _tags(
            "{{- '<|Assistant|>' }}{%- if thinking %}{{- '<think>' }}"
            "{%- else %}{{- '</think>' }}{%- endif %}"
        ),
        "<think>",
        "thinking",
        "<|Assistant|></think>",
        "<|Assistant|><think>",
        "</think>",
    ),
    "kimi-k2-thinking": Family(
        _tags(
            "{{- '<|im_assistant|>' }}",
            "{%- if messages[-1].role == 'assistant' %}{{- '<think></think>' }}{%- endif %}",
        ),
        "<think>",
        "",
        "<|im_assistant|><think></think>",
        "<|im_assistant|><think>",
        "</think>",
    ),
    "kimi-k3": Family(
        "{%- macro open(tag) %}{{- '<|open|>' + tag + '<|sep|>' }}{%- endmacro %}"
        + _tags("{{- open('think' if thinking else 'response') }}"),
        "Kimi markers",
        "thinking",
        "<|open|>response<|sep|>",
        "<|open|>think<|sep|>",
        "<|close|>think<|sep|><|open|>response<|sep|>",
    ),
    "gpt-oss": Family(
        _chat(
            "<|start|>",
            "<|message|>",
            "<|end|>",
            "{{- '<|start|>assistant' }}",
            "{%- if not reasoning_effort %}{%- set reasoning_effort = 'medium' %}{%- endif %}"
            "{{- 'Reasoning: ' + reasoning_effort }}"
            "{%- if messages[-1].thinking %}{{- '<|channel|>analysis<|message|>' }}{%- endif %}",
        ),
        "gpt-oss channels",
        "",
        "<|start|>assistant<|channel|>analysis<|message|><|end|>"
        "<|start|>assistant<|channel|>final<|message|>",
        "<|start|>assistant<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>final<|message|>",
    ),
    "gemma4": Family(
        _chat(
            "<|turn>",
            "\\n",
            "<turn|>\\n",
            "{{- '<|turn>model\\n' }}{%- if not enable_thinking | default(false) %}"
            "{{- '<|channel>thought\\n<channel|>' }}{%- endif %}",
            "{%- if enable_thinking %}{{- '<|think|>' }}{%- endif %}",
        ),
        "Gemma channels",
        "enable_thinking",
        "<|turn>model\n<|channel>thought\n<channel|>",
        "<|turn>model\n<|channel>thought\n",
        "<channel|>",
    ),
    "magistral": Family(
        _chat("[", "]", "[/INST]", "", "{{- 'First think: [THINK]so[/THINK]' }}"),
        "[THINK]",
        "",
        "[/INST][THINK][/THINK]",
        "[/INST][THINK]",
        "[/THINK]",
    ),
    "mistral-effort": Family(
        _chat(
            "[",
            "]",
            "[/INST]",
            "",
            "{%- if reasoning_effort not in ['none', 'high'] %}"
            "{{- raise_exception('no such effort') }}{%- endif %}{{- reasoning_effort }}"
            "{%- if messages[-1].thinking %}{{- '[THINK]' }}{%- endif %}",
        ),
        "[THINK]",
        "reasoning_effort",
        "[/INST]",
        "[/INST][THINK]",
        "[/THINK]",
    ),
    "granite": Family(
        _tags(
            "{{- '<|im_start|>assistant\\n' }}",
            "{%- if thinking %}{{- 'Think in <think></think>, answer in <response></response>.' }}"
            "{%- endif %}",
        ),
        "<think>",
        "thinking",
        _START,
        _START + "<think>",
        "</think><response>",
    ),
    "granite-sentences": Family(
        _tags(
            "{{- '<|im_start|>assistant\\n' }}",
            "{%- if thinking %}{{- 'Begin with Here is my thought process:' }}{%- endif %}",
        ),
        "Granite sentences",
        "thinking",
        _START,
        _START + "Here is my thought process:\n",
        "\nHere is my response:\n",
    ),
    "nemotron": Family(
        _tags(
            "{%- if ns.thinks %}{{- '<think>\\n\\n' }}{%- else %}{{- '<think></think>' }}"
            "{%- endif %}",
            "{%- set ns = namespace(thinks=true) %}"
            "{%- for m in messages if '/no_think' in m.content %}"
            "{%- set ns.thinks = false %}{%- endfor %}",
        ).replace(
            "+ message.content", "+ message.content.replace('/no_think', '').replace('/think', '')"
        ),
        "<think>",
        "/no_think",
        "<think></think>",
        "<think>\n\n",
        "\n</think>\n\n",
    ),
    "glm-4.6": Family(
        _tags(
            "{{- '<|assistant|>' }}{%- if enable_thinking is defined and not enable_thinking %}"
            "{{- '\\n<think></think>' }}{%- endif %}"
        ),
        "<think>",
        "enable_thinking",
        "<|assistant|>\n<think></think>",
        "<|assistant|><think>",
        "</think>",
    ),
    "seed": Family(
        _tags(
            "{{- '<seed:bos>assistant\\n' }}{%- if thinking_budget == 0 %}"
            "{{- '<seed:think><seed:cot_budget_reflect>' }}{%- endif %}"
        ),
        "<seed:think>",
        "thinking_budget",
        "<seed:bos>assistant\n<seed:think><seed:cot_budget_reflect></seed:think>",
        "<seed:bos>assistant\n<seed:think>",
        "</seed:think>",
    ),
    "cohere": Family(
        _chat(
            "<|",
            "|>",
            "<|END|>",
            "{{- '<|CHATBOT|>' }}{%- if reasoning %}{{- '<|START_THINKING|>' }}"
            "{%- else %}{{- '<|START_THINKING|><|END_THINKING|>' }}{%- endif %}",
            "{%- if messages[-1].role == 'assistant' %}{{- '<|START_RESPONSE|>' }}{%- endif %}",
        ),
        "Cohere markers",
        "reasoning",
        "<|CHATBOT|><|START_THINKING|><|END_THINKING|><|START_RESPONSE|>",
        "<|CHATBOT|><|START_THINKING|>",
        "<|END_THINKING|><|START_RESPONSE|>",
    ),
    "apertus": Family(
        _chat(
            "<|",
            "|>",
            "<|end|>",
            "{{- '<|assistant_start|>' }}",
            "{{- 'Deliberation: ' }}{%- if enable_thinking %}{{- 'on' }}{%- else %}{{- 'off' }}"
            "{%- endif %}{%- if messages[-1].thoughts %}{{- '<|inner_prefix|>' }}{%- endif %}",
        ),
        "Apertus markers",
        "enable_thinking",
        "<|assistant_start|>",
        "<|assistant_start|><|inner_prefix|>",
        "<|inner_suffix|>",
    ),
    "apriel": Family(
        _tags(
            "{{- '<|begin_assistant|>Here are my reasoning steps:\\n' }}",
            "{%- if messages[-1].role == 'assistant' %}{{- '[BEGIN FINAL RESPONSE]' }}{%- endif %}",
        ),
        "Apriel sentences",
        "",
        "<|begin_assistant|>Here are my reasoning steps:\n\n[BEGIN FINAL RESPONSE]\n",
        "<|begin_assistant|>Here are my reasoning steps:\n",
        "\n[BEGIN FINAL RESPONSE]\n",
    ),
    "composed-tag": Family(
        _tags("{%- set name = 'think' %}{{- '<' + name + ':open>' }}"),
        "<think:open>",
        "",
        "<think:open></think:open>",
        "<think:open>",
        "</think:open>",
    ),
}

from __future__ import annotations

import pytest
from thinking_templates import FAMILIES
from tiny_gguf import CHAT

from doxa.backend.named.families import family


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (CHAT, "ChatML"),
        ("<|start_header_id|>{{ m.role }}<|end_header_id|>", "Llama 3"),
        ("<start_of_turn>user", "Gemma"),
        ("[INST] {{ m }} [/INST]", "Mistral"),
        ("<|channel|>analysis", "gpt-oss"),
        ("{{ m.content }}", "other"),
        ("", ""),
    ],
)
def test_a_template_has_the_name_of_its_family(source: str, name: str) -> None:
    assert family(source) == name


def test_every_template_has_some_name() -> None:
    assert all(family(one.source) for one in FAMILIES.values())

from __future__ import annotations

import time

import pytest
from thinking_templates import FAMILIES
from tiny_gguf import CHAT
from tiny_models import ENDLESS

from doxa.backend import template
from doxa.backend.template import ChatTemplate
from doxa.errors import ModelError

NO_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system turn') }}{% endif %}"
    "{{ bos_token }}<user>{{ messages[0]['content'] | trim }}</user><model>"
)
DROPS_SYSTEM = "{% for m in messages if m.role == 'user' %}[{{ m.content }}]{% endfor %}"


def test_a_chat_template_wraps_both_turns() -> None:
    parts = ChatTemplate(CHAT).render("Be brief.", "Agree?", "Say one.", "Answer: ")
    assert parts == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n",
        "Agree?",
        "\n\nSay one.<|im_end|>\n<|im_start|>assistant\nAnswer: ",
    )


@pytest.mark.parametrize(
    ("source", "start", "end"),
    [(NO_SYSTEM, "<s><user>", "</user><model>"), (DROPS_SYSTEM, "[", "]")],
)
def test_a_template_without_system_turn_gets_it_before_the_item(
    source: str, start: str, end: str
) -> None:
    chat = ChatTemplate(source, bos="<s>")
    parts = chat.render("Be brief.", "Agree?", "Say one.", "{")
    assert parts == (f"{start}Be brief.\n\n", "Agree?", f"\n\nSay one.{end}{{")
    assert chat.render("", "Agree?", "Say one.")[0] == start


def test_a_template_that_can_think_is_told_not_to() -> None:
    source = "{{ messages[-1].content }}{% if not enable_thinking %}<no-thinking>{% endif %}"
    assert ChatTemplate(source).render("", "U", "A")[2] == "\n\nA<no-thinking>"


def test_a_thought_is_opened_after_the_turns_and_closed_before_the_reply() -> None:
    chat = ChatTemplate(FAMILIES["qwen3"].source)
    assert chat.thinking is not None
    *before, after = chat.render("S", "U", "A", "Answer: ", thinks=True)
    assert before[:2] == ["<|im_start|>system\nS<|im_end|>\n<|im_start|>user\n", "U"]
    assert before[2] == "\n\nA<|im_end|>\n<|im_start|>assistant\n<think>\n"
    assert after == "\n</think>\n\nAnswer: "


@pytest.mark.parametrize("source", ["", CHAT, "{{ messages[-1].content }}<think></think>"])
def test_a_template_without_thoughts_opens_none(source: str) -> None:
    assert ChatTemplate(source).thinking is None
    assert ChatTemplate(source).render("S", "U", "A", thinks=True) == ChatTemplate(source).render(
        "S", "U", "A"
    )


def test_a_base_model_gets_plain_text() -> None:
    assert "".join(ChatTemplate().render("S", "U", "A", "R")) == "S\n\nU\n\nA\nR"
    assert "".join(ChatTemplate().render("", "U", "A")) == "U\n\nA\n"


def test_text_that_looks_like_a_template_is_left_alone() -> None:
    parts = ChatTemplate(CHAT).render("{{ 1 + 1 }}", "{% if %}", "}}")
    assert "{{ 1 + 1 }}" in parts[0]
    assert parts[1] == "{% if %}"


@pytest.mark.parametrize("source", ["{{ messages[", "nothing"])
def test_a_broken_template_is_told_in_one_line(source: str) -> None:
    with pytest.raises(ModelError, match="chat template") as caught:
        ChatTemplate(source).render("S", "U", "A")
    assert "\n" not in str(caught.value)


MEMORY = "{{ 'a' * 10 ** 10 }}"


@pytest.mark.parametrize(
    ("source", "message"), [(ENDLESS, "within 2 s and 1 GiB"), (MEMORY, "MemoryError")]
)
def test_a_template_that_takes_too_much_is_told_in_one_line(source: str, message: str) -> None:
    for _ in range(2):
        start = time.process_time()
        with pytest.raises(ModelError, match=message) as caught:
            ChatTemplate(source).render("S", "U", "A")
        assert "\n" not in str(caught.value)
    # tried once only
    assert time.process_time() - start < 1


def test_a_template_is_rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = ChatTemplate(CHAT + "{# once #}")
    first = chat.render("S", "U", "A")
    monkeypatch.setattr(template, "Child", None)
    assert chat.render("S", "U", "A") == first
    assert chat.render("T", "V", "B")[1] == "V"

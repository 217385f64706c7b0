from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from thinking_templates import FAMILIES
from tiny_gguf import CHAT

from doxa.backend import rendering
from doxa.backend.rendering import Frames, frames
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

TURN = "{{ messages[-1].content }}"


def test_a_template_is_cut_at_its_turns() -> None:
    (before, between, after), on, thinking = frames(CHAT, "", "")
    assert on is None
    assert thinking is None
    assert before == "<|im_start|>system\n"
    assert between == "<|im_end|>\n<|im_start|>user\n"
    assert after == "<|im_end|>\n<|im_start|>assistant\n"


@pytest.mark.parametrize(
    "refusal",
    ["{{ raise_exception('no') }}", "{{ 1 / 0 }}", "{{ nothing.at.all }}", "{{ 'a' + 1 }}"],
)
def test_a_template_that_fails_on_a_system_turn_gets_none(refusal: str) -> None:
    source = "{% if messages[0].role == 'system' %}" + refusal + "{% endif %}<" + TURN + ">"
    assert frames(source, "", "").off == ("<", None, ">")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ messages[", "cannot be rendered: unexpected"),
        ("{{ 1 / 0 }}", "cannot be rendered: division by zero"),
        ("{{ messages[-1].content.nothing.at.all }}", "cannot be rendered"),
        ("{{ 'a' * 2000000 }}", "writes more than 1,000,000 characters"),
        ("{% for i in range(9999) %}{{ 'a' * 999 }}{% endfor %}", "writes more than 1,000,000"),
        (" " * 1_000_001, "has more than 1,000,000 characters"),
        ("{{ '\\ud800' }}" + TURN, "cannot be rendered: 'utf-8'"),
        ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "cannot be rendered"),
        (TURN + TURN, "does not render a user turn"),
        ("{{ messages.__class__.mro() }}", "cannot be rendered"),
    ],
)
def test_a_broken_template_is_told_in_one_line(source: str, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        frames(source, "", "")
    assert "\n" not in str(caught.value)


@given(st.text(st.sampled_from("{}%#-+ \n\"'()[]|.,:=ab01"), max_size=40))
def test_any_text_is_a_frame_or_an_error_of_ours(source: str) -> None:
    with suppress(ModelError):
        before, _, after = frames(source + TURN, "<s>", "</s>").off
        assert isinstance(before + after, str)


def test_the_process_is_given_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {}
    monkeypatch.setattr(rendering, "limit", lambda what, most: limits.update({what: most}))
    answers: list[Iterator[tuple[Any, ...]]] = []
    monkeypatch.setattr(rendering, "serve", lambda answer: answers.append(answer((CHAT, "", ""))))
    rendering.main()
    assert limits == {"RLIMIT_CPU": rendering.SECONDS, "RLIMIT_AS": 2**30}
    assert list(answers[0]) == [frames(CHAT, "", "")]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_model_that_thinks_is_told_not_to_or_its_thought_is_closed(name: str) -> None:
    family = FAMILIES[name]
    off, on, thinking = frames(family.source, "", "")
    assert off.after.endswith(family.off)
    assert on is not None
    assert on.after.endswith(family.on)
    assert thinking is not None
    assert (thinking.form, thinking.switch) == (family.form, family.switch)
    assert thinking.closing == family.closing
    assert thinking.is_open(on.after)
    assert not thinking.is_open(off.after)


def test_words_that_switch_are_not_left_in_the_turns() -> None:
    off, on, _ = frames(FAMILIES["nemotron"].source, "", "")
    assert on is not None
    assert on.between is not None
    assert "think" not in on.between
    assert off.between == on.between


def test_a_switch_that_changes_nothing_is_not_trusted() -> None:
    source = "{% set quiet = not enable_thinking %}" + TURN + "<|model|><think>\n"
    off, _, thinking = frames(source, "", "")
    assert off.after == "<|model|><think>\n\n</think>\n\n"
    assert thinking is not None
    assert thinking.switch == ""


def test_a_switch_that_leaves_the_thought_open_is_not_trusted() -> None:
    source = TURN + "{% if not enable_thinking %}Be quick.{% endif %}<think>"
    assert frames(source, "", "").off.after == "Be quick.<think></think>"


def test_a_thought_of_an_unknown_form_is_refused_unless_it_can_be_switched_off() -> None:
    source = TURN + "<|begin_reasoning|>"
    with pytest.raises(ModelError, match=r"<\|begin_reasoning\|>.*another template"):
        frames(source, "", "")
    switched = TURN + "{% if enable_thinking %}<|begin_reasoning|>{% endif %}"
    assert frames(switched, "", "") == Frames(("", None, ""), None, None)


def test_a_template_that_closes_every_thought_allows_none() -> None:
    off, on, _ = frames(TURN + "{{ '<think>\\n\\n</think>\\n\\n' }}", "", "")
    assert off.after == "<think>\n\n</think>\n\n"
    assert on is None

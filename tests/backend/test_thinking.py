from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from thinking_templates import FAMILIES
from tiny_gguf import CHAT

from doxa.backend.thinking import recognise, split, unknown_opening, ways


@pytest.mark.parametrize("name", [name for name in FAMILIES if name != "composed-tag"])
def test_a_form_is_found_in_the_text_of_a_template(name: str) -> None:
    family = FAMILIES[name]
    found = recognise(family.source)
    assert found is not None
    assert (found.form, found.switch) == (family.form, family.switch)
    assert found.end in found.closing


def test_a_template_without_thoughts_has_no_form() -> None:
    assert recognise(CHAT) is None
    assert recognise("{# we were thinking of a response #}" + CHAT) is None


@given(st.sampled_from(sorted(FAMILIES)), st.text(max_size=20))
def test_what_is_closed_is_neither_open_nor_closed_again(name: str, text: str) -> None:
    thinking = recognise(FAMILIES[name].source) or recognise("<think>")
    assert thinking is not None
    closed = thinking.closed(text)
    assert not thinking.is_open(closed)
    assert thinking.closed(closed) == closed
    assert thinking.is_open(closed + thinking.opening + text)


def test_only_a_variable_is_a_switch_and_not_an_attribute_a_text_or_a_comment() -> None:
    assert ways("{{ message.reasoning }}{{ m['thinking'] }}{# thinking #}")[0].name == ""
    assert ways("{% if thinking %}x{% endif %}")[0].name == "thinking"


def test_little_thought_is_asked_for_where_none_is_impossible() -> None:
    [way] = ways("{{ reasoning_effort }}")
    assert way.off["reasoning_effort"] == "low"
    assert "reasoning_effort" not in way.on


@pytest.mark.parametrize("name", [name for name in FAMILIES if name != "composed-tag"])
def test_a_reply_is_split_into_thought_and_answer(name: str) -> None:
    thinking = recognise(FAMILIES[name].source)
    assert thinking is not None
    whole = f"{thinking.opening}1 or 2?{thinking.closing}2"
    assert split(whole) == ("1 or 2?", "2")
    assert split(f"{thinking.opening}1 or 2?") == ("1 or 2?", "")


def test_a_thought_that_the_template_opened_is_split_off_too() -> None:
    assert split("1 or 2?\n</think>\n\n2") == ("1 or 2?", "2")
    assert split("I think 2") is None


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("<|assistant|>\n[REASONING]\n", "[REASONING]"),
        ("<thoughts>", "<thoughts>"),
        ("</thoughts>", ""),
        ("I think", ""),
        ("<thoughts> so", ""),
    ],
)
def test_what_looks_like_an_opened_thought_is_named(text: str, opening: str) -> None:
    assert unknown_opening(text) == opening

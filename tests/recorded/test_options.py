from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.errors import RecordingError
from doxa.prompt import Condition, ordered_codes, render
from doxa.recorded.options import Shown, order_name, shown_options, stated_codes, words_of

from .made import BANK, HAPPY

ORDERS = ("listed", "reversed", "rotated:1", "seed:3")


def options(question: str, prompt: str = "", language: str = "en", **stated: Any) -> list[Shown]:
    return shown_options(stated, prompt, question, language, BANK, "here")


@given(
    item=st.sampled_from(list(BANK.items)),
    order=st.sampled_from(ORDERS),
    style=st.sampled_from(["numbers", "letters"]),
    language=st.sampled_from(["en", "ja", "es"]),
)
def test_doxa_s_own_prompts_say_what_they_show(
    item: str, order: str, style: str, language: str
) -> None:
    if item not in BANK.language(language).questions:
        return
    condition = Condition(language, option_order=order, label_style=style)
    prompt = render(item, condition, bank=BANK)
    for elicitation in ("verbalized", "logprobs"):
        [shown] = options(item, prompt.plain(elicitation), language)
        assert shown == (prompt.labels, prompt.codes)
    assert ordered_codes(BANK.items[item], order_name(BANK.items[item], shown.codes, order)) == (
        shown.codes
    )


def test_nothing_said_is_open_where_labels_are_no_codes() -> None:
    assert options("Q46") == [
        Shown(("1", "2", "3", "4"), (1, 2, 3, 4)), Shown(("A", "B", "C", "D"), (1, 2, 3, 4)),
    ]  # fmt: skip
    assert Shown(("2", "1", "0"), (2, 1, 0)) in options("Q122")
    assert Shown(("1", "2", "3"), (2, 1, 0)) in options("Q122")


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ({"codes": ["4", 3, 2, 1], "labels": ["a", "b", "c", "d"]}, ("abcd", (4, 3, 2, 1))),
        ({"option_order": "reversed", "label_style": "numbers"}, ("1234", (4, 3, 2, 1))),
        ({"choices": [f"{a}) {b}" for a, b in zip("ABCD", HAPPY, strict=True)]},
         ("ABCD", (1, 2, 3, 4))),
        ({"choices": {"text": HAPPY[::-1], "label": [*"ABCD"]}}, ("ABCD", (4, 3, 2, 1))),
        ({"labels": ["w", "x", "y", "z"]}, ("wxyz", (1, 2, 3, 4))),
        ({"labels": ["1", "2", "3", "4"], "option_order": "reversed"}, ("1234", (4, 3, 2, 1))),
    ],
)  # fmt: skip
def test_what_is_said_decides(stated: dict[str, Any], shown: tuple[str, tuple[int, ...]]) -> None:
    assert options("Q46", **stated) == [Shown(tuple(shown[0]), shown[1])]


def test_labels_that_are_the_codes_in_another_order_are_open() -> None:
    assert options("Q46", labels=["4", "3", "2", "1"]) == [
        Shown(("4", "3", "2", "1"), (1, 2, 3, 4)), Shown(("4", "3", "2", "1"), (4, 3, 2, 1)),
    ]  # fmt: skip


def test_a_prompt_that_contradicts_what_is_said() -> None:
    prompt = "\n".join(f"{label}: {word}" for label, word in zip("1234", HAPPY, strict=True))
    assert options("Q46", prompt) == [Shown(tuple("1234"), (1, 2, 3, 4))]
    with pytest.raises(RecordingError, match="option_order and the prompt show its codes in an"):
        options("Q46", prompt, option_order="reversed")
    with pytest.raises(RecordingError, match="labels A, B, C, D, but the prompt shows 1, 2, 3, 4"):
        options("Q46", prompt, labels=[*"ABCD"])


def test_the_last_lines_of_a_prompt_are_the_item_s() -> None:
    first = "\n".join(f"{label}: {word}" for label, word in zip("ABCD", HAPPY, strict=True))
    last = "\n".join(f"{label}. {word}" for label, word in zip("1234", HAPPY[::-1], strict=True))
    assert options("Q46", f"{first}\n\n{last}") == [Shown(tuple("1234"), (4, 3, 2, 1))]
    assert len(options("Q46", "1: Very happy\n2: Rather happy")) == 2


def test_codes_by_place_and_numbers_that_may_be_labels() -> None:
    def codes(question: str, **stated: Any) -> tuple[int, ...]:
        return stated_codes(stated, question, "en", BANK, "here")

    assert codes("Q46", choices=HAPPY[::-1]) == (4, 3, 2, 1)
    assert codes("Q46", options=["4", "3", "2", "1"]) == (4, 3, 2, 1)
    assert codes("Q46", choices=["1", "2", "3", "4"]) == ()
    assert codes("Q122", choices=["1", "2", "3"]) == ()
    assert codes("Q122", codes=[2, 1, 0]) == (2, 1, 0)


def test_words_and_names_of_orders() -> None:
    assert list(words_of(BANK.items["Q46"], "en", BANK).values()) == HAPPY
    assert words_of(BANK.items["Q46"], "xx", BANK) == {}
    assert order_name(BANK.items["Q46"], (2, 1, 3, 4), None) == "2 1 3 4"

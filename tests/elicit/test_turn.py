from __future__ import annotations

import pytest

from doxa.backend import Turn
from doxa.elicit.turn import turn_of
from doxa.prompt import Condition, render
from doxa.questionnaire import QuestionBank

PROMPT = render("Q57", Condition("en", n_examples=2), bank=QuestionBank.load())


@pytest.mark.parametrize("elicitation", ["logprobs", "verbalized", "sampling", "sequence"])
def test_a_turn_has_the_texts_of_the_prompt(elicitation: str) -> None:
    assert turn_of(PROMPT, elicitation) == Turn(
        PROMPT.opening(elicitation),
        PROMPT.user,
        PROMPT.asks[elicitation],
        PROMPT.reply_starts[elicitation],
    )


def test_a_shares_object_is_begun_for_the_model() -> None:
    assert turn_of(PROMPT, "verbalized").reply_start == "{"
    assert turn_of(PROMPT, "logprobs").reply_start == "Answer: "

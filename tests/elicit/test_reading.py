from __future__ import annotations

from typing import get_args

import pytest

from doxa.backend import Answer
from doxa.elicit import ELICITATIONS, Reading, Status
from doxa.prompt import Condition, render
from doxa.questionnaire import QuestionBank

PROMPT = render("Q57", Condition("en", n_examples=0), bank=QuestionBank.load())


def test_a_failure_has_no_distribution_and_no_draws_to_count() -> None:
    failed = Reading("refused", "words alone")
    assert failed.probabilities == {}
    assert failed.off_option_mass is None
    assert failed.n_draws == 1


@pytest.mark.parametrize("name", ELICITATIONS)
@pytest.mark.parametrize("text", ["", "no", "1", '"1": 60, "2": 40}', "1, 2, 1, 2, 1, 2", "{"])
def test_every_reading_is_a_distribution_or_a_reason(name: str, text: str) -> None:
    answer = Answer(text, log_probabilities=(-1.0, -2.0) if "logprobs" in name else ())
    reading = ELICITATIONS[name].read(PROMPT, answer)
    assert reading.status in get_args(Status)
    if reading.status == "ok":
        assert set(reading.probabilities) == set(PROMPT.codes)
        assert sum(reading.probabilities.values()) == pytest.approx(1)
    else:
        assert reading.reason
        assert not reading.probabilities

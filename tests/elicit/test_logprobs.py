from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.backend import Answer
from doxa.elicit import ELICITATIONS, ElicitationSettings
from doxa.prompt import Condition, render
from doxa.questionnaire import QuestionBank

BANK = QuestionBank.load()
PROMPT = render("Q1", Condition("en", option_order="reversed", n_examples=0), bank=BANK)
SETTINGS = ElicitationSettings()


@given(st.lists(st.floats(-30, 0), min_size=4, max_size=4))
def test_log_probabilities_become_shares_and_mass_off_the_options(scores: list[float]) -> None:
    total = sum(math.exp(score) for score in scores)
    shift = max(0.0, math.log(total))
    scores = [score - shift for score in scores]
    reading = ELICITATIONS["logprobs"].read(PROMPT, Answer("1", log_probabilities=tuple(scores)))
    assert reading.status == "ok"
    assert sum(reading.probabilities.values()) == pytest.approx(1)
    assert reading.off_option_mass == pytest.approx(1 - sum(map(math.exp, scores)), abs=1e-9)
    first_shown = PROMPT.codes[0]
    assert reading.probabilities[first_shown] == pytest.approx(
        math.exp(scores[0]) / sum(map(math.exp, scores))
    )


@pytest.mark.parametrize("scores", [(), (-1.0,), (-math.inf,) * 4])
def test_unusable_log_probabilities(scores: tuple[float, ...]) -> None:
    reading = ELICITATIONS["logprobs"].read(PROMPT, Answer("", log_probabilities=scores))
    assert reading.status == "error"
    assert reading.reason


def test_calibration_removes_the_preference_without_content() -> None:
    answer = Answer(
        "1",
        log_probabilities=tuple(map(math.log, (0.4, 0.2, 0.1, 0.1))),
        baseline=tuple(map(math.log, (0.4, 0.1, 0.1, 0.1))),
    )
    reading = ELICITATIONS["logprobs-calibrated"].read(PROMPT, answer)
    assert [reading.probabilities[code] for code in PROMPT.codes] == pytest.approx(
        [0.2, 0.4, 0.2, 0.2]
    )
    assert reading.off_option_mass == pytest.approx(0.2)

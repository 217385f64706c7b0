from __future__ import annotations

import math
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.backend import Answer
from doxa.elicit import ELICITATIONS, ElicitationSettings
from doxa.errors import ExperimentError
from doxa.prompt import Condition, render
from doxa.questionnaire import QuestionBank

BANK = QuestionBank.load()
PROMPT = render("Q1", Condition("en", option_order="reversed", n_examples=0), bank=BANK)
SETTINGS = ElicitationSettings()


def test_elicitations_share_the_item_and_differ_in_the_ask() -> None:
    asked = [
        elicitation.request(PROMPT, SETTINGS, 0, 0).turn for elicitation in ELICITATIONS.values()
    ]
    assert len({(turn.system, turn.user) for turn in asked}) == 1
    assert len({turn.ask for turn in asked}) == 3


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
def test_log_probabilities_that_are_none(scores: tuple[float, ...]) -> None:
    reading = ELICITATIONS["logprobs"].read(PROMPT, Answer("", log_probabilities=scores))
    assert reading.status == "error"
    assert reading.reason


def test_calibration_takes_out_what_is_preferred_without_content() -> None:
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


def test_verbalised_shares_go_to_the_codes_shown() -> None:
    whole = Answer('{"1": 10, "2": 20, "3": 30, "4": 40}')
    rest = Answer('"1": 10, "2": 20, "3": 30, "4": 40}')
    expected = dict(zip(PROMPT.codes, (0.1, 0.2, 0.3, 0.4), strict=True))
    assert PROMPT.codes == (4, 3, 2, 1)
    for answer in (whole, rest):
        assert ELICITATIONS["verbalized"].read(PROMPT, answer).probabilities == expected


def test_draws_have_their_own_seeds() -> None:
    other = render("Q2", Condition("en", n_examples=0), bank=BANK)
    seeds = {
        ELICITATIONS["sampling"].request(prompt, ElicitationSettings(seed=seed), draw, attempt).seed
        for prompt in (PROMPT, other)
        for seed in (0, 1)
        for draw in range(5)
        for attempt in range(2)
    }
    assert len(seeds) == 40


def test_a_draw_is_all_mass_on_one_option() -> None:
    reading = ELICITATIONS["sampling"].read(PROMPT, Answer("2"))
    assert reading.probabilities == {4: 0.0, 3: 1.0, 2: 0.0, 1: 0.0}
    assert ELICITATIONS["sampling"].read(PROMPT, Answer("perhaps")).status == "refused"


@pytest.mark.parametrize(
    ("text", "finish", "status", "counts", "off"),
    [
        ("1, 2, 2, 4, 3, 1", "stop", "ok", (2, 2, 1, 1), 0),
        ("1、2，2; 4, 3, 1。", "stop", "ok", (2, 2, 1, 1), 0),
        ("Here they are:\n[1 1 1 2 2 2]", "stop", "ok", (3, 3, 0, 0), 0),
        ("Answers: 1, 2, 9, 3.", "stop", "ok", (1, 1, 1, 0), 0.25),
        ("1,1,1,1,1,1,2,2", "length", "ok", (6, 0, 0, 0), 0),
        ("1,1,1,1,1,1", "length", "truncated", None, None),
        ("1, 2", "stop", "unparsable", None, None),
        ("9, 9, 9, 9, 9, 9", "stop", "unparsable", None, None),
        ("Nobody can know that, sorry.", "stop", "refused", None, None),
        (" ", "stop", "refused", None, None),
    ],
)
def test_sequences_are_counted(
    text: str,
    finish: Literal["stop", "length"],
    status: str,
    counts: tuple[int, ...] | None,
    off: float | None,
) -> None:
    prompt = render(
        "Q1", Condition("en", option_order="reversed", n_examples=0), bank=BANK, draws=6
    )
    assert " 6 times" in prompt.asks["sequence"]
    reading = ELICITATIONS["sequence"].read(prompt, Answer(text, finish))
    assert (reading.status, reading.off_option_mass) == (status, off)
    if counts is not None:
        valid = sum(counts)
        shares = [reading.probabilities[code] for code in (4, 3, 2, 1)]
        assert shares == [count / valid for count in counts]
        assert reading.n_draws == valid
        assert bool(reading.reason) == (valid < 6 or (len(text) > 14 and finish == "length"))


def test_free_replies_are_asked_as_text() -> None:
    request = ELICITATIONS["verbalized"].request(
        PROMPT, ElicitationSettings(verbalized="free"), 0, 0
    )
    assert (request.kind, request.max_tokens, request.stop) == ("text", 256, "}")


@pytest.mark.parametrize(
    ("name", "value"),
    [("verbalized", "strict"), ("draws", 0), ("temperature", 0.0), ("max_tokens", True)],
)
def test_settings_out_of_range_are_named(name: str, value: object) -> None:
    with pytest.raises(ExperimentError, match=name):
        ElicitationSettings(**{name: value})

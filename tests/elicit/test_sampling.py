from __future__ import annotations

from doxa.backend import Answer
from doxa.elicit import ELICITATIONS, ElicitationSettings
from doxa.prompt import Condition, render
from doxa.questionnaire import QuestionBank

BANK = QuestionBank.load()
PROMPT = render("Q1", Condition("en", option_order="reversed", n_examples=0), bank=BANK)
SETTINGS = ElicitationSettings()


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


def test_a_draw_is_short_text_at_the_temperature_set() -> None:
    settings = ElicitationSettings(temperature=0.5)
    request = ELICITATIONS["sampling"].request(PROMPT, settings, 0, 0)
    assert (request.kind, request.temperature, request.stop) == ("text", 0.5, "\n")
    assert request.max_tokens < 20

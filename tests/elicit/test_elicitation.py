from __future__ import annotations

from doxa.elicit import ELICITATIONS, ElicitationSettings
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


def test_each_request_is_for_the_labels_shown_or_for_text() -> None:
    for elicitation in ELICITATIONS.values():
        request = elicitation.request(PROMPT, SETTINGS, 0, 0)
        assert request.choices == (() if request.kind == "text" else PROMPT.labels)
        assert (request.max_tokens > 0) == (request.kind == "text")


def test_only_sampling_is_repeated_and_only_log_probabilities_are_calibrated() -> None:
    assert [name for name, one in ELICITATIONS.items() if one.repeats] == ["sampling"]
    requests = {name: one.request(PROMPT, SETTINGS, 0, 0) for name, one in ELICITATIONS.items()}
    assert [name for name, one in requests.items() if one.baseline] == ["logprobs-calibrated"]


def test_each_asks_in_words_that_the_prompt_has() -> None:
    for elicitation in ELICITATIONS.values():
        turn = elicitation.request(PROMPT, SETTINGS, 0, 0).turn
        assert turn.ask == PROMPT.asks[elicitation.asks]

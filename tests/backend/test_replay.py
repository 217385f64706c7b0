from __future__ import annotations

import pytest
from tiny_models import random_model, requests

from doxa.backend import Answer, ModelCard, Request, Workload, load, request_key
from doxa.backend.replay import Replay
from doxa.errors import ModelError

CARD = ModelCard("llama_cpp", "tiny", "ab" * 32)
ASKED = requests(range(2))
ANSWERS = {
    request: Answer(f"reply {number}", prompt_tokens=10 + number, completion_tokens=number)
    for number, request in enumerate(ASKED)
}


def replay(card: ModelCard = CARD, answers: dict[Request, Answer] = ANSWERS) -> Replay:
    return Replay(card, {request_key(card, request): answers[request] for request in answers})


def test_recorded_answers_are_replayed_in_the_order_of_the_requests() -> None:
    backend = replay()
    assert backend.free
    assert backend.card == CARD
    assert list(backend.ask(ASKED[::-1])) == list(ANSWERS.items())[::-1]
    backend.close()


def test_the_recorded_tokens_are_counted_and_none_is_evaluated() -> None:
    assert replay().prepare(ASKED) == Workload(
        requests=6,
        prompt_tokens=sum(range(10, 16)),
        evaluated_tokens=0,
        completion_tokens=sum(range(6)),
        longest_prompt=15,
    )
    assert replay().prepare([]) == Workload()


def test_a_request_that_was_not_recorded_is_an_error_of_one_line() -> None:
    [unknown, *_] = requests([7])
    key = request_key(CARD, unknown)[:12]
    message = f"request {key} to tiny was not recorded: ask with the settings of the recorded run"
    with pytest.raises(ModelError, match=message):
        replay().prepare([*ASKED, unknown])
    with pytest.raises(ModelError, match=message):
        list(replay().ask([unknown]))


def test_a_model_is_replayed_from_the_card_that_a_store_keeps() -> None:
    backend = load(random_model())
    answers = dict(backend.ask(ASKED))
    card = ModelCard.from_json(backend.card.to_json())
    backend.close()
    assert dict(replay(card, answers).ask(ASKED)) == answers

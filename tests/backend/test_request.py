from __future__ import annotations

from dataclasses import replace

import pytest
from engine import random_model, requests

from doxa.backend import Answer, ModelCard, Request, Turn, load, request_key
from doxa.backend.replay import Replay
from doxa.backend.template import ChatTemplate
from doxa.errors import ModelError

CARD = ModelCard(
    "llama_cpp", "tiny", "ab" * 32, ChatTemplate("{{ messages }}"), {"parallel": 1}, {"doxa": "1"}
)
PLAIN = replace(CARD, template=ChatTemplate())
REQUEST = Request(Turn("S", "U", "A", "R"), "text", max_tokens=5, temperature=1.0, seed=3)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "options"},
        {"choices": ("1",)},
        {"max_tokens": 6},
        {"stop": "}"},
        {"temperature": 0.5},
        {"seed": 4},
        {"turn": Turn("S", "U", "A", "{")},
        {"turn": Turn("S", "U.", "A", "R")},
    ],
)
def test_everything_in_a_request_is_in_its_key(change: dict[str, object]) -> None:
    assert request_key(PLAIN, replace(REQUEST, **change)) != request_key(PLAIN, REQUEST)


@pytest.mark.parametrize(
    "change",
    [
        {"fingerprint": "cd" * 32},
        {"backend": "other"},
        {"layout": {"parallel": 2}},
        {"template": ChatTemplate("{% for m in messages %}{{ m.content }}{% endfor %}")},
    ],
)
def test_everything_that_determines_a_reply_is_in_the_key(change: dict[str, object]) -> None:
    assert request_key(replace(PLAIN, **change), REQUEST) != request_key(PLAIN, REQUEST)


def test_names_and_versions_are_not_in_the_key() -> None:
    other = replace(PLAIN, model="renamed", versions={"doxa": "2"})
    assert request_key(other, REQUEST) == request_key(PLAIN, REQUEST)


def test_a_seed_without_effect_is_not_in_the_key() -> None:
    greedy = replace(REQUEST, temperature=0.0)
    assert request_key(PLAIN, greedy) == request_key(PLAIN, replace(greedy, seed=9))


def test_a_card_survives_json() -> None:
    for card in (CARD, PLAIN, replace(CARD, template=None)):
        assert ModelCard.from_json(card.to_json()) == card


def test_replay_gives_what_was_recorded_and_nothing_else() -> None:
    backend = load(random_model())
    asked = requests(range(2))
    recorded = dict(backend.ask(asked))
    card = ModelCard.from_json(backend.card.to_json())
    backend.close()
    replay = Replay(card, {request_key(card, request): recorded[request] for request in asked})
    assert replay.prepare(asked).requests == 6
    assert dict(replay.ask(asked)) == recorded
    replay.close()
    with pytest.raises(ModelError, match="was not recorded"):
        replay.prepare(requests([7]))
    with pytest.raises(ModelError, match="was not recorded"):
        list(replay.ask(requests([7])))
    assert isinstance(next(iter(recorded.values())), Answer)

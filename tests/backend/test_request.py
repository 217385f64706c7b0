from __future__ import annotations

from dataclasses import replace

import pytest

from doxa.backend import ModelCard, Request, Turn, request_key
from doxa.backend.template import ChatTemplate

CARD = ModelCard(
    "llama_cpp", "tiny", "ab" * 32, ChatTemplate("{{ messages }}"), {"parallel": 1}, {"doxa": "1"}
)
PLAIN = replace(CARD, template=ChatTemplate())
TURN = Turn("Sé breve.", "¿Sí o no?", "Answer:", "{")
BLANK = Turn("Sé breve.", "N/A", "Answer:", "{")
CHAT = replace(
    CARD,
    template=ChatTemplate("{% for m in messages %}[{{ m.role }}|{{ m.content }}]{% endfor %}"),
    layout={"parallel": 1, "batch": 128},
)
SERVER = ModelCard("openai_server", "tiny", "http://localhost:8080/v1/ tiny")
REQUEST = Request(Turn("S", "U", "A", "R"), "text", max_tokens=5, temperature=1.0, seed=3)


@pytest.mark.parametrize(
    ("card", "request_", "key"),
    [
        (
            CHAT,
            Request(TURN, "text", max_tokens=5, stop="}", temperature=0.7, seed=3),
            "a9738a51877cee7abf1956a24852c895fc985524064cd6a083e967fec536a005",
        ),
        (
            CHAT,
            Request(TURN, "text", max_tokens=5),
            "a8f2b0ef52d367bd5c74b3617f4f507e022d68c4504f5fa7767cd7729e9dd891",
        ),
        (
            CHAT,
            Request(TURN, "options", ("1", "2", "10")),
            "b17aaabdc8103d3b4f60a0650568182ba299cd95dec4dfb1d5eafc8ca3a38aad",
        ),
        (
            CHAT,
            Request(TURN, "options", ("1", "2", "10"), baseline=BLANK),
            "c1e7457b2747fe7d790ae79b65b4c6a6c960fd9d92f0cd99b4a65084f4f15395",
        ),
        (
            CHAT,
            Request(TURN, "shares", ("a", "b")),
            "c6f4f7f0fea838bc2f72ed138638f7588469e43138431b5dad28a0c0a2f78322",
        ),
        (
            SERVER,
            Request(TURN, "text", max_tokens=5, temperature=1.0, seed=2),
            "49767b3f322e44a285e15b994b407ad93ac391cb0001d1a253351254d7c55dfc",
        ),
    ],
)
def test_keys_match_those_of_existing_stores(card: ModelCard, request_: Request, key: str) -> None:
    assert request_key(card, request_) == key


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
        {"baseline": Turn("S", "N/A", "A", "R")},
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


def test_the_text_of_a_turn_has_its_parts() -> None:
    assert CHAT.text(TURN) == (
        "[system|Sé breve.][user|",
        "¿Sí o no?",
        "\n\nAnswer:]{",
    )
    assert SERVER.text(TURN) == ("Sé breve.", "¿Sí o no?", "Answer:", "{")


def test_where_a_space_is_scored_with_the_labels_the_key_is_another_one() -> None:
    """Such replies had another off-option mass, so they are asked for again."""
    for start, kind, differs in (
        ("Answer: ", "options", True),
        ("Answer:", "options", False),
        ("Answer: ", "text", False),
    ):
        asked = Request(Turn("Be brief.", "Yes or no?", "Answer:", start), kind, ("1", "2"))  # type: ignore[arg-type]
        assert (request_key(CHAT, asked) != request_key(CHAT, asked, earlier=True)) == differs

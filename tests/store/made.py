"""Cells and replies made up for the tests of the store."""

from __future__ import annotations

from doxa.backend import Answer, ModelCard
from doxa.elicit import Reading
from doxa.store import Cell, Reply

CARD = ModelCard("llama_cpp", "tiny", "ab" * 32, versions={"doxa": "0"})


def cell(item: int, **changes: object) -> Cell:
    values = Cell("tiny", f"Q{item}", "en", "none", "", "a", "listed", 0, "logprobs")
    return values._replace(**changes)  # type: ignore[arg-type]


def reply(key: str, first: float = 0.25) -> Reply:
    answer = Answer("1", "stop", (-1.0, -2.0), 10, 2, 0.5)
    reading = Reading("ok", "", {2: 1 - first, 1: first}, 0.125)
    return Reply(key, reading, (1, 2), answer)

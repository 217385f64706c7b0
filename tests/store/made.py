"""Cells and replies made up for the tests of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doxa.backend import Answer, ModelCard, Turn
from doxa.elicit import Reading
from doxa.prompt import Condition
from doxa.store import Cell, Reply, Sent, Store

if TYPE_CHECKING:
    from pathlib import Path

CARD = ModelCard("llama_cpp", "tiny", "ab" * 32, versions={"doxa": "0"})


def cell(item: int, **changes: object) -> Cell:
    values = Cell(
        "tiny",
        f"Q{item}",
        "en",
        "none",
        "",
        "",
        "a",
        "plain",
        "a",
        "listed",
        "numbers",
        "off",
        0,
        "logprobs",
    )
    return values._replace(**changes)  # type: ignore[arg-type]


def reply(key: str, first: float = 0.25) -> Reply:
    answer = Answer("1", "stop", (-1.0, -2.0), 10, 2, 0.5)
    reading = Reading("ok", "", {2: 1 - first, 1: first}, 0.125)
    return Reply(key, reading, (1, 2), answer)


def fill(path: Path, n: int) -> None:
    """Make a store with all kinds of rows."""
    with Store.open(path) as store:
        store.settle([Condition("en")])
        store.note("experiment", "models = []")
        store.keep_sent(
            Sent(f"k{item}", Turn("Be brief.", f"Item {item}?", "Say one."), None, ("Q32",))
            for item in range(n)
        )
        store.plan(CARD, [(cell(item), f"k{item}", 0) for item in range(n)])
        for item in range(n):
            store.add(CARD, reply(f"k{item}", item / n))

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from doxa.backend import Answer, ModelCard, Turn
from doxa.elicit import Reading
from doxa.store import Cell, Reply, Sent, Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CARD = ModelCard("llama_cpp", "tiny", "ab" * 32)
SYSTEM = "Answer as asked." * 50
FIRST = Turn(SYSTEM, "Item 1: which one?", "Say one.", "Answer: ")
SECOND = Turn(SYSTEM, "Item 2: which one?", "Say one.", "Answer: ")
BLANK = Turn(SYSTEM, "Item N/A: which one?", "Say one.", "Answer: ")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "run.sqlite") as opened:
        yield opened


def answer(store: Store, *keys: str) -> None:
    """List the requests of these keys, and store a reply to each."""
    cells = [
        Cell(
            "tiny",
            f"Q{draw}",
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
            draw,
            "sampling",
        )
        for draw in range(len(keys))
    ]
    store.plan(CARD, [(cell, key, 0) for cell, key in zip(cells, keys, strict=True)])
    for key in keys:
        store.add(CARD, Reply(key, Reading("refused", "no"), (1, 2), Answer("no")))


def count(store: Store, table: str) -> int:
    connection = sqlite3.connect(store.path)
    (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.close()
    return int(rows)


def test_what_was_sent_comes_back_in_the_order_of_the_replies(store: Store) -> None:
    store.keep_sent([Sent("a", SECOND), Sent("b", FIRST, BLANK), Sent("never answered", FIRST)])
    answer(store, "b", "a")
    assert store.sent().rows() == [
        ("b", SYSTEM, "Item 1: which one?\n\nSay one.", "Answer: ",
         "Item N/A: which one?\n\nSay one."),
        ("a", SYSTEM, "Item 2: which one?\n\nSay one.", "Answer: ", None),
    ]  # fmt: skip


def test_each_distinct_text_is_stored_once(store: Store) -> None:
    requests = [Sent(f"{turn.user} {draw}", turn) for turn in (FIRST, SECOND) for draw in range(10)]
    store.keep_sent(requests)
    before = (count(store, "texts"), count(store, "turns"), count(store, "sent"))
    assert before == (5, 2, 20)
    store.keep_sent([*requests, Sent("more", FIRST, FIRST)])
    assert (count(store, "texts"), count(store, "turns"), count(store, "sent")) == (5, 2, 21)


def test_one_request_in_two_cells_has_one_row(store: Store) -> None:
    store.keep_sent([Sent("a", FIRST)])
    answer(store, "a", "a")
    assert store.replies().height == 2
    assert store.sent()["request_key"].to_list() == ["a"]


def test_examples_are_those_of_prompts_with_a_reply(store: Store) -> None:
    other = Turn("another instruction", "Item 1: which one?", "Say one.")
    store.keep_sent(
        [Sent("a", FIRST, None, ("Q32", "Q48")), Sent("b", other, None, ("Q48", "Q83"))]
    )
    assert store.examples() == frozenset()
    answer(store, "a")
    assert store.examples() == {"Q32", "Q48"}
    answer(store, "a", "b")
    assert store.examples() == {"Q32", "Q48", "Q83"}


def test_a_reply_whose_prompt_is_unknown_has_no_row(store: Store) -> None:
    store.keep_sent([Sent("a", FIRST)])
    answer(store, "a", "unknown")
    assert store.replies().height == 2
    assert store.sent()["request_key"].to_list() == ["a"]


def test_a_superseded_reply_keeps_what_was_sent(store: Store) -> None:
    store.keep_sent([Sent("old", FIRST)])
    answer(store, "old")
    store.keep_sent([Sent("new", SECOND)])
    answer(store, "new")
    assert store.sent()["request_key"].to_list() == ["new"]
    answer(store, "old")
    assert store.sent()["user"].to_list() == ["Item 1: which one?\n\nSay one."]


def test_an_empty_store_has_the_same_columns(store: Store) -> None:
    assert store.sent().columns == [
        "request_key", "system", "user", "reply_start", "baseline_user",
    ]  # fmt: skip
    assert store.sent().is_empty()

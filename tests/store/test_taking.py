from __future__ import annotations

import sqlite3
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from doxa.backend import Turn
from doxa.errors import StoreError
from doxa.prompt import Condition
from doxa.store import Cell, Sent, Store, taking
from doxa.store.check import check_store
from doxa.store.record import row_of

from .made import CARD, cell, fill, reply

if TYPE_CHECKING:
    from pathlib import Path

N = 23


def place(cell: Cell) -> int:
    return int(cell.question[1:]) + 1


def everything(path: Path) -> list[object]:
    assert check_store(path).is_whole
    with Store.read(path) as store:
        return [
            store.replies().to_dicts(), store.sent().to_dicts(), store.examples(),
            store.conditions(), store.cards(), store.rows("cells"),
        ]  # fmt: skip


@pytest.mark.parametrize("piece", [1, 5, 1000])
def test_a_store_is_taken_whole_and_once(
    tmp_path: Path, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "_PIECE", piece)
    fill(tmp_path / "one", N)
    seen: list[int] = []
    for new in (N, 0):
        with Store.open(tmp_path / "all") as store, Store.read(tmp_path / "one") as source:
            assert store.take(source, place, N, seen.append) == (N, new, 0)
        assert everything(tmp_path / "all") == everything(tmp_path / "one")
    assert seen[-1] == N
    assert len(seen) == 2 * -(-N // piece)


def test_texts_have_numbers_of_their_own_in_each_store(tmp_path: Path) -> None:
    fill(tmp_path / "one", N)
    with Store.open(tmp_path / "all") as store:
        # other texts have the numbers that the taken ones had
        store.keep_sent([Sent("own", Turn("Be long.", "What?", "Say one."), None, ("Q48",))])
        store.plan(CARD, [(cell(99), "own", 0)])
        store.add(CARD, reply("own"))
        with Store.read(tmp_path / "one") as source:
            store.take(source, place, N)
        sent = store.sent().rows_by_key("request_key", named=True, unique=True)
        assert store.examples() == {"Q32", "Q48"}
    assert sent["own"]["system"] == "Be long."
    assert sent["k7"]["user"] == "Item 7?\n\nSay one."
    assert check_store(tmp_path / "all").is_whole


def test_of_two_attempts_the_later_one_with_a_reply_is_listed(tmp_path: Path) -> None:
    for name, key, attempt, answered in (
        ("first", "k-0", 0, True),
        ("second", "k-1", 1, True),
        ("third", "k-2", 2, False),
    ):
        with Store.open(tmp_path / name) as store:
            store.settle([Condition("en")])
            store.plan(CARD, [(cell(1), key, attempt)])
            if answered:
                store.add(CARD, reply(key))
    for order in (("first", "second", "third"), ("third", "second", "first")):
        with Store.open(tmp_path / "-".join(order)) as store:
            for name in order:
                with Store.read(tmp_path / name) as source:
                    store.take(source, place, 2)
            [row] = store.rows("cells")
            assert row[-2:] == ("k-1", 1)


def test_cells_without_a_place_and_those_whose_place_is_taken_come_last(tmp_path: Path) -> None:
    fill(tmp_path / "one", 3)
    with Store.open(tmp_path / "all") as store, Store.read(tmp_path / "one") as source:
        store.take(source, {cell(0): None, cell(1): 1, cell(2): 1}.get, 10)
        assert [(row[0], row[2]) for row in store.rows("cells")] == [
            (1, "Q1"), (11, "Q0"), (12, "Q2"),
        ]  # fmt: skip


def test_a_damaged_store_gives_nothing_that_is_damaged(tmp_path: Path) -> None:
    fill(tmp_path / "one", N)
    with sqlite3.connect(tmp_path / "one") as connection:
        connection.execute("UPDATE replies SET off_option_mass = 0.5 WHERE request_key = 'k7'")
    with Store.open(tmp_path / "all") as store, Store.read(tmp_path / "one") as source:
        with pytest.raises(StoreError, match="1 of 23 rows of replies are not as they were"):
            store.take(source, place, N)
        assert "k7" not in store.done_keys()
    with sqlite3.connect(tmp_path / "one") as connection:
        connection.execute("DELETE FROM replies WHERE request_key = 'k7'")
    with (
        Store.open(tmp_path / "all") as store,
        Store.read(tmp_path / "one") as source,
        pytest.raises(StoreError, match="it has 22 rows of replies where 23 were written"),
    ):
        store.take(source, place, N)


def test_memory_does_not_grow_with_the_number_of_replies(tmp_path: Path) -> None:
    n = 5_000
    with Store.open(tmp_path / "one") as store:
        store.plan(CARD, [(cell(item), f"k{item}", 0) for item in range(n)])
        store.add_rows([row_of(CARD, reply(f"k{item}")) for item in range(n)])
    with Store.open(tmp_path / "all") as store, Store.read(tmp_path / "one") as source:
        tracemalloc.start()
        store.take(source, place, n)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert store.sizes() == (n, n)
    # two thousand rows of about 1 kB are held at once
    assert peak < 4e6

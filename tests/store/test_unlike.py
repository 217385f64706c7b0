from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doxa.store.record import row_of
from doxa.store.unlike import unlike

from .made import CARD, cell, reply

if TYPE_CHECKING:
    from doxa.store import Store


def test_each_model_is_told_with_what_differs_only() -> None:
    one, two = '{"device": "A", "doxa": "1", "z": "0"}', '{"device": "B", "doxa": "2", "z": "0"}'
    answered = [("m", one)] * 3 + [("m", two)] * 5 + [("n", one)] * 2 + [("m", '{"z": "0"}')]
    assert unlike(answered) == [
        "m: 5 replies with device B, doxa 2, 3 with device A, doxa 1, 1 with device ?, doxa ?"
    ]
    assert unlike([]) == []


def test_a_store_says_it_of_the_replies_that_are_shown(store: Store) -> None:
    store.plan(CARD, [(cell(item), f"k{item}", 0) for item in range(3)])
    store.add(CARD, reply("k0"))
    assert store.unlike() == []
    other = replace(CARD, versions={"doxa": "1"})
    store.add_rows([row_of(other, reply(key)) for key in ("k1", "not shown")])
    assert store.unlike() == ["tiny: 1 replies with doxa 0, 1 with doxa 1"]

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from doxa.backend import Answer
from doxa.elicit import Reading
from doxa.store import Reply
from doxa.store.record import REPLY_COLUMNS, answer_of, frame_of, row_of

from .made import CARD, cell, reply

if TYPE_CHECKING:
    import polars as pl

    from doxa.store import Store


def test_probabilities_survive_to_the_last_bit(store: Store) -> None:
    third = 1 / 3
    store.plan(CARD, [(cell(1), "k1", 0)])
    store.add(CARD, reply("k1", third))
    assert store.replies()["probabilities"].to_list() == [[third, 1 - third]]


def test_a_cell_and_its_reply_are_one_row_with_the_stored_columns() -> None:
    [row] = frame(reply("k1")).iter_rows(named=True)
    assert tuple(row) == tuple(REPLY_COLUMNS)
    assert row["codes"] == [1, 2]
    assert row["probabilities"] == [0.25, 0.75]
    assert (row["text"], row["prompt_tokens"], row["seconds"]) == ("1", 10, 0.5)
    assert row["backend"] == CARD.backend


def test_a_failure_has_no_probabilities() -> None:
    failed = Reply("k1", Reading("refused", "an empty reply"), (1, 2), Answer("…"))
    [row] = frame(failed).iter_rows(named=True)
    assert (row["status"], row["probabilities"], row["text"]) == ("refused", None, "…")


def test_an_answer_comes_back_whole_and_an_older_one_without_its_later_fields() -> None:
    answer = Answer("1", "length", (-1.0, -2.0), 10, 2, 0.5, (-3.0, -4.0))
    assert answer_of(json.dumps(asdict(answer))) == answer
    older = {"text": "1", "finish": "stop", "prompt_tokens": 3, "completion_tokens": 1,
             "seconds": 0.1, "dropped": True}  # fmt: skip
    assert answer_of(json.dumps(older)) == Answer("1", "stop", (), 3, 1, 0.1)


def test_a_number_of_tokens_that_a_server_made_up_is_unknown() -> None:
    for made_up in (10**30, -1, "x", True, 2.5):
        answer = Answer("1", "stop", (), made_up, 2)  # type: ignore[arg-type]
        row = frame(Reply("k1", Reading("refused", "why"), (1, 2), answer)).row(0, named=True)
        assert (row["prompt_tokens"], row["completion_tokens"]) == (None, 2)


def frame(one: Reply) -> pl.DataFrame:
    return frame_of([(1, *cell(1), "k1", 0)], {"k1": row_of(CARD, one)})

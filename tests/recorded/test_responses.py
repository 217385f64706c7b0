from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import RecordingError
from doxa.recorded import count_statuses, read_responses

if TYPE_CHECKING:
    from pathlib import Path


def test_every_reply_of_the_study_has_a_status(oracle: Path) -> None:
    parsed = read_responses(pl.read_parquet(oracle / "responses.parquet"))
    failed = parsed.filter(pl.col("status") != "ok")
    assert failed["reason"].str.len_chars().min() > 0
    assert failed["shares"].null_count() == failed.height
    sums = parsed["shares"].list.sum().drop_nulls()
    assert sums.to_numpy() == pytest.approx(1)
    counts = count_statuses(parsed)
    assert counts.rows() == [
        ("Aya23", "ok", 6693),
        ("Aya23", "unparsable", 2187),
        ("GPT-3.5", "ok", 8513),
        ("GPT-3.5", "unparsable", 58),
        ("Llama3", "ok", 8576),
        ("Llama3", "unparsable", 290),
        ("Qwen2.5", "ok", 8398),
        ("Qwen2.5", "unparsable", 461),
    ]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"response": ["{}"]}, "no column 'choice_keys'"),
        ({"response": ["{}"], "choice_keys": ["1, 2"]}, "row 1: choice_keys '1, 2' is not a list"),
        ({"response": ["{}"], "choice_keys": ["["]}, "row 1: choice_keys"),
    ],
)
def test_recordings_of_another_form_are_named(columns: dict[str, list[str]], message: str) -> None:
    with pytest.raises(RecordingError, match=message):
        read_responses(pl.DataFrame(columns))


def test_a_reply_is_read_by_the_labels_it_was_shown() -> None:
    replies = pl.DataFrame({
        "model": ["m", "m", "n"],
        "choice_keys": ["['1', '2']", "['2', '1']", "['1', '2']"],
        "response": ["{'1': 30, '2': 70}", "{'1': 30, '2': 70}", None],
    })  # fmt: skip
    read = read_responses(replies)
    assert read.select(replies.columns).equals(replies)
    assert read.select("labels", "shares").rows() == [
        (["1", "2"], [0.3, 0.7]), (["2", "1"], [0.7, 0.3]), (["1", "2"], None),
    ]  # fmt: skip
    assert count_statuses(read).rows() == [("m", "ok", 2), ("n", "refused", 1)]


def test_replies_without_a_model_are_not_counted() -> None:
    with pytest.raises(RecordingError, match=r"a\.csv: no column 'model': add it"):
        count_statuses(pl.DataFrame({"status": ["ok"]}), "a.csv")

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doxa.errors import InvalidArgumentError
from doxa.score import ScorePart, combine_parts, score_batch, score_part
from doxa.score.combine import Resampling, Total
from score.made_pairs import METRICS, pairs

if TYPE_CHECKING:
    import random

ROWS = 300
FRAME = pairs(ROWS)
OPTIONS: dict[str, Any] = {"metrics": METRICS, "scale_column": "kind", "groups": ["country"]}
DRAWS: dict[str, Any] = {"resample": "items", "n_resamples": 60, "replicates": True, "seed": 3}


def same_bits(a: pl.DataFrame, b: pl.DataFrame) -> bool:
    """Equal, and NaN where the other is NaN."""
    return a.schema == b.schema and a.to_dict(as_series=False).__repr__() == (
        b.to_dict(as_series=False).__repr__()
    )


def part(first: int, last: int, **options: Any) -> ScorePart:
    return score_part(FRAME[first:last], **OPTIONS | options)


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, ROWS), max_size=12),
    st.randoms(use_true_random=False),
    st.sampled_from([None, "percentile", "bca"]),
)
def test_blocks_and_their_order_of_arrival_change_no_bit(
    cuts: list[int], order: random.Random, method: Any
) -> None:
    expected = combine_parts([part(0, ROWS, items="item")], method=method, **DRAWS)
    blocks = list(enumerate(pairwise([0, *sorted(cuts), ROWS])))
    order.shuffle(blocks)
    total = Total()
    for place, (first, last) in blocks:
        total.add(place, part(first, last, items="item"))
        if order.random() < 0.3:
            total.whole()
    found = Resampling(method=method, **DRAWS).table(total.whole())
    assert same_bits(found, expected)


def test_the_order_of_rows_changes_no_bit() -> None:
    mixed = FRAME.sample(fraction=1, shuffle=True, seed=1)
    tables = [
        combine_parts([score_part(one, items="item", **OPTIONS)], **DRAWS).sort("country", "metric")
        for one in (FRAME, mixed)
    ]
    assert same_bits(*tables)


def test_means_are_those_of_exact_sums() -> None:
    scores = score_batch(
        FRAME["model"], FRAME["human"], metrics=METRICS, scale=FRAME["kind"].to_list()
    ).scores
    table = combine_parts([part(0, 70), part(70, ROWS)])
    for (country,), rows in FRAME.select("country").hstack(scores).group_by("country"):
        for metric in METRICS:
            held = [x for x in rows[metric] if x is not None]
            row = table.row(
                by_predicate=pl.col("country").eq_missing(pl.lit(country))
                & (pl.col("metric") == metric),
                named=True,
            )
            assert row["n"] == len(held)
            if np.isinf(held).any():
                assert row["estimate"] == np.inf
                continue
            exact = sum(map(Fraction, held)) / len(held)
            assert row["estimate"] == pytest.approx(float(exact), rel=3e-16, abs=1e-300)


@pytest.mark.parametrize("method", ["studentized", "bca", "basic", "percentile"])
def test_with_one_pair_for_each_item_intervals_are_those_of_a_batch(method: Any) -> None:
    frame = pairs(ROWS, once=True)
    batch = score_batch(
        frame["model"], frame["human"], groups=frame.select("country"), items=frame["item"],
        resample="items", method=method, n_resamples=60, seed=3,
    )  # fmt: skip
    parts = [
        score_part(frame[row : row + 71], groups=["country"], items="item")
        for row in range(0, ROWS, 71)
    ]
    table = combine_parts(parts, method=method, **DRAWS)
    assert table.drop("replicates", "estimate").equals(batch.groups.drop("estimate"))
    drawn = table["replicates"].to_numpy()
    assert drawn == pytest.approx(batch.replicates(), rel=1e-15, nan_ok=True)


@pytest.mark.parametrize("method", ["studentized", "bca", "basic", "percentile"])
def test_with_several_pairs_for_an_item_intervals_are_those_of_a_batch(
    method: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = score_batch(
        FRAME["model"], FRAME["human"], groups=FRAME.select("country"), items=FRAME["item"],
        metrics=METRICS[:2], scale=FRAME["kind"].to_list(),
        resample="items", method=method, n_resamples=60, seed=3,
    )  # fmt: skip
    whole = part(0, ROWS, items="item", metrics=METRICS[:2])
    table = combine_parts([whole], method=method, **DRAWS)
    drawn = np.vstack([batch.replicates(metric) for metric in METRICS[:2]])
    assert table["replicates"].to_numpy() == pytest.approx(drawn, abs=1e-13, nan_ok=True)
    for column in ("estimate", "low", "high", "std_error"):
        wanted = batch.groups[column].fill_null(np.nan).to_numpy()
        found = table[column].fill_null(np.nan).to_numpy()
        assert found == pytest.approx(wanted, abs=1e-9, nan_ok=True)
    # however few groups go to the core at a time
    monkeypatch.setattr("doxa.score.combine._EXPANDED", 1)
    assert same_bits(combine_parts([whole], method=method, **DRAWS), table)


def test_cells_are_added_up_before_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("doxa.score.combine._PENDING", 10)
    total, most = Total(), 0
    for row in range(ROWS):
        total.add(row, part(row, row + 1))
        most = max(most, total._waiting)
    assert most <= 10
    assert same_bits(Resampling().table(total.whole()), combine_parts([part(0, ROWS)]))


def test_nothing_to_average_gives_null_or_no_rows() -> None:
    empty = FRAME.clear()
    assert combine_parts([score_part(empty)]).rows() == [("alignment", 0, None)]
    none = combine_parts([score_part(empty, items="item", groups=["country"])], **DRAWS)
    assert none.height == 0
    columns = ["country", "metric", "n", "estimate", "low", "high", "std_error", "replicates"]
    assert none.columns == columns


def test_wrong_options_are_told() -> None:
    whole = part(0, ROWS)
    for options, message in (
        ({"resample": "items"}, "resampling items needs their column: pass items="),
        ({"resample": "respondents"}, 'only "items" can be resampled'),
        ({"replicates": True}, "nothing is resampled"),
        ({"resample": "items", "method": "delta"}, "is for respondents alone"),
    ):
        given_part = part(0, ROWS, items="item") if "method" in options else whole
        with pytest.raises(InvalidArgumentError, match=message):
            combine_parts([given_part], **options)
    with pytest.raises(InvalidArgumentError, match="no parts to combine"):
        combine_parts([])

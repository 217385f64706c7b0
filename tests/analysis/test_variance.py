from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.made_models import replies_from
from analysis.made_scores import CROSSED, by_projections, made_scores
from doxa.analysis import Settings
from doxa.analysis.variance import SOURCES, score_replies, score_variance, variance_components
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

GOLDEN = Path(__file__).parent.parent / "golden"


def test_balanced_scores_split_as_lme4_splits_them() -> None:
    scores = pl.read_csv(GOLDEN / "variance_scores.csv")
    expected = dict(pl.read_csv(GOLDEN / "variance_components.csv").iter_rows())
    table = variance_components(scores, sources=CROSSED, settings=Settings(n_resamples=1))
    found = dict(table.select("source", "estimate").iter_rows())
    for source, group in {
        "item": "question", "country": "country", "language": "language",
        "item × country": "question:country", "residual": "Residual",
    }.items():  # fmt: skip
        assert found[source] == pytest.approx(expected[group], rel=1e-5)
    assert table["share"].sum() == pytest.approx(1.0)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.6, 1.0))
def test_unbalanced_scores_split_as_with_whole_matrices(seed: int, keep: float) -> None:
    scores = made_scores(seed, keep)
    table = variance_components(scores, sources=CROSSED, settings=Settings(n_resamples=1))
    expected = np.maximum(by_projections(scores, CROSSED), 0.0)
    np.testing.assert_allclose(table["estimate"].to_numpy(), expected, rtol=1e-7, atol=1e-12)


def test_unbalanced_estimates_are_right_on_average() -> None:
    residuals = [
        variance_components(
            made_scores(seed, 0.7), sources=CROSSED, settings=Settings(n_resamples=1)
        )["estimate"][-1]
        for seed in range(100)
    ]
    assert abs(np.mean(residuals) - 0.01) < 3 * np.std(residuals) / np.sqrt(100)


def test_intervals_hold_the_estimate_and_order_does_not_matter() -> None:
    scores = made_scores(5, 0.9)
    table = variance_components(scores, sources=CROSSED)
    assert table.filter(pl.col("low") > pl.col("estimate")).is_empty()
    item = table.row(0, named=True)
    assert 0 < item["low"] < item["estimate"] < item["high"]
    assert (item["n"], item["n_items"], item["resampled"]) == (scores.height, 8, "items")
    shuffled = variance_components(scores.reverse(), sources=CROSSED)
    for name in ("estimate", "low", "high"):
        np.testing.assert_allclose(shuffled[name], table[name], rtol=1e-9, atol=1e-15)


def test_sources_that_cannot_be_separated_are_named() -> None:
    scores = made_scores(1, 1.0).with_columns(
        pl.lit("a").alias("wording"), pl.lit("a").alias("template"), pl.lit("x").alias("surface"),
        label_style=pl.lit("numbers"), option_order="language", draw=pl.lit(0),
    )  # fmt: skip
    table = variance_components(scores)
    notes = dict(table.select("source", "note").iter_rows())
    assert notes["wording"] == "one level: nothing to compare"
    assert notes["option order"] == "not told apart from the sources above and the residual"
    assert notes["item × wording"] == notes["option order"]
    assert notes["residual"] == ""
    assert table.filter(source="wording")["estimate"].item() is None


def test_one_item_and_constant_scores_give_a_clear_answer() -> None:
    scores = made_scores(1, 1.0)
    one = variance_components(scores.filter(question="Q1"), sources=CROSSED)
    country = one.filter(source="country").row(0, named=True)
    assert country["estimate"] > 0
    assert country["low"] is country["high"] is None
    assert country["note"] == "one item: no interval"
    alike = variance_components(scores.with_columns(score=pl.lit(0.5)), sources=CROSSED)
    assert alike["estimate"].to_list() == [0.0] * 5
    assert alike["share"].null_count() == 5
    assert not any(column.is_nan().any() for column in alike.select(pl.selectors.float()))


def test_bad_input_is_refused() -> None:
    with pytest.raises(NoDataError, match="no scores"):
        variance_components(made_scores(1, 1.0).clear())


def test_replies_are_scored_one_by_one(human: pl.DataFrame, bank: QuestionBank) -> None:
    replies = pl.concat([
        replies_from(human, bank, "USA", noise=0.3, option_order=order, draw=draw)
        for order in ("listed", "reversed") for draw in (0, 1)
    ])  # fmt: skip
    scores = score_replies(replies, human, bank, Settings())
    assert scores.height == 144 * 4 * 4
    assert scores["score"].is_between(0, 1).all()
    table = score_variance(replies, human, bank, settings=Settings(n_resamples=50))
    assert table["source"].to_list() == [*SOURCES, "residual"]
    known = table.filter(pl.col("estimate").is_not_null())["source"].to_list()
    assert known == [
        "item", "country", "option order", "item × country", "item × option order", "replicate",
        "residual",
    ]  # fmt: skip
    assert table.filter(source="item × country")["share"].item() > 0.1

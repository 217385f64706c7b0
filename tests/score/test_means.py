from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import doxa
from doxa.errors import InvalidArgumentError
from doxa.score import mean_batch
from doxa.score.means import summarise_means


def test_means_of_scores_have_the_intervals_of_the_scores() -> None:
    rng = np.random.default_rng(4)
    model, human = rng.dirichlet(np.ones(4), (2, 60))
    options = {"groups": ["a", "b"] * 30, "items": np.repeat(np.arange(30), 2), "n_resamples": 300}
    scored = doxa.score_batch(model, human, resample="items", seed=9, **options)
    averaged = mean_batch(scored.scores, seed=9, **options)
    assert averaged.groups.equals(scored.groups)
    assert averaged.compare("a", "b").equals(scored.compare("a", "b"))
    np.testing.assert_allclose(averaged.replicates(), scored.replicates(), rtol=0, atol=1e-14)


def test_nulls_are_left_out_of_means() -> None:
    values = pl.DataFrame({"x": [1.0, None, 3.0], "y": [1, 2, 3]})
    groups = mean_batch(values, n_resamples=50).groups
    assert groups.select("metric", "n", "estimate").rows() == [("x", 2, 2.0), ("y", 3, 2.0)]


def test_scores_that_cannot_be_averaged_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="no column"):
        mean_batch(pl.DataFrame())
    with pytest.raises(InvalidArgumentError, match="x of row 1 is infinite"):
        mean_batch(pl.DataFrame({"x": [1.0, float("inf")]}))


def test_a_summary_of_items_alone_is_that_of_a_batch() -> None:
    values = np.random.default_rng(6).random((3, 20))
    options = {"n_resamples": 200, "confidence": 0.9, "seed": 5}
    batch = mean_batch(
        pl.DataFrame({"x": values.ravel()}), groups=np.repeat(range(3), 20),
        items=np.tile(range(20), 3), **options,
    )  # fmt: skip
    found = summarise_means(values, batch.replicates("x"), resample=("items",), **options)
    for name in ("estimate", "low", "high", "std_error"):
        np.testing.assert_allclose(found[name], batch.groups[name].to_numpy(), atol=1e-14)


def test_a_summary_is_shifted_by_the_bias_of_the_other_sources() -> None:
    values = np.random.default_rng(7).random((2, 20))
    options = {"n_resamples": 300, "confidence": 0.9, "seed": 5}
    drawn = values.mean(axis=1)[:, None] + np.random.default_rng(8).normal(-0.1, 0.05, (2, 300))
    items = summarise_means(values, drawn, resample=("items",), **options)
    both = summarise_means(values, drawn, resample=("items", "respondents"), **options)
    for name in ("low", "high"):
        moved = drawn.mean(axis=1) - both["estimate"]
        np.testing.assert_allclose(both[name], items[name] + moved)
    np.testing.assert_array_equal(both["std_error"], items["std_error"])
    people = summarise_means(values, drawn, resample=("respondents",), **options)
    np.testing.assert_allclose(people["std_error"], drawn.std(axis=1, ddof=1))
    np.testing.assert_allclose(people["high"], np.quantile(drawn, 0.95, axis=1))


def test_a_summary_of_one_item_has_an_interval_if_items_are_not_resampled() -> None:
    values, drawn = np.array([[0.5]]), np.random.default_rng(9).random((1, 50))
    options = {"n_resamples": 50, "confidence": 0.9, "seed": 0}
    alone = summarise_means(values, drawn, resample=("items",), alike=np.zeros(1, int), **options)
    assert np.isnan([alone["low"], alone["std_error"], alone["p_value"]]).all()
    assert alone["estimate"].tolist() == [0.5]
    people = summarise_means(values, drawn, resample=("respondents",), **options)
    assert people["low"] < people["high"]

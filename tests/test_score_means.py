from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import doxa
from doxa.errors import InvalidArgumentError
from doxa.score import mean_batch


def test_means_of_scores_have_the_intervals_of_the_scores() -> None:
    rng = np.random.default_rng(4)
    model, human = rng.dirichlet(np.ones(4), (2, 60))
    options = {"groups": ["a", "b"] * 30, "items": np.repeat(np.arange(30), 2), "n_resamples": 300}
    scored = doxa.score_batch(model, human, resample="items", seed=9, **options)
    averaged = mean_batch(scored.scores, seed=9, **options)
    assert averaged.groups.equals(scored.groups)
    assert averaged.compare("a", "b").equals(scored.compare("a", "b"))
    np.testing.assert_allclose(averaged.replicates(), scored.replicates(), rtol=0, atol=1e-14)


def test_nulls_enter_no_mean() -> None:
    values = pl.DataFrame({"x": [1.0, None, 3.0], "y": [1, 2, 3]})
    groups = mean_batch(values, n_resamples=50).groups
    assert groups.select("metric", "n", "estimate").rows() == [("x", 2, 2.0), ("y", 3, 2.0)]


def test_what_cannot_be_averaged_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="no column"):
        mean_batch(pl.DataFrame())
    with pytest.raises(InvalidArgumentError, match="x of row 1 is infinite"):
        mean_batch(pl.DataFrame({"x": [1.0, float("inf")]}))

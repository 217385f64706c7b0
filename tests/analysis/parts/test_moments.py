from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analysis.made_scores import CROSSED, by_projections, made_scores
from doxa.analysis.parts.moments import Moments


def test_an_item_drawn_twice_is_two_items() -> None:
    scores = made_scores(3, 0.8)
    weights = np.array([[2, 1, 0, 1, 1, 2, 0, 1]], float)
    found = Moments(scores, CROSSED, "score", "question").components(weights)[0]
    copies = [
        scores.filter(question=f"Q{i}").with_columns(question=pl.lit(f"Q{i}-{copy}"))
        for i in range(8)
        for copy in range(int(weights[0, i]))
    ]
    np.testing.assert_allclose(found, by_projections(pl.concat(copies), CROSSED), rtol=1e-8)


def test_weights_of_one_are_the_whole_table() -> None:
    scores = made_scores(4, 0.7)
    found = Moments(scores, CROSSED, "score", "question").components(np.ones((1, 8)))[0]
    np.testing.assert_allclose(found, by_projections(scores, CROSSED), rtol=1e-8)


def test_a_source_that_repeats_another_is_dropped() -> None:
    scores = made_scores(2, 1.0).with_columns(tongue="language", alone=pl.lit("x"))
    sources = {"language": ["language"], "tongue": ["tongue"], "alone": ["alone"]}
    moments = Moments(scores, sources, "score", "question")
    assert moments.kept == [0, 3]
    without = Moments(scores, {"language": ["language"]}, "score", "question")
    ones = np.ones((1, 8))
    assert moments.components(ones)[0] == pytest.approx(without.components(ones)[0])


def test_a_replicate_in_which_a_source_has_one_level_has_no_solution() -> None:
    scores = made_scores(2, 1.0).filter((pl.col("question") != "Q0") | (pl.col("country") == "C0"))
    moments = Moments(scores, {"country": ["country"]}, "score", "question")
    weights = np.array([[8.0, *[0.0] * 7], [1.0] * 8])
    found = moments.components(weights)
    np.testing.assert_array_equal(np.isnan(found).any(axis=1), [True, False])

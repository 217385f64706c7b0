from __future__ import annotations

import numpy as np
import polars as pl

from doxa.analysis.parts.winners import find_winners


def test_contests_are_separate_and_probabilities_are_shares_of_replicates() -> None:
    rng = np.random.default_rng(1)
    groups = pl.DataFrame({"country": ["USA", "JPN", "USA", "JPN", "USA"]})
    replicates = rng.normal(size=(5, 400))
    estimates = replicates.mean(axis=1)
    wins, probability = find_winners(groups, ["country"], estimates, replicates)
    for members in ([0, 2, 4], [1, 3]):
        first = np.argmax(replicates[members], axis=0)
        expected = np.bincount(first, minlength=len(members)) / 400
        np.testing.assert_allclose(probability[members], expected)
        assert wins[members].tolist() == (estimates[members] == estimates[members].max()).tolist()


def test_equal_values_share_the_win() -> None:
    groups = pl.DataFrame({"country": ["USA"] * 3})
    replicates = np.array([[0.5, 0.5], [0.5, 0.4], [0.1, 0.5]])
    wins, probability = find_winners(groups, ["country"], np.array([0.5, 0.5, 0.3]), replicates)
    assert wins.tolist() == [True, True, False]
    np.testing.assert_allclose(probability, [0.5, 0.25, 0.25])


def test_an_unknown_value_does_not_win() -> None:
    groups = pl.DataFrame({"country": ["USA", "USA"]})
    nan = float("nan")
    replicates = np.array([[nan, nan], [-3.0, -2.0]])
    wins, probability = find_winners(groups, ["country"], np.array([nan, -2.5]), replicates)
    assert (wins.tolist(), probability.tolist()) == ([False, True], [0.0, 1.0])

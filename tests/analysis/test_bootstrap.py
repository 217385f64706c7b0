from __future__ import annotations

import numpy as np
import pytest

from doxa.analysis.bootstrap import item_weights, percentile_interval


def test_weights_are_a_bootstrap_of_the_mean() -> None:
    values = np.random.default_rng(7).normal(size=50)
    weights = item_weights(50, 20_000, seed=3)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    means = weights @ values
    assert means.mean() == pytest.approx(values.mean(), abs=0.01)
    assert means.std() == pytest.approx(values.std() / np.sqrt(50), rel=0.02)


def test_the_interval_holds_the_mean_as_often_as_it_says() -> None:
    rng = np.random.default_rng(11)
    weights = item_weights(100, 500, seed=0)
    held = 0
    for values in rng.normal(size=(2000, 100)):
        low, high = percentile_interval(weights @ values, 0.95)
        held += low <= 0.0 <= high
    assert 0.93 <= held / 2000 <= 0.97

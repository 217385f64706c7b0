from __future__ import annotations

import numpy as np
from scipy.stats import spearmanr

from doxa.analysis.parts.rank_correlation import rank_correlations


def test_it_agrees_with_scipy() -> None:
    rng = np.random.default_rng(2)
    first, second = rng.integers(0, 6, (2, 12, 50)).astype(float)
    expected = [spearmanr(a, b).statistic for a, b in zip(first.T, second.T, strict=True)]
    np.testing.assert_allclose(rank_correlations(first, second), expected, atol=1e-12)


def test_a_column_of_equal_values_has_no_correlation() -> None:
    values = np.array([[1.0, 1.0], [1.0, 2.0], [1.0, 3.0]])
    found = rank_correlations(values, values)
    np.testing.assert_array_equal(np.isnan(found), [True, False])
    assert found[1] == 1.0

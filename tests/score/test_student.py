from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from doxa.score import mean_batch
from doxa.score.student import interval_p_values, rescaled_intervals, t_quantiles, two_sided_tails


@pytest.mark.parametrize("freedom", [1, 2, 5, 35, 143, 999])
def test_tails_and_quantiles_are_those_of_scipys_t(freedom: int) -> None:
    x = np.array([0.0, 0.1, 1.0, 2.0, 4.0, 8.0])
    np.testing.assert_allclose(
        two_sided_tails(x, np.full(6, freedom)), 2 * stats.t.sf(x, freedom), rtol=1e-9
    )
    levels = np.array([0.5, 0.9, 0.95, 0.99, 0.9999])
    np.testing.assert_allclose(
        t_quantiles(levels, freedom), stats.t.ppf(0.5 + levels / 2, freedom), rtol=1e-8
    )


def test_a_quantile_does_not_depend_on_what_is_found_beside_it() -> None:
    rng = np.random.default_rng(5)
    levels = rng.uniform(0.5, 1 - 1e-7, 300)
    freedom = rng.choice([1.0, 3.0, 23.0, 143.0, 700.0, np.inf], 300)
    together = t_quantiles(levels, freedom)
    alone = [t_quantiles(*pair)[0] for pair in zip(levels, freedom, strict=True)]
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_allclose(together, stats.t.ppf(0.5 + levels / 2, freedom), rtol=1e-8)


def test_without_an_end_of_freedom_it_is_the_normal_distribution() -> None:
    x = np.array([0.0, 0.5, 3.0, 9.0])
    np.testing.assert_allclose(two_sided_tails(x, np.inf), 2 * stats.norm.sf(x), rtol=1e-12)
    assert t_quantiles(0.95, np.inf)[0] == pytest.approx(stats.norm.ppf(0.975))


def test_what_has_no_distribution_has_no_tail() -> None:
    found = two_sided_tails([np.nan, np.inf, 1.0], [5, 5, 0])
    np.testing.assert_array_equal(found, [np.nan, 0.0, np.nan])


def test_the_p_value_of_a_difference_agrees_with_a_paired_t_test() -> None:
    scores = np.random.default_rng(4).uniform(0.2, 0.8, (2, 40))
    batch = mean_batch(
        pl.DataFrame({"score": scores.ravel()}), groups=["a"] * 40 + ["b"] * 40,
        items=[*range(40)] * 2, n_resamples=4000,
    )  # fmt: skip
    found = batch.compare(["a", "b"], ["b", "a"])["p_value"].to_list()
    assert found == pytest.approx([stats.ttest_rel(*scores).pvalue] * 2, rel=0.1)


ENDS = st.floats(-1, 1, allow_subnormal=False)


@settings(max_examples=200, deadline=None)
@given(ENDS, ENDS, st.floats(0.5, 0.999), st.sampled_from([1.0, 4.0, 143.0, np.inf]))
def test_a_p_value_is_small_exactly_where_the_interval_leaves_zero_out(
    a: float, b: float, confidence: float, freedom: float
) -> None:
    low, high = np.array([min(a, b)]), np.array([max(a, b)])
    p_value = interval_p_values(low, high, confidence, freedom)[0]
    if min(abs(a), abs(b)) > 1e-9:
        assert (p_value < 1 - confidence) == bool(low[0] > 0 or high[0] < 0)
    again = rescaled_intervals(low, high, (confidence, np.array([confidence])), freedom)
    np.testing.assert_allclose(np.ravel(again), [low[0], high[0]], atol=1e-12)


def test_an_interval_without_a_width_is_sure() -> None:
    ends = np.array([0.0, 0.2, np.nan])
    np.testing.assert_array_equal(interval_p_values(ends, ends, 0.95, np.inf), [1.0, 0.0, np.nan])

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from doxa.analysis.parts.correction import adjust_p_values, t_p_values, t_tests, with_adjusted
from doxa.errors import InvalidArgumentError
from doxa.score import mean_batch

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@settings(max_examples=25, deadline=None)
@given(P_VALUES)
def test_corrections_are_those_of_statsmodels(p_values: list[float]) -> None:
    for ours, theirs in (("holm", "holm"), ("benjamini_hochberg", "fdr_bh")):
        expected = multipletests(p_values, method=theirs)[1]
        np.testing.assert_allclose(adjust_p_values(p_values, ours), expected, atol=1e-12)  # type: ignore[arg-type]


def test_a_missing_test_is_not_a_member_of_the_family() -> None:
    found = adjust_p_values([0.01, float("nan"), 0.04])
    np.testing.assert_allclose(found, [0.02, np.nan, 0.04])


def test_families_are_corrected_separately() -> None:
    table = pl.DataFrame({"model": ["a", "a", "b"], "p_value": [0.01, 0.04, 0.04]})
    apart = with_adjusted(table, "holm", ["model"])["p_adjusted"]
    together = with_adjusted(table, "holm")["p_adjusted"]
    assert apart.to_list() == [0.02, 0.04, 0.04]
    assert together.to_list() == [0.03, 0.08, 0.08]


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="correction='bonferroni'"):
        adjust_p_values([0.1], "bonferroni")  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="outside 0 to 1"):
        adjust_p_values([1.1])
    with pytest.raises(InvalidArgumentError, match="family='modle' is no column"):
        with_adjusted(pl.DataFrame({"p_value": [0.1]}), "holm", ["modle"])


@pytest.mark.parametrize("n", [2, 3, 6, 36, 144, 1000])
def test_p_values_are_those_of_scipys_t(n: int) -> None:
    statistics = np.array([0.0, 0.1, 1.0, 2.0, 4.0, 8.0])
    found = t_p_values(statistics, np.full(6, np.sqrt(1 - 1 / n)), np.full(6, n))
    np.testing.assert_allclose(found, 2 * stats.t.sf(statistics, n - 1), rtol=1e-9)
    np.testing.assert_allclose(
        t_p_values(statistics, np.ones(6), None), 2 * stats.norm.sf(statistics), rtol=1e-12
    )


def test_the_p_value_agrees_with_a_paired_t_test() -> None:
    values = np.random.default_rng(5).normal(0.1, 1, 40)
    error = values.std() / np.sqrt(40)  # the limit of the bootstrap's standard error
    found = t_p_values([values.mean()], [error], [40])[0]
    assert found == pytest.approx(stats.ttest_1samp(values, 0).pvalue, rel=1e-9)


def test_nothing_varies_and_nothing_is_known() -> None:
    found = t_p_values([0.0, 1.0, np.nan, 1.0], [0.0, 0.0, 1.0, 1.0], [5, 5, 5, 1])
    np.testing.assert_array_equal(found, [1.0, 0.0, np.nan, np.nan])


def test_comparisons_are_tested_and_keep_their_order_of_columns() -> None:
    rng = np.random.default_rng(4)
    scores = rng.uniform(0.2, 0.8, (2, 40))
    batch = mean_batch(
        pl.DataFrame({"alignment": scores.ravel()}), groups=["a"] * 40 + ["b"] * 40,
        items=[*range(40)] * 2, n_resamples=4000,
    )  # fmt: skip
    tests = t_tests(batch.compare(["a", "b"], ["b", "a"]))
    assert tests.columns == ["estimate", "low", "high", "std_error", "p_value", "n_items"]
    expected = stats.ttest_rel(*scores).pvalue
    assert tests["p_value"].to_list() == pytest.approx([expected] * 2, rel=0.1)
    corrected = with_adjusted(tests, "holm")
    assert corrected.columns[4:] == ["p_value", "p_adjusted", "n_items"]
    assert corrected["p_adjusted"].to_list() == pytest.approx((2 * tests["p_value"]).to_list())

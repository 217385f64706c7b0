from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from doxa.analysis.parts.correction import Correction, adjust_p_values, with_adjusted
from doxa.errors import InvalidArgumentError
from doxa.score.student import interval_p_values, rescaled_intervals

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


def table_of(seed: int, family: int) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    middle, reach = random.normal(0, 1, family), random.uniform(0.1, 1.5, family)
    n_items, drawn = (
        random.integers(2, 200, family),
        random.choice(["items", "respondents"], family),
    )
    freedom = np.where(drawn == "items", n_items - 1.0, np.inf)
    low, high = middle - reach, middle + reach
    return pl.DataFrame({
        "low": low, "high": high, "n_items": n_items, "resampled": drawn,
        "p_value": interval_p_values(low, high, 0.95, freedom),
    })  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.sampled_from(["holm", "benjamini_hochberg"]))
def test_adjusted_intervals_leave_zero_out_where_adjusted_p_values_are_small(
    seed: int, family: int, correction: Correction
) -> None:
    found = with_adjusted(table_of(seed, family), correction, confidence=0.95)
    outside = (found["low_adjusted"] > 0) | (found["high_adjusted"] < 0)
    assert (outside == (found["p_adjusted"] < 0.05)).all()
    assert (found["low_adjusted"] <= found["low"] + 1e-9).all()
    smallest = found.sort("p_value").row(0, named=True)
    if correction == "holm" and smallest["p_value"] * family < 1:
        one = rescaled_intervals(
            np.array([smallest["low"]]), np.array([smallest["high"]]),
            (0.95, np.array([1 - 0.05 / family])),
            smallest["n_items"] - 1 if smallest["resampled"] == "items" else np.inf,
        )  # fmt: skip
        assert smallest["low_adjusted"] == pytest.approx(one[0][0])


def test_what_has_no_interval_has_no_adjusted_one() -> None:
    table = table_of(1, 3).with_columns(low=pl.lit(None, pl.Float64), p_value=pl.lit(0.0))
    found = with_adjusted(table, "holm", confidence=0.95)
    assert found["low_adjusted"].null_count() == found["high_adjusted"].null_count() == 3
    assert found.columns[-4:] == ["p_value", "p_adjusted", "low_adjusted", "high_adjusted"]

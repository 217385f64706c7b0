from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from doxa.score.inference import Comparison, max_t, ranks
from score.made_batches import batch_of


def test_simultaneous_intervals_hold_all_and_are_wider() -> None:
    batch = batch_of(np.random.default_rng(11).uniform(0.3, 0.7, (6, 60)))
    names = [f"g{i}" for i in range(1, 6)]
    single = batch.compare(names, ["g0"] * 5)
    together = batch.compare(names, ["g0"] * 5, simultaneous=True)
    assert (together["high"] - together["low"] > single["high"] - single["low"]).all()
    assert (together["p_value"] >= single["p_value"] - 0.02).all()


def test_simultaneous_intervals_cover_all_differences_as_often_as_they_say() -> None:
    rng = np.random.default_rng(12)
    covered = 0
    for _ in range(150):
        batch = batch_of(rng.uniform(0.3, 0.7, (4, 40)))
        rows = batch.compare(["g1", "g2", "g3"], ["g0"] * 3, simultaneous=True)
        covered += int(((rows["low"] <= 0) & (rows["high"] >= 0)).all())
    assert 0.88 <= covered / 150 <= 0.99


def comparison(replicates: np.ndarray, estimate: float) -> Comparison:
    return Comparison(
        9, estimate, estimate - 1, estimate + 1, replicates.std(ddof=1), 0.5, estimate, replicates
    )


def test_the_reach_of_intervals_that_hold_together_is_the_quantile_of_the_largest() -> None:
    rng = np.random.default_rng(3)
    drawn = rng.normal(size=(4, 999)) * np.array([[1.0], [2.0], [3.0], [0.5]])
    estimates = np.array([0.5, 2.0, -9.0, 0.0])
    found = max_t([comparison(d + e, e) for d, e in zip(drawn, estimates, strict=True)], 0.9)
    errors = drawn.std(axis=1, ddof=1)
    largest = (np.abs(drawn) / errors[:, None]).max(axis=0)
    for one, estimate, error in zip(found, estimates, errors, strict=True):
        reach = np.sort(largest)[-100] * error  # of 999, 99 lie beyond: p = (99 + 1) / 1000
        assert (one.low, one.high) == (
            pytest.approx(estimate - reach),
            pytest.approx(estimate + reach),
        )
        beyond = (largest >= abs(estimate) / error).sum()
        assert one.p_value == pytest.approx((beyond + 1) / 1000)
        assert (one.low > 0 or one.high < 0) == (one.p_value <= 0.1)


def test_ranks_of_columns_share_the_better_rank() -> None:
    values = np.array([[0.1, 3.0], [0.5, 3.0], [0.5, 1.0], [0.2, 2.0]])
    expected = stats.rankdata(-values, method="min", axis=0)
    assert ranks(values).tolist() == expected.tolist()


def test_ranks_of_many_columns_are_those_of_a_slow_twin() -> None:
    rng = np.random.default_rng(21)
    for values in (rng.random((300, 20)), rng.integers(0, 9, (300, 20)) / 4):
        expected = stats.rankdata(-values, method="min", axis=0)
        assert (ranks(values) == expected).all()


def test_what_is_no_number_ranks_last_in_the_order_of_rows() -> None:
    values = np.array([[np.nan], [0.2], [np.nan], [0.2], [0.9]] + [[np.nan]] * 40)
    assert ranks(values)[:5, 0].tolist() == [4, 2, 5, 2, 1]
    assert ranks(values)[5:, 0].tolist() == list(range(6, 46))


def test_ties_and_what_is_no_number_rank_like_a_slow_twin() -> None:
    values = np.random.default_rng(22).integers(0, 5, (60, 40)) / 4
    values[np.random.default_rng(23).random(values.shape) < 0.2] = np.nan
    found = ranks(values)
    for column, ranked in zip(values.T, found.T, strict=True):
        known = np.sort(column[~np.isnan(column)])[::-1]
        seen = 0
        for value, rank in zip(column, ranked, strict=True):
            if np.isnan(value):
                seen += 1
                assert rank == known.size + seen
            else:
                assert rank == 1 + (known > value).sum()


def test_comparisons_become_columns() -> None:
    columns = Comparison.columns([Comparison.empty(), comparison(np.arange(5.0), 2.0)])
    assert columns["n_items"] == [0, 9]
    assert np.isnan(columns["estimate"][0])
    assert columns["low"][1] == 1.0

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import doxa
from doxa import _core
from doxa.score.bootstrap import Bootstrap
from doxa.score.intervals import (
    bias_of,
    delta_intervals,
    mean_intervals,
    percentile_interval,
    quantile_intervals,
    t_intervals,
    wider,
    within,
)
from score.made_batches import GROUPS, HUMAN, ITEMS, MODEL, SIZES, batch_of, scored


def test_respondents_drawn_from_counts_spread_like_numpys_multinomial() -> None:
    rng = np.random.default_rng(1)
    drawn = rng.multinomial(400, HUMAN[:10], size=(4000, 10)) / 400
    gaps = np.abs(np.cumsum(drawn - MODEL[:10], axis=2)[..., :3]).sum(axis=2) / 3
    expected = (1 - gaps).mean(axis=1).std()
    batch = scored(n_resamples=4000, method="percentile")
    assert batch.groups["std_error"][0] == pytest.approx(expected, rel=0.06)


def test_the_delta_method_agrees_with_the_bootstrap() -> None:
    human = np.clip(HUMAN, 0.05, None)
    human /= human.sum(axis=1, keepdims=True)
    options = {
        "metrics": doxa.score.METRICS,
        "groups": GROUPS,
        "items": ITEMS,
        "human_n": np.full(30, 40_000.0),
        "resample": "respondents",
    }
    exact = doxa.score_batch(MODEL, human, method="delta", **options)
    drawn = doxa.score_batch(MODEL, human, n_resamples=3000, **options)
    ratio = (exact.groups["std_error"] / drawn.groups["std_error"]).to_numpy()
    # Some metrics have no derivative.
    ratio = ratio[~np.isnan(ratio)]
    assert len(ratio) >= 10 * len(set(GROUPS))
    assert ratio == pytest.approx(np.ones(len(ratio)), abs=0.06)


def test_shrunken_replicates_undo_the_kink() -> None:
    """Drawn replicates of a perfect score all lie below it; the interval must reach up to it."""
    one = {"human_n": SIZES[:10], "resample": "respondents"}
    plain = doxa.score_batch(HUMAN[:10], HUMAN[:10], method="percentile", **one).groups
    assert (plain["high"] < plain["estimate"]).all()
    usual = doxa.score_batch(HUMAN[:10], HUMAN[:10], **one).groups
    assert usual["high"].to_list() == [1.0]
    assert (usual["low"] > plain["low"]).all()


def test_items_and_respondents_give_the_interval_for_items_without_their_bias() -> None:
    items, both = scored(resample="items"), scored(resample=("items", "respondents"))
    drawn = both.replicates()
    off = drawn.mean(axis=1) - items.groups["estimate"].to_numpy()
    ends = items.groups.select("low", "high").to_numpy().T + off
    expected = wider(ends, drawn, 0.95, np.full(3, 10.0)).clip(0, 1)
    np.testing.assert_allclose(both.groups.select("low", "high").to_numpy().T, expected)
    assert both.groups["std_error"].equals(items.groups["std_error"])
    apart, bare = both.compare("a", "b"), items.compare("a", "b")
    ends = bare.select("low", "high").to_numpy().T + (off[0] - off[1])
    expected = wider(ends, drawn[:1] - drawn[1:2], 0.95, np.full(1, 10.0))
    np.testing.assert_allclose(apart.select("low", "high").to_numpy().T, expected)


def test_an_interval_is_stretched_to_where_the_truth_may_lie() -> None:
    drawn = np.random.default_rng(3).normal(0.5, 0.1, (3, 2000))
    ends = np.array([[0.5, 0.1, np.nan], [0.6, 0.9, np.nan]])
    found = wider(ends, drawn, 0.9, np.array([144.0, 144.0, 4.0]))
    assert found[:, 0].tolist() == pytest.approx(np.quantile(drawn[0], [0.05, 0.95]), abs=0.01)
    assert found[:, 1].tolist() == [0.1, 0.9]
    assert np.isnan(found[:, 2]).all()
    few = wider(ends, drawn, 0.9, np.full(3, 5.0))
    assert few[0, 0] < found[0, 0]


ESTIMATES = np.array([0.6, 0.7])
REPLICATES = ESTIMATES[:, None] + np.random.default_rng(4).normal(-0.05, 0.1, (2, 500))


def test_the_bias_is_on_the_side_where_the_replicates_are_not() -> None:
    moved = REPLICATES.mean(axis=1) - ESTIMATES
    np.testing.assert_allclose(bias_of(ESTIMATES, REPLICATES, shrunken=False), moved)
    np.testing.assert_allclose(bias_of(ESTIMATES, REPLICATES, shrunken=True), -moved)


def test_quantile_intervals_leave_out_replicates_without_a_value() -> None:
    low, high = quantile_intervals(REPLICATES, 0.9)
    ends = [percentile_interval(row, 0.9) for row in REPLICATES]
    np.testing.assert_allclose(np.stack([low, high], axis=1), ends)
    drawn = np.vstack([REPLICATES[0], np.full(500, np.nan)])
    drawn[0, ::2] = np.nan
    low, high = quantile_intervals(drawn, 0.8)
    assert (low[0], high[0]) == pytest.approx(percentile_interval(REPLICATES[0, 1::2], 0.8))
    assert np.isnan([low[1], high[1]]).all()


def test_t_intervals_are_those_of_a_t_test() -> None:
    values = np.random.default_rng(5).normal(0.1, 1, 40)
    ends = t_intervals(np.array([values.mean()]), np.array([values.std() / np.sqrt(40)]), 0.9, [40])
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    assert ends.ravel().tolist() == pytest.approx([expected.low, expected.high])
    assert np.isnan(t_intervals(np.zeros(1), np.ones(1), 0.9, [1])).all()


def heavy(seed: int, n: int) -> np.ndarray:
    """Scores of few items, one of them far below the others."""
    random = np.random.default_rng(seed)
    values = random.uniform(0.85, 0.99, (2, n))
    values[:, random.integers(n)] = random.uniform(0, 0.3, 2)
    return values


@pytest.mark.parametrize("n", [5, 9])
def test_no_interval_leaves_the_range_or_is_much_longer_than_students_t(n: int) -> None:
    for seed in range(20):
        values = heavy(seed, n)
        batch = batch_of(values)
        low, high = (batch.groups[name].to_numpy() for name in ("low", "high"))
        assert (low >= 0).all()
        assert (high <= 1).all()
        t = stats.t.interval(0.95, n - 1, values.mean(axis=1), stats.sem(values, axis=1))
        assert (high - low < 2 * (t[1] - t[0])).all()
        row = batch.compare("g0", "g1").row(0, named=True)
        assert -1 <= row["low"] <= row["high"] <= 1
        assert (row["p_value"] < 0.05) == (row["low"] > 0 or row["high"] < 0)


def test_ends_are_cut_to_what_is_possible() -> None:
    found = np.array([[9.0], [0.9], [-0.2], [1.3], [0.1]])
    assert within(found, (0.0, 1.0))[2:4].ravel().tolist() == [0.0, 1.0]


@pytest.mark.parametrize("resample", ["items", "respondents", ("items", "respondents")])
def test_replicates_are_made_only_if_the_interval_needs_them(resample: object) -> None:
    values = np.random.default_rng(5).random(12)
    labels = (np.zeros(12, np.uint32), np.arange(12, dtype=np.uint32), 1, 12)
    drawn = values.mean() + np.random.default_rng(6).normal(-0.02, 0.05, (1, 300))
    calls = []

    def replicates() -> np.ndarray:
        calls.append(1)
        return drawn

    bootstrap = Bootstrap.of(
        resample, None, confidence=0.9, n_resamples=300, seed=2, threads=0,  # type: ignore[arg-type]
        replicate=lambda *_: drawn,
    )  # fmt: skip
    n, estimate, low, high, error = mean_intervals(values, labels, bootstrap, replicates)[:, 0]
    assert (n, estimate) == (12, pytest.approx(values.mean()))
    assert len(calls) == (resample != "items")
    if resample == "respondents":
        ends = quantile_intervals(2 * estimate - drawn, 0.9)
        assert (low, high) == (pytest.approx(ends[0][0]), pytest.approx(ends[1][0]))
        assert error == pytest.approx(drawn.std(ddof=1))
    else:
        alone = _core.item_intervals(
            values, labels, n_resamples=300, seed=2, method="studentized", confidence=0.9
        )[2:, 0]
        shift = 0.0 if resample == "items" else drawn.mean() - estimate
        assert [low, high, error] == pytest.approx([*(alone[:2] - shift), alone[2]])


def test_delta_intervals_are_normal() -> None:
    means, errors = np.array([[4.0, 5.0], [0.5, 0.6]]), np.array([0.1, 0.2])
    found = delta_intervals(means, errors, 0.95)
    np.testing.assert_allclose(found[:2], means)
    np.testing.assert_allclose(found[2], stats.norm(means[1], errors).ppf(0.025))
    np.testing.assert_allclose(found[3], stats.norm(means[1], errors).ppf(0.975))
    assert (found[4] == errors).all()

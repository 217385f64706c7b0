from __future__ import annotations

from types import SimpleNamespace

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
    mirrored,
    percentile_interval,
    quantile_intervals,
)
from score.made_batches import GROUPS, HUMAN, ITEMS, MODEL, SIZES, scored


def test_respondents_drawn_from_counts_spread_like_numpys_multinomial() -> None:
    rng = np.random.default_rng(1)
    drawn = rng.multinomial(400, HUMAN[:10], size=(4000, 10)) / 400
    gaps = np.abs(np.cumsum(drawn - MODEL[:10], axis=2)[..., :3]).sum(axis=2) / 3
    expected = (1 - gaps).mean(axis=1).std()
    batch = scored(n_resamples=4000)
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


def test_bias_correction_undoes_the_kink() -> None:
    """Replicates of a perfect score all lie below it; the interval must reach up to it."""
    batch = doxa.score_batch(
        HUMAN[:10], HUMAN[:10], human_n=SIZES[:10], resample="respondents", method="percentile"
    )
    row = batch.groups.row(0, named=True)
    assert row["high"] < row["estimate"]
    plain = scored(method="percentile").groups
    corrected = scored().groups
    shift = (corrected["low"] + corrected["high"]) - (plain["low"] + plain["high"])
    assert (shift > 0).all()


def test_items_and_respondents_give_the_interval_for_items_without_their_bias() -> None:
    items, both = scored(resample="items"), scored(resample=("items", "respondents"))
    ends = ("low", "high")
    bias = both.replicates().mean(axis=1) - items.groups["estimate"].to_numpy()
    assert (bias < 0).all()
    for name in ends:
        shifted = items.groups[name].to_numpy() - bias
        assert both.groups[name].to_numpy() == pytest.approx(shifted)
    assert both.groups["std_error"].equals(items.groups["std_error"])
    apart, bare = both.compare("a", "b"), items.compare("a", "b")
    for name in ends:
        assert apart[name].item() == pytest.approx(bare[name].item() - (bias[0] - bias[1]))


ESTIMATES = np.array([0.6, 0.7])
REPLICATES = ESTIMATES[:, None] + np.random.default_rng(4).normal(-0.05, 0.1, (2, 500))


def test_items_alone_have_no_bias_and_others_are_mirrored() -> None:
    alone, people = ("items",), ("items", "respondents")
    assert mirrored(ESTIMATES, REPLICATES, alone) is REPLICATES
    turned = mirrored(ESTIMATES, REPLICATES, people)
    np.testing.assert_allclose((turned + REPLICATES) / 2, np.tile(ESTIMATES, (500, 1)).T)
    assert bias_of(ESTIMATES, REPLICATES, alone).tolist() == [0.0, 0.0]
    bias = bias_of(ESTIMATES, REPLICATES, people)
    np.testing.assert_allclose(bias, REPLICATES.mean(axis=1) - ESTIMATES)
    np.testing.assert_allclose(turned.mean(axis=1), ESTIMATES - bias)


def test_quantile_intervals_are_percentile_or_basic() -> None:
    low, high = quantile_intervals(ESTIMATES, REPLICATES, ("items",), 0.9)
    ends = [percentile_interval(row, 0.9) for row in REPLICATES]
    np.testing.assert_allclose(np.stack([low, high], axis=1), ends)
    low, high = quantile_intervals(ESTIMATES, REPLICATES, ("respondents",), 0.9)
    for row, (estimate, drawn) in enumerate(zip(ESTIMATES, REPLICATES, strict=True)):
        given = SimpleNamespace(bootstrap_distribution=drawn)
        basic = stats.bootstrap(
            ([estimate, estimate],), np.mean, n_resamples=0, bootstrap_result=given,
            method="basic", confidence_level=0.9,
        ).confidence_interval  # fmt: skip
        assert (low[row], high[row]) == (pytest.approx(basic.low), pytest.approx(basic.high))


def test_replicates_without_a_value_are_left_out() -> None:
    drawn = np.vstack([REPLICATES[0], np.full(500, np.nan)])
    drawn[0, ::2] = np.nan
    low, high = quantile_intervals(ESTIMATES, drawn, ("items",), 0.8)
    assert (low[0], high[0]) == pytest.approx(percentile_interval(REPLICATES[0, 1::2], 0.8))
    assert np.isnan([low[1], high[1]]).all()


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
        expected = quantile_intervals(np.array([estimate]), drawn, ("respondents",), 0.9)
        assert (low, high) == (pytest.approx(expected[0][0]), pytest.approx(expected[1][0]))
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

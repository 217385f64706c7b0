"""Intervals against SciPy and R's boot, given the same resamples."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from scipy import stats

from doxa import _core

GOLDEN = Path(__file__).parent.parent / "golden"
ONE_GROUP = "percentile", "basic", "bca"


def labels(n_groups: int, n_items: int) -> tuple[np.ndarray, np.ndarray, int, int]:
    groups = np.repeat(np.arange(n_groups, dtype=np.uint32), n_items)
    return groups, np.tile(np.arange(n_items, dtype=np.uint32), n_groups), n_groups, n_items


@pytest.mark.parametrize("method", ONE_GROUP)
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.999])
def test_scipy_makes_the_same_intervals_of_the_same_replicates(
    method: str, confidence: float
) -> None:
    values = np.random.default_rng(4).beta(5, 2, (7, 31))
    options = {"n_resamples": 800, "seed": 3}
    replicates = _core.item_replicates(values.ravel(), labels(7, 31), **options)
    rows = _core.item_intervals(
        values.ravel(), labels(7, 31), method=method, confidence=confidence, **options
    )
    for group in range(7):
        drawn = SimpleNamespace(bootstrap_distribution=replicates[group])
        expected = stats.bootstrap(
            (values[group],),
            np.mean,
            n_resamples=0,
            bootstrap_result=drawn,
            method={"bca": "BCa"}.get(method, method),
            confidence_level=confidence,
        )
        assert rows[1:, group] == pytest.approx(
            [values[group].mean(), *expected.confidence_interval, expected.standard_error],
            abs=1e-12,
        )


def studentised(scores: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    n = scores.size
    means = frequencies @ scores / n
    errors = np.sqrt((frequencies * (scores - means[:, None]) ** 2).sum(axis=1)) / n
    return (means - scores.mean()) / errors


def places_apart(
    ours: float,
    theirs: float,
    scores: np.ndarray,
    means: np.ndarray,
    method: str,
    ratios: np.ndarray | None,
) -> float:
    """How many order statistics lie between two ends of an interval."""
    ends = np.array([ours, theirs])
    if method == "basic":
        ends = 2 * scores.mean() - ends
    ordered = np.sort(means)
    if ratios is not None:
        ends, ordered = (scores.mean() - ends) / (scores.std() / np.sqrt(scores.size)), ratios
    places = np.interp(ends, ordered, np.arange(ordered.size))
    return float(abs(places[0] - places[1]))


def test_r_makes_the_same_intervals_up_to_the_interpolation_of_order_statistics() -> None:
    """R interpolates between order statistics on the normal scale, and counts them from R + 1."""
    scores = pl.read_csv(GOLDEN / "boot_scores.csv")["score"].to_numpy()
    frequencies = np.loadtxt(GOLDEN / "boot_frequencies.csv", delimiter=",")
    means = pl.read_csv(GOLDEN / "boot_means.csv")["mean"].to_numpy()
    options = {"n_resamples": 999, "seed": 0, "weights": frequencies}
    replicates = _core.item_replicates(scores, labels(1, 24), **options)[0]
    assert replicates == pytest.approx(means, abs=1e-14)
    for method, *theirs in pl.read_csv(GOLDEN / "boot_intervals.csv").rows():
        ours = _core.item_intervals(
            scores, labels(1, 24), method=method, confidence=0.95, **options
        )[2:4, 0]
        ratios = np.sort(studentised(scores, frequencies)) if method == "studentized" else None
        for our_end, their_end in zip(ours, theirs, strict=True):
            assert places_apart(our_end, their_end, scores, means, method, ratios) <= 1


def test_studentised_intervals_are_made_of_ratios() -> None:
    values = np.random.default_rng(6).beta(5, 2, 40)
    draws = np.random.default_rng(7).integers(0, 40, (500, 40))
    weights = np.array([np.bincount(draw, minlength=40) for draw in draws], float)
    drawn = values[draws]
    errors = drawn.std(axis=1) / np.sqrt(40)
    ratios = (drawn.mean(axis=1) - values.mean()) / errors
    low, high = np.quantile(ratios, [0.05, 0.95])
    error = values.std() / np.sqrt(40)
    rows = _core.item_intervals(
        values,
        labels(1, 40),
        n_resamples=500,
        seed=0,
        method="studentized",
        confidence=0.9,
        weights=weights,
    )
    expected = [values.mean() - high * error, values.mean() - low * error]
    assert rows[2:4, 0] == pytest.approx(expected, abs=1e-12)

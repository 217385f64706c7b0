"""Intervals against SciPy and R's boot, given the same resamples."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import doxa
from doxa import _core
from doxa.errors import InvalidArgumentError

GOLDEN = Path(__file__).parent / "golden"
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


@settings(max_examples=40, deadline=None)
@given(
    data=st.data(),
    n_groups=st.integers(1, 9),
    n_items=st.integers(2, 20),
    n_resamples=st.integers(2, 70),
)
def test_replicates_with_missing_and_repeated_items(
    data: st.DataObject, n_groups: int, n_items: int, n_resamples: int
) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    n_rows = data.draw(st.integers(n_groups, 4 * n_groups * n_items))
    groups = rng.integers(0, n_groups, n_rows).astype(np.uint32)
    items = rng.integers(0, n_items, n_rows).astype(np.uint32)
    values = rng.random(n_rows)
    replicates = _core.item_replicates(
        values, (groups, items, n_groups, n_items), n_resamples=n_resamples, seed=8
    )
    weights = np.zeros((n_resamples, n_items))
    for replicate in range(n_resamples):
        words = _core.stream(8, replicate, n_items)
        np.add.at(weights[replicate], [int(word) * n_items >> 64 for word in words], 1)
    for group in range(n_groups):
        rows = groups == group
        drawn = weights[:, items[rows]]
        with np.errstate(invalid="ignore"):
            expected = (drawn * values[rows]).sum(axis=1) / drawn.sum(axis=1)
        assert replicates[group] == pytest.approx(expected, abs=1e-12, nan_ok=True)


def frame(values: np.ndarray) -> doxa.ScoreBatch:
    """A batch whose alignments are the given values, one group per row of them."""
    n_groups, n_items = values.shape
    model = np.stack([1 - values.ravel(), values.ravel()], axis=1)
    human = np.tile([0.0, 1.0], (values.size, 1))
    return doxa.score_batch(
        model,
        human,
        groups=np.repeat([f"g{i}" for i in range(n_groups)], n_items),
        resample="items",
    )


def test_differences_are_paired() -> None:
    rng = np.random.default_rng(9)
    base = rng.uniform(0.2, 0.8, 50)
    batch = frame(np.stack([base, base + 0.1, rng.uniform(0, 1, 50)]))
    row = batch.compare("g1", "g0").row(0, named=True)
    assert row["estimate"] == pytest.approx(0.1)
    assert row["std_error"] == pytest.approx(0, abs=1e-12)
    assert row["n_items"] == 50
    assert row["p_value"] == pytest.approx(2 / 1001)
    differences = rng.uniform(-0.1, 0.1, 50)
    twin = frame(np.stack([base + differences, base]))
    ends = twin.compare("g0", "g1").row(0, named=True)
    alone = _core.item_intervals(
        differences, labels(1, 50), n_resamples=1000, seed=0, method="studentized", confidence=0.95
    )
    assert [ends["low"], ends["high"]] == pytest.approx(alone[2:4, 0], abs=1e-12)


def test_comparisons_use_the_items_that_both_have() -> None:
    batch = doxa.score_batch(
        [[0.5, 0.5]] * 5,
        [[0.5, 0.5], [0.4, 0.6], [0.1, 0.9], [0.5, 0.5], [0.2, 0.8]],
        groups=["a", "a", "a", "b", "b"],
        items=["Q1", "Q2", "Q9", "Q1", "Q2"],
        resample="items",
    )
    row = batch.compare("a", "b").row(0, named=True)
    assert row["n_items"] == 2
    assert row["estimate"] == pytest.approx((0.0 + 0.2) / 2)


def test_simultaneous_intervals_hold_all_and_are_wider() -> None:
    batch = frame(np.random.default_rng(11).uniform(0.3, 0.7, (6, 60)))
    names = [f"g{i}" for i in range(1, 6)]
    single = batch.compare(names, ["g0"] * 5)
    together = batch.compare(names, ["g0"] * 5, simultaneous=True)
    assert (together["high"] - together["low"] > single["high"] - single["low"]).all()
    assert (together["p_value"] >= single["p_value"] - 0.02).all()


def test_simultaneous_intervals_cover_all_differences_as_often_as_they_say() -> None:
    rng = np.random.default_rng(12)
    covered = 0
    for _ in range(150):
        batch = frame(rng.uniform(0.3, 0.7, (4, 40)))
        rows = batch.compare(["g1", "g2", "g3"], ["g0"] * 3, simultaneous=True)
        covered += int(((rows["low"] <= 0) & (rows["high"] >= 0)).all())
    assert 0.88 <= covered / 150 <= 0.99


def test_ranks_have_intervals() -> None:
    rng = np.random.default_rng(13)
    means = np.array([0.5, 0.8, 0.52])
    batch = frame(np.clip(means[:, None] + rng.normal(0, 0.1, (3, 80)), 0, 1))
    table = batch.ranks()
    assert table["rank"].to_list() == sorted(range(1, 4), key=lambda r: [2, 0, 1].index(r - 1))
    best = table.row(1, named=True)
    assert (best["low"], best["high"], best["p_first"]) == (1, 1, 1.0)
    assert (table["low"] <= table["rank"]).all()
    assert (table["rank"] <= table["high"]).all()


def test_one_item_has_no_interval() -> None:
    row = frame(np.array([[0.4]])).groups.row(0, named=True)
    assert row["n"] == 1
    assert row["low"] is None
    assert row["std_error"] is None


def test_labels_beyond_their_number_are_refused() -> None:
    zero, beyond = np.zeros(1, np.uint32), np.array([2**32 - 1], np.uint32)
    with pytest.raises(InvalidArgumentError, match="item label 4294967295 is not below 1"):
        _core.group_means(np.ones(1), (zero, beyond, 1, 1))
    # As a group it stands for none.
    assert _core.group_means(np.ones(1), (beyond, zero, 1, 1))[0, 0] == 0


def test_what_cannot_be_compared_is_told() -> None:
    batch = frame(np.full((2, 3), 0.5))
    apart = doxa.score_batch(
        np.full((2, 2), 0.5),
        np.full((2, 2), 0.5),
        groups=["a", "b"],
        items=["Q1", "Q2"],
        resample="items",
    )
    plain = doxa.score_batch([[0.5, 0.5]], [[0.5, 0.5]])
    for call, message in [
        (lambda: batch.compare("g0", "g7"), "no group 'g7'"),
        (lambda: batch.compare(["g0"], ["g1", "g0"]), "lists of one length"),
        (lambda: apart.compare("a", "b"), "share no items"),
        (lambda: plain.compare("a", "b"), "nothing was resampled"),
        (lambda: batch.ranks("hellinger"), "none of alignment"),
        (lambda: plain.variance_shares, "nothing was resampled"),
    ]:
        with pytest.raises(InvalidArgumentError, match=message):
            call()

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import doxa
from doxa import _core
from doxa.errors import InvalidArgumentError
from doxa.score.intervals import t_intervals
from score.made_batches import GROUPS, HUMAN, ITEMS, MODEL, SIZES, batch_of, scored


def test_differences_are_paired() -> None:
    rng = np.random.default_rng(9)
    base = rng.uniform(0.2, 0.8, 50)
    batch = batch_of(np.stack([base, base + 0.1, rng.uniform(0, 1, 50)]))
    row = batch.compare("g1", "g0").row(0, named=True)
    assert row["estimate"] == pytest.approx(0.1)
    assert row["std_error"] == pytest.approx(0, abs=1e-12)
    assert row["n_items"] == 50
    assert row["p_value"] < 1e-9
    differences = rng.uniform(-0.1, 0.1, 50)
    twin = batch_of(np.stack([base + differences, base]))
    ends = twin.compare("g0", "g1").row(0, named=True)
    one = np.zeros(50, np.uint32), np.arange(50, dtype=np.uint32), 1, 50
    alone = _core.item_intervals(
        differences, one, n_resamples=1000, seed=0, method="studentized", confidence=0.95
    )
    expected = t_intervals(alone[1], alone[4], 0.95, [50]).ravel()
    assert [ends["low"], ends["high"]] == pytest.approx(expected, abs=1e-12)


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


def test_ranks_have_intervals() -> None:
    rng = np.random.default_rng(13)
    means = np.array([0.5, 0.8, 0.52])
    batch = batch_of(np.clip(means[:, None] + rng.normal(0, 0.1, (3, 80)), 0, 1))
    table = batch.ranks()
    assert table["rank"].to_list() == sorted(range(1, 4), key=lambda r: [2, 0, 1].index(r - 1))
    best = table.row(1, named=True)
    assert (best["low"], best["high"], best["p_first"]) == (1, 1, 1.0)
    assert (table["low"] <= table["rank"]).all()
    assert (table["rank"] <= table["high"]).all()


def test_one_item_has_no_interval() -> None:
    row = batch_of(np.array([[0.4]])).groups.row(0, named=True)
    assert row["n"] == 1
    assert row["low"] is None
    assert row["std_error"] is None


def test_an_impossible_comparison_is_an_error() -> None:
    batch = batch_of(np.full((2, 3), 0.5))
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
        (lambda: batch.compare(["g0"], ["g1", "g0"]), "lists of equal length"),
        (lambda: apart.compare("a", "b"), "share no items"),
        (lambda: plain.compare("a", "b"), "nothing was resampled"),
        (lambda: batch.ranks("hellinger"), "there are alignment"),
        (lambda: plain.variance_shares, "nothing was resampled"),
    ]:
        with pytest.raises(InvalidArgumentError, match=message):
            call()


def test_groups_with_the_same_humans_share_their_draws() -> None:
    model = np.concatenate([MODEL[:20], MODEL[10:20]])
    batch = doxa.score_batch(
        model, HUMAN, groups=GROUPS, items=ITEMS, human_n=SIZES, resample="respondents"
    )
    assert batch.compare("b", "c")["std_error"][0] == 0
    assert batch.compare("a", "b")["std_error"][0] < np.hypot(*batch.groups["std_error"][:2])


def test_the_order_of_rows_changes_no_bit() -> None:
    order = np.random.default_rng(2).permutation(30)
    sources = ("items", "respondents", "replies")
    batches = [
        doxa.score_batch(
            MODEL[rows],
            HUMAN[rows],
            groups=GROUPS[rows],
            items=ITEMS[rows],
            human_n=SIZES,
            model_n=SIZES,
            resample=sources,
            n_resamples=100,
        )
        for rows in (np.arange(30), order)
    ]
    tables = [batch.groups.sort("group") for batch in batches]
    assert tables[0].equals(tables[1])


def test_all_sources_together_and_the_share_of_each() -> None:
    batch = scored(resample=("items", "respondents", "replies"), model_n=np.full(30, 50.0))
    shares = batch.variance_shares
    assert shares["source"].unique(maintain_order=True).to_list() == [
        "items",
        "respondents",
        "replies",
    ]
    plain = scored(
        resample=batch._bootstrap.sources,
        model_n=np.full(30, 50.0),
        method="percentile",  # type: ignore[union-attr]
    )
    together = plain.replicates()[0].std(ddof=1)
    alone = shares.filter(pl.col("group") == "a")
    assert (alone["std_error"] < together * 1.05).all()
    assert alone["share"].sum() == pytest.approx(1, abs=0.25)
    assert alone["share"].to_numpy() == pytest.approx((alone["std_error"] / together) ** 2)


def test_intervals_are_made_from_the_replicates() -> None:
    batch = scored(resample="items", n_resamples=999, method="percentile")
    replicates = batch.replicates()
    assert replicates.shape == (3, 999)
    low, high = np.quantile(replicates, [0.025, 0.975], axis=1)
    assert batch.groups["low"].to_numpy() == pytest.approx(low, abs=1e-12)
    assert batch.groups["high"].to_numpy() == pytest.approx(high, abs=1e-12)
    spread = (replicates[0] - replicates[1]).std(ddof=1)
    assert batch.compare("a", "b")["std_error"].item() == pytest.approx(spread, rel=1e-9)


def test_replicates_of_a_metric_not_asked_for_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="no metric 'hellinger': there are align"):
        scored().replicates("hellinger")

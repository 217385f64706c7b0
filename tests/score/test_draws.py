from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import doxa
from doxa import _core
from doxa.score import drawn_shares, item_weights
from score.made_batches import GROUPS, HUMAN, ITEMS, MODEL


def test_items_from_counts_and_items_alone_draw_the_same() -> None:
    alone = doxa.score_batch(
        MODEL, HUMAN, groups=GROUPS, items=ITEMS, resample="items", method="percentile"
    )
    labels = (np.repeat(np.arange(3, dtype=np.uint32), 10), np.tile(np.arange(10), 3), 3, 10)
    labels = (labels[0], labels[1].astype(np.uint32), 3, 10)
    replicates = _core.count_replicates(
        MODEL,
        HUMAN,
        ["alignment"],
        labels,
        draw_items=True,
        human_n=None,
        model_n=None,
        n_resamples=1000,
        seed=0,
    )[0]
    expected = alone.groups.filter(pl.col("group") == "b")
    assert np.quantile(replicates[1], 0.025) == pytest.approx(expected["low"][0], abs=1e-14)


def test_draws_are_those_of_a_batch() -> None:
    rng = np.random.default_rng(3)
    human, model = rng.dirichlet(np.ones(4), 6), rng.dirichlet(np.ones(4), 6)
    sizes = rng.uniform(50, 500, 6)
    batch = doxa.score_batch(
        model, human, items=np.arange(6), human_n=sizes, resample=("items", "respondents"),
        n_resamples=50, seed=9, method="percentile",
    )  # fmt: skip
    scores = np.stack([
        1 - np.abs(np.cumsum(
            drawn_shares(human[[i]], sizes[[i]], item=i, n_resamples=50, seed=9)[0] - model[i],
            axis=1))[:, :3].sum(axis=1) / 3
        for i in range(6)
    ])  # fmt: skip
    weights = item_weights(6, n_resamples=50, seed=9)
    np.testing.assert_allclose(batch.replicates()[0], (weights * scores.T).sum(axis=1), atol=1e-12)


def test_weights_are_shares_of_the_items_drawn() -> None:
    weights = item_weights(7, n_resamples=300, seed=4)
    assert weights.shape == (300, 7)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    np.testing.assert_allclose(weights * 7, np.rint(weights * 7), atol=1e-12)
    assert (item_weights(7, n_resamples=300, seed=4) == weights).all()
    assert (item_weights(7, n_resamples=300, seed=5) != weights).any()
    values = np.random.default_rng(0).random(7)
    labels = (np.zeros(7, np.uint32), np.arange(7, dtype=np.uint32), 1, 7)
    means = _core.item_replicates(values, labels, n_resamples=300, seed=4)[0]
    np.testing.assert_allclose(weights @ values, means, atol=1e-14)


def test_drawn_shares_are_counts_of_the_sample_and_never_negative() -> None:
    shares = np.random.default_rng(2).dirichlet(np.full(6, 0.2), 40)
    drawn = drawn_shares(shares, np.full(40, 15.0), item=3, n_resamples=80, seed=1)
    assert drawn.shape == (40, 80, 6)
    np.testing.assert_allclose(drawn.sum(axis=2), 1.0)
    np.testing.assert_allclose(drawn * 15, np.rint(drawn * 15), atol=1e-9)
    assert (drawn >= 0).all()
    assert (drawn == 0).any()
    # So each is a distribution that may be scored.
    doxa.score_batch(drawn.reshape(-1, 6), np.repeat(shares, 80, axis=0))


def test_the_same_people_are_drawn_for_the_same_item_alone() -> None:
    shares, sizes = np.array([[0.3, 0.7]] * 2), np.full(2, 200.0)
    drawn = drawn_shares(shares, sizes, item=0, n_resamples=50, seed=0)
    assert (drawn[0] == drawn[1]).all()
    other = drawn_shares(shares, sizes, item=1, n_resamples=50, seed=0)
    assert (drawn != other).any()
    assert drawn[0, :, 0].std() == pytest.approx(np.sqrt(0.21 / 200), rel=0.3)


@given(seed=st.integers(0, 2**32), options=st.integers(2, 11), n=st.integers(1, 2000))
@settings(max_examples=60, deadline=None, database=None)
def test_drawn_shares_and_their_mixtures_are_shares(seed: int, options: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(options, 0.1), 5)
    drawn = drawn_shares(shares, np.full(5, float(n)), item=2, n_resamples=20, seed=seed)
    assert (drawn >= 0).all()
    assert not np.signbit(drawn).any()
    mixed = np.tensordot(rng.dirichlet(np.ones(5), 5), drawn, axes=1)
    for rows in (drawn, mixed):
        flat = rows.reshape(-1, options)
        scores = doxa.score_batch(flat, flat).scores["alignment"]
        assert (scores == 1).all()

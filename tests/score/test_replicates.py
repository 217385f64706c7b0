"""A batch goes to another process with its draws."""

from __future__ import annotations

import pickle
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

import doxa
from doxa import _core
from doxa.score import item_weights, mean_batch, score_sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from doxa.score import ScoreBatch

RNG = np.random.default_rng(4)
SHARES = RNG.dirichlet(np.ones(3), 12)
GROUPS = ["a", "b"] * 6
BATCHES: dict[str, Callable[[], ScoreBatch]] = {
    "counts": lambda: doxa.score_batch(
        SHARES,
        SHARES[::-1],
        groups=GROUPS,
        resample=["items", "respondents", "replies"],
        human_n=[100] * 12,
        model_n=[10] * 12,
        n_resamples=50,
    ),
    "delta": lambda: doxa.score_batch(
        pl.Series(SHARES.tolist()),
        SHARES[::-1],
        groups=GROUPS,
        resample="respondents",
        method="delta",
        human_n=[100] * 12,
    ),
    "sample": lambda: score_sample(
        SHARES[:2], RNG.integers(0, 3, (50, 2)), items=[0, 1], n_options=[3, 3], n_resamples=50
    ),
    "means": lambda: mean_batch(pl.DataFrame({"x": np.arange(12.0)}), groups=GROUPS),
    "scores": lambda: doxa.score_batch(SHARES, SHARES[::-1]),
}


@pytest.mark.parametrize("name", BATCHES)
def test_a_pickled_batch_gives_the_same_tables(name: str) -> None:
    batch = BATCHES[name]()
    copy = pickle.loads(pickle.dumps(batch))
    assert copy.scores.equals(batch.scores)
    assert copy.groups.equals(batch.groups)
    if name == "counts":
        assert copy.variance_shares.equals(batch.variance_shares)


def test_a_batch_says_what_is_in_it() -> None:
    assert repr(BATCHES["scores"]()) == (
        "<ScoreBatch of 12 pairs by alignment: see .scores and .groups>"
    )
    one = doxa.score_batch([[0.2, 0.8]], [[0.3, 0.7]], resample=["items"])
    assert repr(one).startswith("<ScoreBatch of 1 pair by alignment, resampled items:")


def scored(**options: object) -> ScoreBatch:
    return doxa.score_batch(
        SHARES, SHARES[::-1], groups=GROUPS, n_resamples=200, human_n=[100] * 12, **options
    )


METRICS = ["alignment", "hellinger", "kl_divergence", "mean_difference"]


def test_replicates_of_items_are_means_of_scores_as_often_as_items_were_drawn() -> None:
    batch = scored(metrics=METRICS, resample="items", seed=5)
    weights = item_weights(6, n_resamples=200, seed=5)
    for metric in METRICS:
        scores = batch.scores[metric].to_numpy()
        for group, drawn in enumerate(batch.replicates(metric)):
            assert drawn == pytest.approx(weights @ scores[group::2], rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("kind", ["counts", "sample"])
def test_replicates_of_items_draw_no_shares(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind == "counts":
        batch = scored(resample="items")
    else:
        answers = RNG.integers(0, 3, (50, 2))
        batch = score_sample(
            SHARES[:2], answers, items=[0, 1], n_options=[3, 3], resample="items", n_resamples=50
        )
    core = dict.fromkeys(("count_replicates", "sample_replicates"))
    monkeypatch.setattr("doxa.score.replicates._core", SimpleNamespace(
        **core, item_replicates=_core.item_replicates
    ))  # fmt: skip
    assert np.isfinite(batch.replicates()).all()
    assert batch.variance_shares["share"].to_list() == [1.0] * batch.groups.height


def test_an_infinite_score_counts_where_its_item_is_drawn() -> None:
    model, human = [[0.5, 0.5]] * 3, [[1.0, 0.0], [0.5, 0.5], [0.2, 0.8]]
    batch = doxa.score_batch(
        model, human, metrics="kl_divergence", resample="items", n_resamples=200, seed=5
    )
    scores = batch.scores["kl_divergence"].to_numpy()
    weights = item_weights(3, n_resamples=200, seed=5)
    drawn = weights[:, 0] > 0
    assert 0 < drawn.sum() < 200
    assert (batch.replicates("kl_divergence")[0][drawn] == np.inf).all()
    finite = batch.replicates("kl_divergence")[0][~drawn]
    assert finite == pytest.approx(weights[~drawn, 1:] @ scores[1:])


def test_infinite_scores_against_a_sample_are_those_of_a_slow_twin() -> None:
    codes = np.array([[0, 1, 0], [0, 1, 1], [0, 0, 0], [0, 1, 1]])
    batch = score_sample(
        [[0.5, 0.5]] * 6, codes, items=[0, 1, 2] * 2, n_options=[2] * 3, groups=list("aaabbb"),
        metrics="kl_divergence", resample="items", n_resamples=100, seed=6,
    )  # fmt: skip
    scores = batch.scores["kl_divergence"].to_numpy().reshape(2, 3)
    assert np.isinf(scores[:, 0]).all()
    counts = np.rint(3 * item_weights(3, n_resamples=100, seed=6)).astype(int)
    for group, found in zip(scores, batch.replicates("kl_divergence"), strict=True):
        drawn = [np.repeat(group, count).mean() for count in counts]
        assert found == pytest.approx(drawn)

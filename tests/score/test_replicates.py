"""A batch goes to another process with its draws."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

import doxa
from doxa.score import mean_batch, score_sample

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

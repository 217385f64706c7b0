from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.analysis.parts.rounding import item_rounding, rounding_bounds
from doxa.distribution import human_distributions
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.scale import Scale
from doxa.score import score_batch
from doxa.survey import sample, world

if TYPE_CHECKING:
    from numpy.typing import NDArray

BANK = QuestionBank.load()
DELTA = 0.0005


def align(p: NDArray[np.float64], q: NDArray[np.float64], scale: Scale) -> NDArray[np.float64]:
    batch = score_batch(p, q, scale=scale.kind, positions=scale.positions)
    return batch.scores["alignment"].to_numpy()


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    k = draw(st.integers(2, 7))
    codes = tuple(range(1, k + 1))
    if draw(st.booleans()):
        return Scale("nominal", codes)
    steps = draw(st.lists(st.floats(0.2, 3), min_size=k - 1, max_size=k - 1))
    return Scale("ordinal", codes, tuple(np.cumsum([0.0, *steps])))


@given(scales(), st.integers(0, 2**32 - 1), st.floats(0.3, 1))
def test_no_rounding_moves_an_alignment_further(scale: Scale, seed: int, answered: float) -> None:
    rng = np.random.default_rng(seed)
    k, n = len(scale.codes), 200
    true = rng.dirichlet(np.full(k, rng.choice([0.2, 1, 5])), n) * answered
    published = np.clip(true + rng.choice([-DELTA, DELTA, 0], (n, k)), 0, None)
    published[:50] = (true[:50] / (2 * DELTA)).round() * 2 * DELTA
    used = published / published.sum(axis=1, keepdims=True)
    exact = true / true.sum(axis=1, keepdims=True)
    model = rng.dirichlet(np.full(k, 0.3), n)
    bounds = rounding_bounds(used, DELTA / published.sum(axis=1), scale)
    for other in (model, np.eye(k)[[0] * n], np.eye(k)[[-1] * n]):
        change = np.abs(align(other, used, scale) - align(other, exact, scale))
        assert (change <= bounds + 1e-12).all()


@given(scales(), st.integers(0, 2**32 - 1))
def test_some_rounding_moves_two_distributions_as_far_apart(scale: Scale, seed: int) -> None:
    k = len(scale.codes)
    published = np.random.default_rng(seed).dirichlet(np.ones(k)) + 2 * DELTA
    used = published / published.sum()
    corners = np.array(list(product((-DELTA, DELTA), repeat=k)))
    exact = published - corners
    exact /= exact.sum(axis=1, keepdims=True)
    furthest = (1 - align(np.tile(used, (len(exact), 1)), exact, scale)).max()
    bound = rounding_bounds(used[None], [DELTA / published.sum()], scale)[0]
    assert bound * (1 - 2.1 * k * DELTA / published.sum()) - 1e-12 <= furthest <= bound + 1e-12


@given(st.integers(2, 12), st.integers(0, 2**32 - 1))
def test_the_bound_for_many_options_is_no_smaller(k: int, seed: int) -> None:
    shares = np.random.default_rng(seed).dirichlet(np.ones(k), 5)
    few = Scale("ordinal", tuple(range(k)))
    many = Scale("ordinal", tuple(range(14)))
    wide = np.concatenate([shares, np.zeros((5, 14 - k))], axis=1)
    distances = np.abs(np.subtract.outer(np.arange(k), np.arange(k))).sum(axis=1) / (k - 1)
    sharp = rounding_bounds(shares, [1e-6] * 5, few)
    assert (sharp <= 1e-6 / (1 - k * 1e-6) * (shares @ distances) + 1e-15).all()
    assert (rounding_bounds(wide, [1e-6] * 5, many) > 0).all()


def test_errors_as_large_as_a_share_say_nothing() -> None:
    assert rounding_bounds([[0.5, 0.5]], [0.5], Scale("ordinal", (1, 2))).tolist() == [1.0]


def test_counts_are_not_rounded_and_published_shares_are() -> None:
    human = human_distributions(world(wave=7), BANK)
    found = item_rounding(human, BANK)
    counted = found.filter(country="USA")
    assert counted["rounding"].max() == 0
    assert not counted["published"].any()
    rounded = found.filter("published")
    assert rounded["country"].n_unique() == 61
    assert rounded["rounding"].is_between(0, 0.01).all()
    weighted = rounded.filter(~pl.col("unweighted"))
    assert weighted["rounding"].mean() == pytest.approx(0.0012, abs=0.0003)


def test_published_shares_of_unknown_rounding_have_no_bound() -> None:
    human = human_distributions(world(wave=7).filter(country="AND"), BANK)
    found = item_rounding(human.with_columns(rounding=pl.lit(None, pl.Float64)), BANK)
    assert found["rounding"].is_null().all()
    bare = human_distributions(sample(wave=7), BANK).drop("rounding", "weighted", "source", "n")
    assert item_rounding(bare, BANK)["rounding"].max() == 0

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import doxa
from doxa.score.differences import Scores, compare_groups

SOURCES = ["items", "respondents", ("items", "respondents"), ("items", "respondents", "replies")]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000), n=st.integers(5, 30), resample=st.sampled_from(SOURCES),
    method=st.sampled_from([None, None, "percentile", "basic"]), near=st.floats(0, 0.3),
    simultaneous=st.booleans(),
)  # fmt: skip
def test_an_interval_leaves_zero_out_exactly_where_its_p_value_is_small(
    seed: int, n: int, resample: object, method: str | None, near: float, simultaneous: bool
) -> None:
    random = np.random.default_rng(seed)
    people, first, second = random.dirichlet(np.full(3, 1.5), (3, n))
    model = np.vstack([people + near * (first - people), people + near * (second - people)])
    batch = doxa.score_batch(
        model, np.vstack([people, people]), groups=["a"] * n + ["b"] * n, items=[*range(n)] * 2,
        human_n=np.full(2 * n, 90.0), model_n=np.full(2 * n, 60.0), resample=resample,  # type: ignore[arg-type]
        method=method, n_resamples=99, seed=seed,  # type: ignore[arg-type]
    )  # fmt: skip
    row = batch.compare("a", "b", simultaneous=simultaneous).row(0, named=True)
    outside = row["low"] > 0 or row["high"] < 0
    at_most = 0.05 + 1e-12 if simultaneous else 0.05 - 1e-12
    assert (row["p_value"] <= at_most) == outside
    assert -1 <= row["low"] <= row["high"] <= 1


def test_few_items_have_a_p_value_and_no_interval() -> None:
    batch = doxa.score_batch(
        [[0.2, 0.8], [0.4, 0.6], [0.25, 0.75], [0.9, 0.1]], [[0.5, 0.5]] * 4,
        groups=["a", "a", "b", "b"], resample="items", n_resamples=50,
    )  # fmt: skip
    row = batch.compare("a", "b").row(0, named=True)
    assert (row["low"], row["high"]) == (None, None)
    assert 0 < row["p_value"] < 1


def test_groups_without_an_item_in_common_are_empty() -> None:
    values = np.array([0.5, 0.6])
    labels = np.array([0, 1], np.uint32), np.array([0, 1], np.uint32), 2, 2
    batch = doxa.score_batch([[0.5, 0.5]], [[0.5, 0.5]], resample="items", n_resamples=5)
    assert batch._bootstrap is not None
    found = compare_groups(Scores(values, None, 0), None, labels, (0, 1), batch._bootstrap)
    assert found.n_items == 0
    assert found.estimate == pytest.approx(np.nan, nan_ok=True)

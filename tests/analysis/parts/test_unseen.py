from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa import score_batch
from doxa.analysis.parts.unseen import item_bounds, share_bounds
from doxa.distribution import MODEL_KEYS
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.scale import Scale

BANK = QuestionBank.load()


@given(st.integers(2, 6), st.sampled_from(["ordinal", "nominal"]), st.integers(0, 2**32))
def test_no_shares_within_the_bounds_move_an_alignment_further(
    k: int, kind: str, seed: int
) -> None:
    draw = np.random.default_rng(seed)
    scale = Scale(kind, tuple(range(1, k + 1)))  # type: ignore[arg-type]
    used, true, people = draw.dirichlet(np.ones(k), 3)
    low = np.minimum(used, true) * draw.uniform(0.5, 1, k)
    high = np.maximum(used, true) + draw.uniform(0, 0.1, k)
    [bound] = share_bounds([used], [low], [high], scale)
    one, other = (
        score_batch([shares], [people], scale=kind).scores["alignment"][0]
        for shares in (used, true)
    )
    assert abs(one - other) <= bound + 1e-9
    assert 0 <= bound <= 1


def test_exact_shares_move_nothing() -> None:
    exact = [[0.25, 0.75]]
    assert share_bounds(exact, exact, exact, Scale("ordinal", (1, 2))).tolist() == [0.0]


def test_each_item_has_a_bound_by_its_scale() -> None:
    keys = dict.fromkeys(MODEL_KEYS, "x")
    row = keys | {"question": "Q1", "codes": [1, 2, 3, 4], "probabilities": [0.4, 0.3, 0.2, 0.1]}
    frame = pl.DataFrame([row, row | {"model": "y"}])
    assert item_bounds(frame, BANK)["bounds"].to_list() == [0.0, 0.0]
    lower = pl.Series([[0.4, 0.3, 0.2, 0.1], [0.3, 0.3, 0.2, 0.1]])
    upper = pl.Series([[0.4, 0.3, 0.2, 0.1], [0.4, 0.3, 0.2, 0.2]])
    found = item_bounds(frame.with_columns(lower=lower, upper=upper), BANK)
    assert found["bounds"].to_list() == pytest.approx([0.0, 0.1])
    assert found.columns == [*MODEL_KEYS, "question", "bounds"]

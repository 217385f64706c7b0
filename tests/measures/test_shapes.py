from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.errors import InvalidArgumentError, InvalidDistributionError
from doxa.measures.shapes import as_shares, placed, points, unit_positions
from doxa.questionnaire.scale import Scale
from doxa.score import score_batch


@given(st.integers(0, 10_000), st.sampled_from(["ordinal", "nominal"]))
def test_the_distance_of_points_is_one_minus_alignment(seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 8))
    first, second = rng.dirichlet(np.ones(k), (2, 4))
    positions = np.cumsum(rng.uniform(0.5, 2, k)).tolist() if kind == "ordinal" else None
    apart = np.abs(placed(first, kind, positions) - placed(second, kind, positions)).sum(axis=1)
    scores = score_batch(first, second, scale=kind, positions=positions).scores["alignment"]
    assert 1 - apart == pytest.approx(scores.to_numpy(), abs=1e-12)


def test_an_item_s_points_use_its_positions() -> None:
    scale = Scale("ordinal", (1, 2, 3), (0.0, 1.0, 4.0))
    assert points(np.array([[1.0, 0.0, 0.0]]), scale).tolist() == [[0.25, 0.75]]


def test_what_is_refused() -> None:
    with pytest.raises(InvalidDistributionError, match="row 1 is"):
        as_shares([[0.5, 0.5], [0.5, 0.6]])
    with pytest.raises(InvalidArgumentError, match="two options or more"):
        as_shares([[1.0]])
    with pytest.raises(InvalidArgumentError, match="beside those of shape"):
        as_shares([[0.5, 0.5]], np.ones((1, 3)))
    with pytest.raises(InvalidArgumentError, match="increasing"):
        unit_positions(2, [2, 1])
    with pytest.raises(InvalidArgumentError, match="scale='cardinal'"):
        placed(np.ones((1, 2)) / 2, "cardinal")

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.backend.drawing import draw, log_softmax


@given(st.lists(st.floats(-80, 80, width=32), min_size=1, max_size=30))
def test_log_softmax_follows_the_definition(logits: list[float]) -> None:
    found = log_softmax(np.array(logits, np.float32))
    wide = np.array(logits)
    assert found.dtype == np.float64
    assert found == pytest.approx(wide - np.logaddexp.reduce(wide))
    assert np.exp(found).sum() == pytest.approx(1)


def test_tokens_are_drawn_with_their_probability() -> None:
    logits = np.log(np.array([0.5, 0.3, 0.2], np.float32))
    generator = np.random.default_rng(0)
    drawn = [draw(logits, 1.0, generator) for _ in range(4000)]
    shares = np.bincount(drawn) / len(drawn)
    assert shares == pytest.approx([0.5, 0.3, 0.2], abs=0.03)
    assert {draw(logits, 0.0, generator) for _ in range(5)} == {0}

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.elicit.bounds import bounded

WEIGHTS = st.lists(st.floats(0.01, 1), min_size=2, max_size=8)


@given(weights=WEIGHTS, n=st.integers(1, 7), rest=st.floats(0, 1), data=st.data())
def test_whatever_the_truth_is_the_shares_lie_within_their_bounds(
    weights: list[float], n: int, rest: float, data: st.DataObject
) -> None:
    # the true probabilities of the options and of everything else
    total = sum(weights) + rest
    true = sorted((weight / total for weight in weights), reverse=True)
    n = min(n, len(true) - 1)
    unseen = sum(true[n:]) + rest / total
    ceiling = min(true[n - 1], unseen)
    factors = data.draw(st.lists(st.floats(0.1, 1), min_size=len(true), max_size=len(true)))
    scores = [math.log(one) for one in true[:n]] + [-math.inf] * (len(true) - n)
    ceilings = scores[:n] + [math.log(ceiling)] * (len(true) - n)
    for baseline in ([], [math.log(factor) for factor in factors]):
        found = bounded(scores, ceilings, unseen, baseline)
        parts = (
            [one / factor for one, factor in zip(true, factors, strict=True)] if baseline else true
        )
        for share, low, high, part in zip(
            found.shares, found.lower, found.upper, parts, strict=True
        ):
            exact = part / sum(parts)
            assert low - 1e-9 <= exact <= high + 1e-9
            assert low - 1e-9 <= share <= high + 1e-9
        assert sum(found.shares) == pytest.approx(1)
        assert min(found.shares) > 0
        assert found.mass <= 1 + 1e-9


def test_nothing_unseen_leaves_nothing_open() -> None:
    found = bounded([math.log(0.7), -math.inf], [math.log(0.7), -math.inf], 0.0)
    assert found == ((1.0, 0.0), (1.0, 0.0), (1.0, 0.0), pytest.approx(0.7))

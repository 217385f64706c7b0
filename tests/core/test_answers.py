"""Answers are counted as a slow twin counts them."""

from __future__ import annotations

import numpy as np
import pytest

from doxa import _core
from doxa.errors import InvalidArgumentError

RNG = np.random.default_rng(8)
CODES = RNG.choice([0, 1, 2, 250, 251, 255], (4, 300)).astype(np.uint8)
WEIGHTS = RNG.uniform(0.2, 3.0, 300)
STOPS = [100, 100, 300]
REASONS = range(255, 250, -1)


@pytest.mark.parametrize("threads", [1, 2])
def test_counts_are_those_of_a_slow_twin(threads: int) -> None:
    found = _core.tabulate(CODES, [3, 3, 2, 3], WEIGHTS, STOPS, threads=threads)
    n, weighted, effective = [], [], []
    for codes, answers in zip(CODES, [3, 3, 2, 3], strict=True):
        for start, stop in zip([0, *STOPS], STOPS, strict=False):
            here, weights = codes[start:stop], WEIGHTS[start:stop]
            for code in (*range(answers), *REASONS):
                n.append((here == code).sum())
                weighted.append(weights[here == code].sum())
            valid = weights[here < answers]
            squares = (valid**2).sum()
            effective.append(valid.sum() ** 2 / squares if valid.size else 0.0)
    for one, expected in zip(found, (n, weighted, effective), strict=True):
        np.testing.assert_allclose(one, expected, rtol=1e-12)


def test_what_does_not_fit_is_refused() -> None:
    for answers, weights, stops, message in (
        ([3], WEIGHTS, STOPS, "4 columns for 1 items"),
        ([3] * 4, WEIGHTS[1:], STOPS, "299 weights"),
        ([3] * 4, WEIGHTS, [100, 50, 300], "do not rise"),
        ([3, 252, 3, 3], WEIGHTS, STOPS, "item 1 has 252 answers"),
    ):
        with pytest.raises(InvalidArgumentError, match=message):
            _core.tabulate(CODES, answers, weights, stops)

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from doxa.score.exact import digits, joined

NUMBERS = st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=40)


@given(NUMBERS)
def test_digits_are_the_number_exactly(numbers: list[float]) -> None:
    found = digits(np.array(numbers, np.float64))
    for place, number in enumerate(numbers):
        held = sum(int(x[place]) * Fraction(2) ** e for e, x in found.items())
        assert held == Fraction(number)
    assert all(e % 30 == 0 and (np.abs(x) < 2**30).all() for e, x in found.items())


@given(NUMBERS, st.randoms(use_true_random=False), st.integers(1, 5))
def test_sums_do_not_depend_on_order_or_blocks(
    numbers: list[float], random: object, n_blocks: int
) -> None:
    def total(blocks: list[list[float]]) -> float:
        sums: dict[int, int] = {}
        for block in blocks:
            for exponent, found in digits(np.array(block, np.float64)).items():
                sums[exponent] = sums.get(exponent, 0) + int(found.sum())
        with np.errstate(over="ignore"):
            return joined({e: np.array([x]) for e, x in sums.items()}, 1).item()

    mixed = list(numbers)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    blocks = [mixed[i::n_blocks] for i in range(n_blocks)]
    np.testing.assert_array_equal(total(blocks), total([numbers]))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=200))
def test_the_sum_of_scores_is_right_to_the_last_place(numbers: list[float]) -> None:
    found = digits(np.array(numbers))
    total = joined({e: x.sum(keepdims=True) for e, x in found.items()}, 1).item()
    assert abs(total - math.fsum(numbers)) <= math.ulp(math.fsum(numbers))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_sum_of_one_number_is_that_number(number: float) -> None:
    assert joined(digits(np.array([number])), 1).item() == number

"""The one door for numbers from outside: whatever comes, a number in range or one line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.outside.numbers import MOST_TOKENS, BadNumberError, log_probability, number, whole

if TYPE_CHECKING:
    from collections.abc import Callable

ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**5000, max_value=10**5001),
    st.floats(),
    st.text(),
    st.binary(),
    st.lists(st.integers()),
    st.dictionaries(st.text(), st.integers()),
    st.decimals(),
    st.complex_numbers(),
)


@given(ANYTHING)
def test_whatever_comes_a_number_in_range_or_one_short_line(value: object) -> None:
    doors: tuple[tuple[Callable[..., float], float, float], ...] = (
        (whole, 0, 2**63 - 1),
        (number, -math.inf, math.inf),
        (log_probability, -math.inf, 0),
    )
    for door, least, most in doors:
        try:
            found = door(value, "it")
        except BadNumberError as error:
            said = str(error)
            assert said.startswith("it is ")
            assert len(said.splitlines()) == 1
            assert len(said) < 120
        else:
            assert not isinstance(value, bool)
            assert least <= found <= most
            assert type(found) is (int if door is whole else float)
            assert door is log_probability or math.isfinite(found)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("x", "tokens is 'x': not a whole number"),
        (True, "tokens is True: not a whole number"),
        (3.0, "tokens is 3.0: not a whole number"),
        (None, "tokens is None: not a whole number"),
        ([3], "tokens is a list: not a whole number"),
        (-1, "tokens is -1: not from 0 to 2147483647"),
        (10**30, "tokens is 1000000000000000000000000000000: not from 0 to 2147483647"),
        pytest.param(
            10**5000, "tokens is a whole number of 16610 bits: not from 0 to 2147483647", id="huge"
        ),
    ],
)
def test_what_is_not_a_number_of_tokens(value: object, said: str) -> None:
    with pytest.raises(BadNumberError) as caught:
        whole(value, "tokens", most=MOST_TOKENS)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("0.5", "share is '0.5': not a number"),
        (True, "share is True: not a number"),
        (math.inf, "share is inf: not a finite number"),
        pytest.param(10**400, "share is a whole number of 1329 bits: too large", id="large"),
        (1.5, "share is 1.5: not from 0 to 1"),
    ],
)
def test_what_is_not_a_share(value: object, said: str) -> None:
    with pytest.raises(BadNumberError) as caught:
        number(value, "share", least=0, most=1)
    assert str(caught.value) == said


def test_numbers_of_numpy_pass() -> None:
    assert whole(np.uint32(7), "n") == 7
    assert number(np.float32(0.5), "share") == 0.5


def test_log_probabilities_may_be_minus_infinity_and_have_a_rounding_error() -> None:
    assert log_probability(-math.inf, "p") == -math.inf
    assert log_probability(-9999.0, "p") == -9999.0
    assert log_probability(5e-7, "p") == 0.0
    assert log_probability(0, "p") == 0.0
    for bad in (math.nan, 1e-3, "x", True, None):
        with pytest.raises(BadNumberError):
            log_probability(bad, "p")

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
import pytest

from doxa.bench.work import WORK, Sizes
from doxa.errors import InvalidArgumentError
from doxa.questionnaire import QuestionBank

if TYPE_CHECKING:
    from collections.abc import Callable

    from doxa.bench.work import Work


@pytest.mark.parametrize("make", WORK)
def test_the_twin_agrees_and_the_same_seed_gives_the_same(
    small: Sizes, make: Callable[[Sizes, int | None], Work]
) -> None:
    piece, again = make(small, 1), make(small, 2)
    result = piece.run()
    assert piece.expected
    for column, expected in piece.expected.items():
        assert len(expected) >= 1
        assert np.allclose(result[column].head(len(expected)), expected, rtol=0, atol=1e-12)
    # made anew, on other threads
    assert again.run().equals(result)
    assert again.expected == piece.expected


def test_sizes_are_told_in_words(small: Sizes) -> None:
    assert [make(small, None).size for make in WORK] == [
        "200 ragged pairs",
        "200 ragged pairs",
        "3 groups × 20 items × 20 draws",
        "2 models × 20 items × 20 draws of 60",
        "2 models × 20 items × 20 draws of 60",
    ]


def test_the_sizes_are_those_of_a_study() -> None:
    assert Sizes().items == len(QuestionBank.load().items)


@pytest.mark.parametrize("name", [field.name for field in fields(Sizes)])
def test_numbers_out_of_range_are_refused(name: str) -> None:
    least = 2 if name in ("items", "draws") else 1
    assert getattr(Sizes(**{name: least}), name) == least
    with pytest.raises(
        InvalidArgumentError, match=f"{name} is {least - 1}: give a number from {least}"
    ):
        Sizes(**{name: least - 1})


def test_there_are_no_more_items_than_the_questionnaire_has() -> None:
    with pytest.raises(InvalidArgumentError, match="items is 145: give a number from 2 to 144"):
        Sizes(items=145)

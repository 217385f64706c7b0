"""Numbers from users are converted whole, or refused in one line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import doxa
from doxa.errors import DoxaError, InvalidArgumentError, InvalidDistributionError
from doxa.score import alignment_matrix, score_sample
from doxa.score.numbers import (
    is_real,
    is_whole,
    row_numbers,
    unmasked,
    unmasked_rows,
    whole_number,
    whole_numbers,
)

PAIR: dict[str, Any] = {"model": [[0.2, 0.8]], "human": [[0.3, 0.7]]}
HUGE = [0.9, 2**32, 2**63, float("nan"), -1, "a", None, True]


def masked(values: Any, mask: Any) -> Any:
    return np.ma.array(values, mask=mask)


def test_whole_and_real_numbers_are_told_from_others() -> None:
    assert is_whole(np.int8(3))
    assert is_real(np.float32(0.5))
    for value in (True, "1", None, 1.5):
        assert not is_whole(value)
    for value in (True, "1", None, 1j):
        assert not is_real(value)


@pytest.mark.parametrize("value", HUGE)
def test_what_is_no_whole_number_in_range_is_refused(value: object) -> None:
    with pytest.raises(InvalidArgumentError, match="give a whole number from 0 to 9"):
        whole_number("sample", value, 0, 9)
    with pytest.raises(InvalidArgumentError, match=r"items holds .* at 0: give whole numbers"):
        whole_numbers("items", [value], 0, 9)


def test_whole_numbers_may_be_written_as_floats() -> None:
    assert whole_numbers("items", np.array([0.0, 2.0]), 0, 9).tolist() == [0, 2]
    assert whole_numbers("items", [], 0, 9).tolist() == []
    with pytest.raises(InvalidArgumentError, match="2 dimensions"):
        whole_numbers("items", [[0]], 0, 9)


def test_numbers_are_one_a_row() -> None:
    numbers = row_numbers("human_n", [5, 6])
    assert numbers is not None
    assert numbers.dtype == np.float64
    assert row_numbers("human_n", None) is None
    for given, message in (("abc", "must hold numbers"), ([[1.0]], "has 2 dimensions")):
        with pytest.raises(InvalidArgumentError, match=message):
            row_numbers("human_n", given)


def test_masks_that_hide_nothing_are_dropped() -> None:
    assert unmasked("weights", masked([1.0], [False])).tolist() == [1.0]
    assert type(unmasked_rows(masked([[1.0]], [[False]]))) is np.ndarray


@pytest.mark.parametrize("item", HUGE)
def test_an_item_that_is_no_column_is_refused(item: object) -> None:
    with pytest.raises(InvalidArgumentError, match="items holds"):
        score_sample([[0.2, 0.8]], [[0], [1]], items=[item], n_options=[2])


def test_numbers_of_options_and_samples_are_checked() -> None:
    answers: dict[str, Any] = {"answers": [[0], [1]], "items": [0]}
    for n in (2.7, -2, 1, 251, 2**63):
        with pytest.raises(InvalidArgumentError, match="n_options holds"):
            score_sample([[0.2, 0.8]], **answers, n_options=[n])
    with pytest.raises(InvalidArgumentError, match="n_off_scale holds"):
        score_sample([[0.2, 0.8]], **answers, n_options=[2], n_off_scale=[-1])
    for sample in (-1, 0.5, 2**64):
        with pytest.raises(InvalidArgumentError, match="sample="):
            score_sample([[0.2, 0.8]], **answers, n_options=[2], sample=sample)


ROWS = masked([[0.2, 0.8], [0.5, 0.5]], [[0, 0], [1, 0]])
SOUND = [[0.2, 0.8], [0.5, 0.5]]


@pytest.mark.parametrize("rows", [ROWS, list(ROWS)])
def test_masked_shares_are_refused_by_row(rows: Any) -> None:
    message = "row 1 holds a masked value"
    for call in (
        lambda: doxa.score_batch(rows, SOUND),
        lambda: doxa.score_batch(SOUND, rows),
        lambda: doxa.normalize(rows),
        lambda: alignment_matrix(rows, groups=["a", "b"], items=["x", "x"]),
        lambda: score_sample(rows, [[0], [1]], items=[0, 0], n_options=[2]),
    ):
        with pytest.raises(InvalidDistributionError, match=message):
            call()


@pytest.mark.parametrize(
    "options",
    [
        {"human_n": masked([50, 60], [1, 0]), "resample": "respondents"},
        {"model_n": masked([50, 60], [1, 0]), "resample": "replies"},
        {"positions": masked([1.0, 2.0], [1, 0])},
        {"scale": masked(["ordinal", "nominal"], [1, 0])},
        {"items": masked(["a", "b"], [1, 0])},
    ],
    ids=lambda options: next(iter(options)),
)
def test_masked_arguments_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(DoxaError, match=r"masked|null"):
        doxa.score_batch(SOUND, SOUND, **options)


def test_masked_weights_are_refused_and_masked_answers_missing() -> None:
    answers = np.array([[0], [1], [1], [1]])
    one: dict[str, Any] = {"items": [0], "n_options": [2]}
    with pytest.raises(InvalidArgumentError, match=r"weights: the value of row 1 is masked"):
        score_sample([[0.2, 0.8]], answers, **one, weights=masked([1.0] * 4, [0, 1, 0, 0]))
    for kind in (np.int64, np.int8, np.uint8):
        hidden = masked(answers.astype(kind), [[1], [0], [0], [0]])
        scores = score_sample([[0.2, 0.8]], hidden, **one).scores["alignment"]
        assert scores.to_list() == pytest.approx([0.8])
    with pytest.raises(InvalidArgumentError, match="count options from 0 as integers"):
        score_sample([[0.2, 0.8]], masked([[0.5]], [[1]]), **one)

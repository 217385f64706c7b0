from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from doxa.analysis import item_ceilings

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


def test_the_ceiling_is_what_theory_expects(human: pl.DataFrame, bank: QuestionBank) -> None:
    # Two cumulative shares of samples of size n differ by about N(0, 2 F (1 - F) / n), whose
    # mean absolute value is sqrt(4 F (1 - F) / (pi n)); W1 adds them up over the steps.
    ordinal = [name for name, item in bank.items.items() if item.scale.kind == "ordinal"]
    japan = human.filter(pl.col("question").is_in(ordinal), country="JPN", wave=7)
    expected = []
    for question, shares, n in japan.select("question", "probabilities", "n_effective").iter_rows():
        cumulative = np.cumsum(shares)[:-1]
        steps = np.diff(bank.items[question].scale.positions)
        distance = np.sqrt(4 * np.clip(cumulative * (1 - cumulative), 0, None) / (np.pi * n))
        expected.append(1 - (distance * steps).sum() / steps.sum())
    found = item_ceilings(japan, bank, n_pairs=2000)["ceiling"].to_numpy()
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_draws_depend_on_seed_and_item_alone(human: pl.DataFrame, bank: QuestionBank) -> None:
    some = human.filter(wave=7).head(20)
    key = ["country", "question"]
    whole = item_ceilings(some, bank).sort(key)
    assert item_ceilings(some.reverse(), bank).sort(key).equals(whole)
    assert item_ceilings(some.tail(3), bank).equals(item_ceilings(some, bank).tail(3))
    assert not item_ceilings(some, bank, seed=1).sort(key).equals(whole)


def test_more_respondents_raise_the_ceiling(human: pl.DataFrame, bank: QuestionBank) -> None:
    japan = human.filter(country="JPN", wave=7).head(10)
    more = japan.with_columns(pl.col("n_effective") * 100)
    assert (item_ceilings(more, bank)["ceiling"] > item_ceilings(japan, bank)["ceiling"]).all()


def test_an_unknown_number_of_respondents_has_no_ceiling(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    unknown = human.head(2).with_columns(n_effective=pl.Series([None, 100.0]))
    ceilings = item_ceilings(unknown, bank)["ceiling"]
    assert ceilings.is_null().to_list() == [True, False]


def test_equal_answers_of_all_people_give_a_ceiling_of_one(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    alike = human.filter(question="Q1", country="JPN", wave=7).with_columns(
        probabilities=pl.Series([[1.0, 0.0, 0.0, 0.0]])
    )
    assert item_ceilings(alike, bank)["ceiling"].item() == pytest.approx(1.0, abs=1e-15)

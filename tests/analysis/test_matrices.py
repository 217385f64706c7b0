from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from analysis.made_models import blend, model_from
from doxa.analysis import Settings, cluster_order, model_matrix, population_matrix
from doxa.errors import InvalidArgumentError, NoDataError
from doxa.score import alignment_matrix

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


@given(st.integers(2, 25), st.integers(0, 1000))
def test_the_order_is_that_of_scipys_average_linkage(n: int, seed: int) -> None:
    distances = np.random.default_rng(seed).uniform(size=n * (n - 1) // 2)
    expected = leaves_list(linkage(distances, "average"))
    assert cluster_order(squareform(distances)) == expected.tolist()


def test_the_order_needs_distances() -> None:
    assert cluster_order([[0.0]]) == [0]
    for wrong in ([[0.0, 1.0]], [[0.0, 1.0], [2.0, 0.0]], [[0.0, -1.0], [-1.0, 0.0]]):
        with pytest.raises(InvalidArgumentError, match="symmetric"):
            cluster_order(wrong)


def test_countries_against_countries(human: pl.DataFrame, bank: QuestionBank) -> None:
    table = population_matrix(human, bank)
    wave7 = human.filter(wave=7)
    scales = [bank.items[name].scale for name in wave7["question"]]
    expected = alignment_matrix(
        wave7["probabilities"], groups=wave7["country"], items=wave7["question"],
        scale=[s.kind for s in scales], positions=[s.positions for s in scales],
    ).unpivot(index="group", variable_name="country_other", value_name="expected")  # fmt: skip
    both = table.join(expected, left_on=["country", "country_other"],
                      right_on=["group", "country_other"])  # fmt: skip
    assert both.height == table.height == 4 * 3
    np.testing.assert_allclose(both["estimate"], both["expected"], atol=1e-12)
    assert ((table["low"] < table["estimate"]) & (table["estimate"] < table["high"])).all()
    assert sorted(table["place"].unique()) == [0, 1, 2, 3]
    swapped = table.filter(country="JPN", country_other="USA")["low"].item()
    assert swapped == table.filter(country="USA", country_other="JPN")["low"].item()


def test_respondents_of_both_countries_are_drawn(human: pl.DataFrame, bank: QuestionBank) -> None:
    few = human.filter(pl.col("question").is_in(["Q1", "Q46"]), pl.col("country") != "BGD", wave=7)
    table = population_matrix(
        few, bank, settings=Settings(resample="respondents", n_resamples=2000)
    )
    assert table["resampled"].unique().to_list() == ["respondents"]
    rng = np.random.default_rng(0)
    mean = np.zeros(2000)
    for question in ("Q1", "Q46"):
        first, second = (
            np.array(rng.multinomial(round(n), p, 2000) / round(n))
            for p, n in few.filter(pl.col("country") != "USA", question=question)
            .sort("country").select("probabilities", "n_effective").iter_rows()
        )  # fmt: skip
        mean += (1 - np.abs(np.cumsum(first - second, axis=1))[:, :-1].mean(axis=1)) / 2
    found = table.filter(country="COL", country_other="JPN")["std_error"].item()
    assert found == pytest.approx(mean.std(), rel=0.2)


def test_ways_of_asking_against_each_other(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = pl.concat([
        model_from(human, "USA"), model_from(human, "USA", language="ja"),
        blend(model_from(human, "JPN", language="es"), 0.3),
        model_from(human, "USA", elicitation="logprobs"),
    ])  # fmt: skip
    table = model_matrix(model, bank)
    assert table.height == 3 * 2
    assert table.filter(language="en", language_other="ja")["estimate"].item() == 1.0
    assert table.filter(language="en", language_other="ja")["low"].item() == 1.0
    assert (table["elicitation"] == table["elicitation_other"]).all()


def test_an_impossible_comparison_says_why(human: pl.DataFrame, bank: QuestionBank) -> None:
    with pytest.raises(NoDataError, match="two or more populations"):
        population_matrix(human.filter(country="JPN"), bank)
    with pytest.raises(InvalidArgumentError, match="populations do not reply"):
        population_matrix(human, bank, settings=Settings(resample="replies"))
    with pytest.raises(NoDataError, match="n_effective"):
        population_matrix(
            human.with_columns(n_effective=pl.lit(None, pl.Float64)),
            bank,
            settings=Settings(resample="respondents"),
        )
    parts = human.filter(
        (pl.col("country") == "JPN") & (pl.col("question") == "Q1")
        | (pl.col("country") == "USA") & (pl.col("question") == "Q2")
        | (pl.col("country") == "COL") & (pl.col("question") == "Q1")
    )
    table = population_matrix(parts, bank)
    row = table.filter(country="JPN", country_other="USA").row(0, named=True)
    assert (row["n_items"], row["estimate"], row["note"]) == (0, None, "no item in common")
    row = table.filter(country="JPN", country_other="COL").row(0, named=True)
    assert (row["n_items"], row["low"], row["note"]) == (1, None, "one item: no interval")

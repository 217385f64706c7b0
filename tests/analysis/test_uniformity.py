from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from analysis.made_models import blend, model_from
from doxa.analysis import Settings, country_alignment
from doxa.analysis.uniformity import uniform_ranking
from doxa.distribution import human_distributions
from doxa.errors import NoDataError
from doxa.survey import world

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

FEW = Settings(n_resamples=200)
COUNTRIES = (
    "ARG", "AUS", "BGD", "BRA", "CAN", "CHL", "CHN", "COL", "CYP", "DEU", "EGY", "ETH", "IDN",
    "IRN", "JPN", "KEN", "KOR", "LBN", "MEX", "MNG", "NGA", "NLD", "PAK", "PER", "PHL", "TUR",
    "USA", "VNM",
)  # fmt: skip


@pytest.fixture(scope="module")
def many(bank: QuestionBank) -> pl.DataFrame:
    counts = world().filter(pl.col("wave") == 7, pl.col("country").is_in(COUNTRIES))
    return human_distributions(counts, bank)


def test_equal_shares_rank_as_themselves(many: pl.DataFrame, bank: QuestionBank) -> None:
    flat = blend(model_from(many, "USA"), 0.97)
    row = uniform_ranking(flat, many, bank, settings=FEW).row(0, named=True)
    assert row["estimate"] > 0.98
    assert row["warning"].startswith("ranks countries as equal shares do: rank correlation 1.00 [")
    exact = uniform_ranking(blend(flat, 1.0), many, bank, settings=FEW).row(0, named=True)
    assert exact["estimate"] == pytest.approx(1.0)
    assert (exact["n_above"], exact["n_below"]) == (0, 0)
    n = exact["n_scored"]
    assert f"no closer than equal shares in {n} of {n} countries" in exact["warning"]


@pytest.mark.parametrize("country", ["JPN", "NGA", "MNG", "USA", "EGY", "MEX"])
def test_real_people_give_no_alarm(country: str, many: pl.DataFrame, bank: QuestionBank) -> None:
    others = many.filter(pl.col("country") != country)
    row = uniform_ranking(model_from(many, country), others, bank, settings=FEW).row(0, named=True)
    assert row["warning"] == ""
    assert row["n_closer"] > row["n_scored"] / 2


def test_answers_at_random_lie_below_equal_shares(many: pl.DataFrame, bank: QuestionBank) -> None:
    rng = np.random.default_rng(0)
    drawn = model_from(many, "USA").with_columns(
        pl.col("probabilities").map_elements(
            lambda p: rng.dirichlet(np.ones(len(p))).tolist(), pl.List(pl.Float64)
        )
    )
    row = uniform_ranking(drawn, many, bank, settings=FEW).row(0, named=True)
    assert row["n_below"] > row["n_scored"] / 2
    assert row["uniform_gap"] < 0
    assert f"(clearly further in {row['n_below']})" in row["warning"]


def test_it_agrees_with_scipy_and_the_alignment_table(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    model = model_from(human, "USA")
    scored = country_alignment(model, human, bank)
    row = uniform_ranking(model, human, bank).row(0, named=True)
    assert row["estimate"] == pytest.approx(spearmanr(scored["estimate"], scored["uniform"])[0])
    assert row["uniform_gap"] == pytest.approx(scored["uniform_gap"].mean())
    assert row["n_above"] == (scored["uniform_gap_low"] > 0).sum()
    assert row["note"] == "fewer than 10 countries: their ranking warns of nothing"


def test_a_steered_way_is_ranked_over_its_targets(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = pl.concat(
        [
            model_from(human, country, steering="persona", target=country)
            for country in ("JPN", "USA", "COL")
        ]
    )
    row = uniform_ranking(model, human, bank).row(0, named=True)
    assert (row["steering"], row["n_scored"], row["n_above"]) == ("persona", 3, 3)
    two = uniform_ranking(model.filter(pl.col("target") != "COL"), human, bank).row(0, named=True)
    assert two["estimate"] is two["low"] is None
    assert two["note"] == "fewer than three countries: no rank correlation"
    with pytest.raises(NoDataError):
        uniform_ranking(model.clear(), human, bank)

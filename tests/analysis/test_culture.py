from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from analysis.made_models import model_from
from doxa.analysis import Settings, cultural_map, nearest_countries
from doxa.analysis.parts.cultural_scale import ITEMS
from doxa.distribution import human_distributions
from doxa.errors import NoDataError
from doxa.questionnaire import QuestionBank
from doxa.survey import world

if TYPE_CHECKING:
    from collections.abc import Mapping

BANK = QuestionBank.load()
PEOPLE = human_distributions(world(), BANK)
AXES = ("secular", "self_expression")


def like(country: str) -> pl.DataFrame:
    return model_from(PEOPLE, country)


def test_countries_lie_as_the_published_map_has_them() -> None:
    table = cultural_map(like("JPN"), PEOPLE, BANK).filter(side="people")
    both = table.drop_nulls(["published_secular", "secular"])
    assert len(both) > 55
    for axis in AXES:
        r = spearmanr(both[axis], both[f"published_{axis}"])[0]
        assert r > 0.9
    six = both.filter(n_items=6)
    assert len(six) == 47
    at = dict(zip(six["country"], six.select(AXES).rows(), strict=True))
    assert at["JPN"][0] > at["USA"][0] > at["BGD"][0]
    assert at["AUS"][1] > at["CHN"][1] > at["JOR"][1]


def test_a_model_that_answers_like_a_country_lies_where_it_does() -> None:
    table = cultural_map(like("BGD"), PEOPLE, BANK)
    model = table.filter(side="model").row(0, named=True)
    people = table.filter(country="BGD").row(0, named=True)
    for axis in AXES:
        assert model[axis] == pytest.approx(people[axis])
        assert people[f"{axis}_low"] < people[axis] < people[f"{axis}_high"]
    assert model["secular_std_error"] == 0
    assert "were not drawn" in model["note"]
    nearest = nearest_countries(like("BGD"), PEOPLE, BANK)
    assert nearest["country"][0] == "BGD"
    assert nearest["rank"].to_list() == [1, 2, 3, 4, 5]
    assert nearest["distance"].is_sorted()
    assert nearest["probability"][0] > 0.9
    same = nearest_countries(like("BGD"), PEOPLE, BANK)
    assert same.equals(nearest)


def test_missing_items_are_said_and_widen_the_interval() -> None:
    table = cultural_map(like("JPN"), PEOPLE, BANK)
    kenya, japan = (table.filter(country=code).row(0, named=True) for code in ("KEN", "JPN"))
    assert kenya["note"].startswith("filled in from the other items, as they go together among")
    assert kenya["note"].endswith("Q164, Q46")
    assert kenya["n_items"] == 4
    assert kenya["secular_std_error"] > 5 * japan["secular_std_error"]
    one = cultural_map(
        like("JPN").filter(pl.col("question").is_in(["Q164", "Q46", "Q57"])), PEOPLE, BANK
    )
    model = one.filter(side="model").row(0, named=True)
    assert model["secular"] is None
    assert "fewer than two items of a dimension" in model["note"]
    assert model["self_expression"] is not None
    along = nearest_countries(
        like("JPN").filter(pl.col("question").is_in(["Q46", "Q57"])), PEOPLE, BANK
    )
    assert "fewer than two items of a dimension" in along["note"][0]
    japan_at, first_at = (
        table.filter(country=code)["self_expression"].item()
        for code in ("JPN", along["country"][0])
    )
    assert along["distance"][0] <= abs(japan_at - first_at) + 0.2
    assert along["distance"].is_sorted()
    assert nearest_countries(like("JPN"), PEOPLE, BANK).height == 5
    with pytest.raises(NoDataError, match="no model was asked enough items of the cultural map"):
        cultural_map(like("JPN").filter(question="Q1"), PEOPLE, BANK)
    with pytest.raises(NoDataError):
        cultural_map(like("JPN"), PEOPLE, BANK, settings=Settings(exclude_items=ITEMS))


def test_drawn_replies_give_an_ellipse() -> None:
    drawn = like("JPN").with_columns(
        elicitation=pl.lit("sampling"), n_replies=pl.lit(10, dtype=pl.UInt32)
    )
    table = cultural_map(drawn, PEOPLE, BANK)
    model = table.filter(side="model").row(0, named=True)
    assert model["secular_std_error"] > 0.1
    assert "were not drawn" not in model["note"]
    nearest = nearest_countries(drawn, PEOPLE, BANK)
    assert nearest["probability"].sum() < 1
    assert (nearest["low"] <= nearest["high"]).all()


def test_coverage_of_the_interval_of_people() -> None:
    rng = np.random.default_rng(3)
    truth = PEOPLE.filter(pl.col("question").is_in(list(ITEMS)), country="JPN", wave=7)
    scale_rows: Mapping[str, list[float]] = dict(
        truth.select("question", "probabilities").iter_rows()
    )
    n, trials = 300, 200
    samples = pl.concat(
        truth.with_columns(
            probabilities=pl.Series(
                [(rng.multinomial(n, scale_rows[q]) / n).tolist() for q in truth["question"]]
            ),
            n_effective=pl.lit(float(n)),
            survey=pl.lit(f"trial {trial}"),
        )
        for trial in range(trials)
    )
    table = cultural_map(like("JPN"), samples, BANK)
    goal = table.filter(side="model").row(0, named=True)
    people = table.filter(side="people")
    for axis in AXES:
        held = people[f"{axis}_low"] <= goal[axis]
        held &= people[f"{axis}_high"] >= goal[axis]
        assert 0.9 <= held.mean() <= 0.99

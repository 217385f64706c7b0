from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from doxa.analysis import Settings, persona_alignment, persona_targeting
from doxa.analysis.parts.item_scores import item_alignment
from doxa.errors import NoDataError
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.group import differ_in

from .made_groups import answering, people_of, split_counts

BANK = QuestionBank.load()
COUNTS = split_counts(BANK, countries=("JPN", "USA"))
PEOPLE = people_of(COUNTS, "sex×age", BANK)
SETTINGS = Settings(n_resamples=200)


def scored(follow: float, **given: object) -> pl.DataFrame:
    model = answering(PEOPLE, PEOPLE, follow=follow)
    return persona_targeting(model, PEOPLE, BANK, settings=SETTINGS, **given)  # type: ignore[arg-type]


def test_each_persona_is_scored_against_exactly_its_own_group() -> None:
    model = answering(PEOPLE, PEOPLE)
    table = persona_alignment(model, PEOPLE, BANK, settings=SETTINGS)
    assert table.height == 12
    assert table.select("country", "group").is_duplicated().sum() == 0
    assert (table["target"] == table["country"]).all()
    assert table["estimate"].to_list() == pytest.approx([1.0] * 12)
    assert table["n_respondents"].to_list() == [300.0] * 12
    assert (table["no_persona"] < 1).all()
    assert table["no_persona"].to_list() == pytest.approx(table["plain_persona"].to_list())
    group = table["group"][3]
    both = PEOPLE.filter(country="JPN", people=group).join(
        PEOPLE.filter(country="JPN", people=""), on="question", suffix="_human"
    )
    expected = item_alignment(both, BANK).mean()
    assert table.filter(country="JPN", group=group)["no_persona"].item() == pytest.approx(expected)


def test_a_persona_stands_between_equal_shares_and_the_ceiling() -> None:
    model = answering(PEOPLE, PEOPLE)
    table = persona_alignment(model, PEOPLE, BANK, settings=SETTINGS)
    assert (table["uniform"] < table["ceiling"]).all()
    assert (table["normalised"] > 0.9).all()
    even = pl.col("probabilities").list.eval(pl.element() * 0 + 1 / pl.element().len())
    uniform = persona_alignment(model.with_columns(even), PEOPLE, BANK, settings=SETTINGS)
    assert uniform["uniform"].to_list() == pytest.approx(uniform["estimate"].to_list())
    assert uniform["uniform_gap"].to_list() == pytest.approx([0.0] * 12)
    assert uniform["normalised"].to_list() == pytest.approx([0.0] * 12)
    assert table["uniform"].to_list() == pytest.approx(uniform["uniform"].to_list())


def test_a_model_that_answers_as_its_groups_do_is_targeted() -> None:
    table = scored(1.0)
    assert (table["estimate"] > 0).all()
    assert (table["p_adjusted"] < 0.05).mean() > 0.9
    assert table["beyond"].unique().sort().to_list() == [
        "no persona", "other groups", "other personas", "plain persona",
    ]  # fmt: skip
    assert table.filter(beyond="other groups")["n_others"].to_list() == [5] * 12
    assert table.filter(beyond="other personas")["n_others"].to_list() == [5] * 12
    assert table.filter(beyond="no persona")["n_others"].to_list() == [0] * 12


def test_a_model_that_ignores_its_persona_is_not() -> None:
    table = scored(0.0)
    assert table["estimate"].to_list() == pytest.approx([0.0] * table.height, abs=1e-12)
    assert (table["p_adjusted"].fill_null(1.0) > 0.05).all()


def test_moving_towards_everyone_alike_is_a_gain_and_no_targeting() -> None:
    """Personas that all answer as the country does, from a model that answers uniformly."""
    model = answering(PEOPLE, PEOPLE, follow=0.0)
    even = pl.element() * 0 + 1 / pl.element().len()
    none = pl.col("steering") == "none"
    model = model.with_columns(
        pl.when(none).then(pl.col("probabilities").list.eval(even)).otherwise("probabilities")
    )
    table = persona_targeting(model, PEOPLE, BANK, settings=SETTINGS)
    assert table.filter(beyond="no persona")["estimate"].mean() > 0.03
    # what is left is that some groups are nearer to the country than others, which sums to 0
    means = table.filter(beyond="other groups")["estimate"].mean()
    assert means == pytest.approx(0.0, abs=1e-9)
    assert table.filter(beyond="other personas")["estimate"].abs().max() < 1e-12


def test_targeting_is_the_gain_for_the_own_group_beyond_the_mean_of_the_others() -> None:
    japan = PEOPLE.filter(country="JPN")
    model = answering(japan, japan, follow=0.5, target=False)
    row = persona_targeting(model, japan, BANK, settings=SETTINGS).filter(beyond="other groups")
    group, found = row["group"][0], row["estimate"][0]
    persona, none = model.filter(group=group), model.filter(group="")

    def gain(people: str) -> float:
        own = japan.filter(pl.col("people") == people).select("question", human="probabilities")
        scores = []
        for side in (persona, none):
            pairs = side.join(own, on="question").rename({"human": "probabilities_human"})
            scores.append(float(item_alignment(pairs, BANK).mean()))  # type: ignore[arg-type]
        return scores[0] - scores[1]

    groups = [one for one in japan["people"].unique() if one]
    others = [gain(one) for one in groups if one != group]
    assert all(differ_in(group, one) for one in groups if one != group)
    assert found == pytest.approx(gain(group) - np.mean(others))


def test_small_groups_are_left_out() -> None:
    few = COUNTS.with_columns(
        pl.when(pl.col("age") == "50+").then(20.0).otherwise("n_effective").alias("n_effective")
    )
    people = people_of(few, "sex×age", BANK)
    model = answering(people, people)
    table = persona_alignment(model, people, BANK, settings=SETTINGS)
    assert table.height == 8
    assert persona_alignment(model, people, BANK, least=10, settings=SETTINGS).height == 12
    assert (persona_targeting(model, people, BANK, settings=SETTINGS)
            .filter(beyond="other groups")["n_others"].to_list() == [3] * 8)  # fmt: skip
    with pytest.raises(NoDataError, match=r"fewer than 500 effective .* \(at most 300\)"):
        persona_alignment(model, people, BANK, least=500, settings=SETTINGS)


def test_overlapping_groups_are_not_each_other_s_others() -> None:
    groups = ["age=30+", "age=50+", "age=<30"]
    from doxa.distribution import human_distributions
    from doxa.survey.group_counts import group_counts

    people = human_distributions(group_counts(COUNTS, ["", *groups]), BANK)
    model = answering(people, people)
    table = persona_targeting(model, people, BANK, settings=SETTINGS).filter(beyond="other groups")
    n_others = dict(table.filter(country="JPN").select("group", "n_others").rows())
    assert n_others == {"age=30+": 1, "age=50+": 1, "age=<30": 2}


def test_personas_without_a_country_are_scored_in_every_country() -> None:
    japan = people_of(COUNTS.filter(country="JPN"), "sex", BANK)
    people = people_of(COUNTS, "sex", BANK)
    model = answering(japan, japan, target=False)
    table = persona_alignment(model, people, BANK, settings=SETTINGS)
    assert table.select("country", "group").rows() == [
        ("JPN", "sex=female"), ("USA", "sex=female"), ("JPN", "sex=male"), ("USA", "sex=male"),
    ]  # fmt: skip
    assert table["plain_persona"].null_count() == 4


def test_what_is_missing_is_told() -> None:
    model = answering(PEOPLE, PEOPLE)
    with pytest.raises(NoDataError, match="no persona of a group was asked: ask with --persona"):
        persona_alignment(model.filter(pl.col("group") == ""), PEOPLE, BANK)
    with pytest.raises(NoDataError, match=r"no answers of people by sex, age .* --by sex,age"):
        persona_alignment(model, PEOPLE.filter(pl.col("people") == ""), BANK)

from __future__ import annotations

import polars as pl
import pytest

from doxa.analysis import Settings, persona_mixture
from doxa.errors import NoDataError
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.group import expand_groups
from doxa.survey.group_counts import group_shares

from .made_groups import answering, people_of, split_counts

BANK = QuestionBank.load()
COUNTS = split_counts(BANK, countries=("JPN", "USA"))
PEOPLE = people_of(COUNTS, "sex×age", BANK)
SHARES = group_shares(COUNTS, expand_groups(["sex×age"]))
SETTINGS = Settings(n_resamples=200)


def test_shares_follow_the_weights_and_are_of_everyone() -> None:
    assert (
        SHARES.group_by("country").agg(pl.col("share").sum())["share"].to_list()
        == [pytest.approx(1.0)] * 2
    )
    first, last = SHARES.filter(country="JPN")["share"].to_list()[:: len(SHARES) // 2 - 1]
    assert last == pytest.approx(6 * first)
    lost = COUNTS.with_columns(
        sex=pl.when(pl.col("age") == "<30").then(pl.lit("missing")).otherwise("sex")
    )
    coverage = group_shares(lost, ["sex=male", "sex=female"])
    assert coverage.filter(country="JPN")["share"].sum() == pytest.approx(16 / 21)


def test_groups_that_answer_as_people_do_make_up_the_country() -> None:
    model = answering(PEOPLE, PEOPLE)
    even = pl.element() * 0 + 1 / pl.element().len()
    model = model.with_columns(
        pl.when(pl.col("group") == "")
        .then(pl.col("probabilities").list.eval(even)).otherwise("probabilities")
    )  # fmt: skip
    table = persona_mixture(model, PEOPLE, BANK, shares=SHARES, settings=SETTINGS)
    assert table.select("country", "measure").rows() == [
        (country, measure) for country in ("JPN", "USA")
        for measure in ("alignment", "beyond no persona", "beyond plain persona")
    ]  # fmt: skip
    level = table.filter(measure="alignment")
    assert level["estimate"].to_list() == pytest.approx([1.0, 1.0])
    assert level["coverage"].to_list() == pytest.approx([1.0, 1.0])
    assert level["n_groups"].to_list() == [6, 6]
    assert level["p_value"].null_count() == 2
    beyond = table.filter(pl.col("measure") != "alignment")
    assert (beyond["estimate"] > 0.05).all()
    assert (beyond["p_adjusted"] < 0.05).all()
    assert (table["note"] == "").all()


def test_equal_weights_would_miss_the_country() -> None:
    """The shares matter: the same personas with other shares are not the country."""
    model = answering(PEOPLE, PEOPLE)
    even = SHARES.with_columns(share=pl.lit(1 / 6))
    table = persona_mixture(model, PEOPLE, BANK, shares=even, settings=SETTINGS)
    assert (table.filter(measure="alignment")["estimate"] < 0.999).all()


def test_a_part_of_the_groups_says_how_much_of_the_country_it_is() -> None:
    model = answering(PEOPLE, PEOPLE).filter(~pl.col("group").str.contains("50"))
    table = persona_mixture(model, PEOPLE, BANK, shares=SHARES, settings=SETTINGS)
    assert table["n_groups"].unique().to_list() == [4]
    assert table["coverage"].unique().to_list() == [pytest.approx(12 / 21)]
    assert table["note"].unique().to_list() == ["not everyone is in a group: see coverage"]


def test_splits_are_mixed_apart_and_overlapping_groups_not_at_all() -> None:
    both = ["sex", "age=<50", "age=50+"]
    from doxa.distribution import human_distributions
    from doxa.survey.group_counts import group_counts

    groups = expand_groups(both)
    people = human_distributions(group_counts(COUNTS, ["", *groups]), BANK)
    model = answering(people, people)
    shares = group_shares(COUNTS, groups)
    table = persona_mixture(model, people, BANK, shares=shares, settings=SETTINGS)
    assert set(table["groups"]) == {"sex", "age"}
    assert table.filter(measure="alignment")["estimate"].to_list() == pytest.approx([1.0] * 4)
    overlapping = model.with_columns(group=pl.col("group").replace({"age=<50": "age=30+"}))
    shares = group_shares(COUNTS, ["age=30+", "age=50+"])
    with pytest.raises(NoDataError, match=r"overlap, as age=50\+ and age=60\+ do"):
        persona_mixture(overlapping, people, BANK, shares=shares, settings=SETTINGS)


def test_sampled_replies_are_drawn_again() -> None:
    model = answering(PEOPLE, PEOPLE).with_columns(
        elicitation=pl.lit("sampling"), n_replies=pl.lit(20, pl.UInt32)
    )
    settings = Settings(resample=("items", "replies"), n_resamples=100)
    table = persona_mixture(model, PEOPLE, BANK, shares=SHARES, settings=settings)
    assert table["resampled"].unique().to_list() == ["items, replies"]
    assert table["std_error"].null_count() == 0

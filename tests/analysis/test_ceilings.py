from __future__ import annotations

import polars as pl
import pytest

from doxa.analysis import Settings, human_ceilings, item_ceilings
from doxa.distribution import human_distributions
from doxa.errors import InvalidArgumentError, NoDataError
from doxa.questionnaire import QuestionBank
from doxa.survey import sample

BANK = QuestionBank.load()
PEOPLE = human_distributions(sample(wave=7), BANK)


def test_the_second_sample_is_the_mean_over_items() -> None:
    table = human_ceilings(PEOPLE, BANK)
    assert table["measure"].unique().to_list() == ["second sample"]
    items = item_ceilings(PEOPLE.filter(country="JPN"), BANK)
    row = table.filter(country="JPN").row(0, named=True)
    assert row["estimate"] == pytest.approx(items["ceiling"].mean())
    assert row["low"] < row["estimate"] < row["high"]
    assert row["n_items"] == 144


def test_those_asked_again_are_compared_with_themselves() -> None:
    toward_even = pl.element() * 0.9 + 0.1 / pl.element().len()
    again = PEOPLE.filter(country="JPN").with_columns(
        pl.col("probabilities").list.eval(toward_even)
    )
    table = human_ceilings(PEOPLE, BANK, again)
    assert table.filter(measure="asked again")["country"].to_list() == ["JPN"]
    row = table.filter(measure="asked again").row(0, named=True)
    same = human_ceilings(PEOPLE, BANK, PEOPLE).filter(measure="asked again", country="JPN")
    assert same["estimate"].item() == pytest.approx(1.0)
    assert 0.9 < row["estimate"] < 1.0
    with pytest.raises(NoDataError, match="share no item and population with the survey"):
        human_ceilings(PEOPLE, BANK, again.with_columns(country=pl.lit("FRA")))


def test_a_design_effect_divides_the_sample_and_lowers_the_ceiling() -> None:
    settings = Settings(design_effect=2.0)
    one, two = (
        human_ceilings(PEOPLE, BANK, settings=s).filter(country="USA")["estimate"].item()
        for s in (Settings(), settings)
    )
    assert (1 - two) / (1 - one) == pytest.approx(2**0.5, rel=0.03)
    halved = PEOPLE.with_columns(pl.col("n_effective") / 2)
    assert human_ceilings(halved, BANK).equals(human_ceilings(PEOPLE, BANK, settings=settings))
    with pytest.raises(InvalidArgumentError, match=r"design_effect=0\.5: give a number from 1 to"):
        Settings(design_effect=0.5)


def test_without_numbers_of_respondents_there_is_no_ceiling() -> None:
    unknown = PEOPLE.with_columns(n_effective=pl.lit(None, pl.Float64))
    row = human_ceilings(unknown, BANK).row(0, named=True)
    assert row["estimate"] is None
    assert "number of respondents unknown" in row["note"]

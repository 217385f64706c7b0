from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import InvalidArgumentError, SurveyError
from doxa.evaluate import add_to_world, people_facts, read_people
from doxa.evaluate.people import counts_behind
from doxa.questionnaire import QuestionBank
from doxa.survey import check_counts, sample, world

if TYPE_CHECKING:
    from pathlib import Path

ONE = {"wave": 7, "country": "AND", "question": "Q1", "code": [1, 2], "n": [30.0, 10.0]}


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.csv"
    pl.DataFrame(ONE).write_csv(path)
    return path


def test_without_a_name_it_is_the_world_and_the_sample_has_one() -> None:
    assert read_people().equals(world())
    assert read_people("sample").equals(sample())


def test_a_file_replaces_its_country_in_its_wave_alone(mine: Path) -> None:
    both = read_people(mine)
    assert both["country"].n_unique() == 65
    andorra = both.filter(country="AND")
    assert andorra.select("survey", "n", "source").rows() == [
        ("WVS", 30.0, "mine.csv"),
        ("WVS", 10.0, "mine.csv"),
    ]
    others = both.filter(pl.col("country") != "AND")
    assert others.equals(world().filter(pl.col("country") != "AND"))
    older = add_to_world(read_people(mine, only=True).with_columns(wave=pl.lit(6, pl.Int64)))
    assert older.filter(country="AND")["wave"].unique().sort().to_list() == [6, 7]


def test_only_the_files_own_answers(mine: Path) -> None:
    assert read_people(mine, only=True)["country"].unique().to_list() == ["AND"]
    with pytest.raises(InvalidArgumentError, match="none are named"):
        read_people(only=True)
    with pytest.raises(SurveyError, match="no such file"):
        read_people("nowhere.csv")


def test_a_file_named_sample_goes_before_the_word(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(mine.parent)
    mine.rename("sample")
    assert read_people("sample", only=True)["country"].unique().to_list() == ["AND"]


def test_subpopulations_stand_beside_their_country() -> None:
    men = check_counts(pl.DataFrame(ONE).with_columns(sex=pl.lit("m")), "men", survey="WVS")
    both = add_to_world(men).filter(country="AND", wave=7)
    assert both["sex"].unique().sort().to_list() == [None, "m"]
    assert both.filter(pl.col("sex").is_null())["question"].n_unique() == 144


def test_another_survey_replaces_nothing() -> None:
    other = check_counts(pl.DataFrame(ONE), "other", survey="ESS")
    assert add_to_world(other).height == world().height + 2


def test_where_answers_come_from_is_told() -> None:
    facts = people_facts(read_people(), 7)
    assert facts["people's answers"] == (
        "65 countries: counts of 4 (BGD, COL, JPN, USA), published shares of 61"
    )
    assert facts["sources of people's answers"].startswith("tabulated 4 (BGD, COL, JPN, USA); glob")
    assert facts["weights of people's answers"].startswith("not in 1,193 of 8,871 cells")
    assert people_facts(sample(), 6)["weights of people's answers"] == (
        "none: every share is unweighted"
    )
    assert people_facts(sample(), 3) == {}


def test_a_users_own_sources_come_first_and_unknown_weights_are_told() -> None:
    unknown = check_counts(
        pl.DataFrame(ONE).select(pl.exclude("n"), share=pl.Series([0.75, 0.25])), "x", survey="WVS"
    ).with_columns(source=pl.lit("mine.csv"))
    facts = people_facts(add_to_world(unknown), 7)
    assert facts["sources of people's answers"].startswith("mine.csv 1 (AND); tabulated 4")
    assert facts["weights not known"] == "of 1 cells, in 1 (AND)"


def test_groups_beside_a_shipped_country_are_told() -> None:
    sexes = pl.concat(
        [check_counts(pl.DataFrame(ONE), "x", survey="WVS").with_columns(sex=pl.lit(sex))
         for sex in "mf"]
    ).with_columns(source=pl.lit("mine.csv"))  # fmt: skip
    facts = people_facts(add_to_world(sexes), 7)
    assert facts["sources of people's answers"].startswith("mine.csv 1 (AND); tabulated 4")
    assert facts["groups within countries"] == (
        "2 in 1 (AND) by sex, from mine.csv; as a whole, 1 (AND) is still from globalopinionqa, "
        "simllm-culture-dist: import the file without --by into the same folder to have its own"
    )
    both = pl.concat([sexes, sexes.filter(sex="m").with_columns(sex=pl.lit(None, pl.String))])
    told = people_facts(add_to_world(both), 7)["groups within countries"]
    assert told == "2 in 1 (AND) by sex, from mine.csv"
    assert people_facts(sexes, 7)["groups within countries"].endswith("; as a whole, 1 (AND) has "
        "no answers: import the file without --by into the same folder to have its own"
    )  # fmt: skip


def test_a_table_over_waves_has_countries_and_waves_of_its_own() -> None:
    table = pl.DataFrame({"survey": "WVS", "country": "JPN", "first_wave": 5, "wave": [6, 7]})
    facts = people_facts(counts_behind(read_people(), table), None)
    assert facts["people's answers"] == "1 country, waves 5, 6, 7: counts of 1 (JPN)"
    listed = table.select("survey", "country", waves=pl.lit([5, 6, 7])).unique()
    assert people_facts(counts_behind(read_people(), listed), None) == facts


def test_a_source_without_an_item_of_the_questionnaire_is_told() -> None:
    foreign = check_counts(pl.DataFrame({**ONE, "question": "G1"}), "x", survey="Tea")
    foreign = foreign.with_columns(source=pl.lit("tea.csv"), wave=pl.lit(1, pl.Int64))
    name = "in no score, for want of an item of the questionnaire"
    told = people_facts(add_to_world(foreign), 7, QuestionBank.load())
    assert told[name] == "tea.csv (none of 1 items)"
    assert people_facts(foreign, 7, QuestionBank.load())[name] == "tea.csv (none of 1 items)"
    assert name not in people_facts(read_people(), 7, QuestionBank.load())

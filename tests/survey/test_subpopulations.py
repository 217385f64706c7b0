from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from doxa.errors import ExperimentError, SurveyError
from doxa.survey import Grouping, read_survey
from doxa.survey.grouping import parse_groupings
from doxa.survey.source import open_source
from doxa.survey.subpopulations import (
    ReadyGrouping,
    ready_groupings,
    ready_names,
    subpopulations_table,
)

from .exports import FILES, background, export, inventory

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item
    from doxa.survey import SurveyFile

    from .exports import Export

AGES = [(0, 29, "29 or under"), (30, 49, "30-49"), (50, 120, "50 or over")]


@pytest.fixture
def few(items: Mapping[str, Item]) -> dict[str, Item]:
    return {name: items[name] for name in ("Q1", "Q57")}


def narrow(name: str) -> Export:
    """Give a file with few of its columns."""
    made, (wave, _) = export(name), FILES[name]
    wanted = {"V1", "V2", "V3", "V4", "A_WAVE", "B_COUNTRY_ALPHA", "B_COUNTRY", "V245", "V259",
              "W_WEIGHT", "D_INTERVIEW", "Q1", "Q57", *readings_of(wave)}  # fmt: skip
    chosen = [column for column in made.labelled.columns if column.split(":")[0] in wanted]
    return replace(
        made,
        labelled=made.labelled.select(chosen),
        coded=made.coded.select(column.split(":")[0] for column in chosen),
        value_labels={key: v for key, v in made.value_labels.items() if key in wanted},
    )


def readings_of(wave: int) -> set[str]:
    found = {
        reading.variables.get(f"wave_{wave}", "")
        for readings in subpopulations_table().values()
        for reading in readings
    }
    return found - {""}


def held(name: str) -> list[str]:
    """List the ready names that a file of the inventory has a variable for."""
    wave, _ = FILES[name]
    headers = inventory().filter(pl.col("file") == name)["header"].unique()
    variables = headers.str.split(":").list.first().to_list()
    known = background().filter(pl.col("wave") == wave, pl.col("variable").is_in(variables))
    return ["age", *known["grouping"].unique().sort()]


def counted(name: str, grouping: str) -> dict[str, int]:
    """Count a file's groups from the inventory's labels."""
    wave, _ = FILES[name]
    table = inventory().filter(pl.col("file") == name, pl.col("n").is_not_null())
    table = table.with_columns(variable=pl.col("header").str.split(":").list.first())
    if grouping == "age":
        table = table.filter(pl.col("header").str.ends_with(": Age"))
        age = pl.col("label").cast(pl.Int64, strict=False)
        band = pl.coalesce(pl.when(age.is_between(a, b)).then(pl.lit(g)) for a, b, g in AGES)
        groups = table.with_columns(group=band)
    else:
        known = background().filter(wave=wave, grouping=grouping)
        first = next(v for v in known["variable"].unique(maintain_order=True).sort(descending=True)
                     if v in table["variable"] and v != "G_TOWNSIZE2")  # fmt: skip
        table = table.filter(pl.col("variable") == first)
        groups = table.join(known.filter(variable=first), on="label", how="left")
        numbers = pl.col("label").cast(pl.Int64, strict=False)
        if grouping == "children":  # larger numbers have no label; nine is no answer in wave 4
            many = (numbers > 2) & ~((numbers == 9) & (wave == 4))
            groups = groups.with_columns(
                group=pl.coalesce("group", pl.when(many).then(pl.lit("3 or more")))
            )
    sums = groups.group_by(pl.col("group").fill_null("missing")).agg(pl.col("n").sum())
    return {group: n for group, n in sums.rows() if n}


def sizes(survey: SurveyFile, *names: str) -> dict[Any, int]:
    populations = survey.microdata.populations
    size = (pl.col("stop") - pl.col("start")).sum()
    rows = populations.group_by(names).agg(size).rows()
    return {key[0] if len(key) == 1 else tuple(key): n for *key, n in rows}


@pytest.mark.parametrize("kind", ["csv", "xlsx", "sav", "dta"])
@pytest.mark.parametrize("name", ["2001_japan", "2006_US", "2012_colombia", "2022_colombia"])
def test_groups_have_the_inventory_s_numbers_in_every_format(
    name: str, kind: str, few: dict[str, Item], tmp_path: Path
) -> None:
    path = tmp_path / f"a.{kind}"
    getattr(narrow(name), f"write_{kind}")(path)
    names = held(name)
    assert set(names) >= {"sex", "age", "education", "religion", "income", "employment"}
    survey = read_survey(path, few, by=[",".join(names)], wave=FILES[name][0], keep_repeated=True)
    assert not [note for note in survey.notes if "unknown" in note]
    for grouping in names:
        assert sizes(survey, grouping) == counted(name, grouping), grouping


@pytest.mark.parametrize("name", FILES)
def test_every_label_of_the_inventory_has_its_group(name: str) -> None:
    wave, _ = FILES[name]
    for grouping, readings in subpopulations_table().items():
        for reading in readings:
            variable = reading.variables.get(f"wave_{wave}", "")
            cells = inventory().filter(
                pl.col("file") == name,
                pl.col("header").str.split(":").list.first() == variable,
                pl.col("n").is_not_null(),
            )["label"]
            known = background().filter(wave=wave, variable=variable)
            expected = dict(known.select("label", "group").rows())
            for cell in cells.drop_nulls():
                code = reading.code_of(cell)
                assert code is not None, (grouping, cell)
                if cell in expected:
                    assert reading.groups.get(code) == expected[cell], (grouping, cell)


def test_joint_groups_add_up_to_each_alone(few: dict[str, Item], tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    export("2022_colombia").labelled.write_csv(path)
    joint = sizes(read_survey(path, few, by=["sex, age"]), "sex", "age")
    for place, grouping in enumerate(("sex", "age")):
        margin: dict[str, int] = {}
        for groups, n in joint.items():
            margin[groups[place]] = margin.get(groups[place], 0) + n
        assert margin == sizes(read_survey(path, few, by=[grouping]), grouping)


def test_weighted_counts_of_groups_are_sums_of_weights(
    few: dict[str, Item], tmp_path: Path
) -> None:
    made = export("2022_colombia")
    made.write_csv(tmp_path / "a.csv")
    counts = read_survey(tmp_path / "a.csv", few, by=["education"]).microdata.counts()
    coded = made.coded
    for group, codes in (("lower", {0, 1, 2}), ("middle", {3, 4}), ("higher", {5, 6, 7, 8})):
        inside = np.array([code in codes for code in coded["Q275"]])
        for code in (1, 2):
            rows = inside & (coded["Q57"].to_numpy() == code)
            row = counts.filter(education=group, question="Q57", code=code)
            assert row["n"].item() == rows.sum()
            expected = coded["W_WEIGHT"].to_numpy()[rows].sum()
            assert row["weighted_n"].item() == pytest.approx(expected, abs=1e-9)


def test_unknown_labels_give_no_group_and_are_told(few: dict[str, Item], tmp_path: Path) -> None:
    labelled = export("2022_japan").labelled
    sex = pl.col("Q260: Sex")
    odd = labelled.with_columns(pl.when(sex == "Male").then(pl.lit("Man")).otherwise(sex).alias(
        "Q260: Sex"))  # fmt: skip
    odd.write_csv(tmp_path / "a.csv")
    survey = read_survey(tmp_path / "a.csv", few, by=["sex"])
    assert sizes(survey, "sex") == {"female": 763, "missing": 590}
    assert survey.notes[-1] == (
        "sex: 590 respondents are in no group for an unknown answer: Q260 'Man' (590)"
    )


def test_a_file_without_the_variable_or_with_another_one_is_told(
    few: dict[str, Item], tmp_path: Path
) -> None:
    labelled = export("2022_japan").labelled
    labelled.drop("Q260: Sex").write_csv(tmp_path / "a.csv")
    with pytest.raises(SurveyError, match="no variable Q260, so no groups by sex: leave sex out"):
        read_survey(tmp_path / "a.csv", few, by=["sex"])
    labelled.rename({"Q260: Sex": "Q260: Income"}).write_csv(tmp_path / "b.csv")
    with pytest.raises(SurveyError, match="Q260 is headed 'Income', so no groups by sex"):
        read_survey(tmp_path / "b.csv", few, by=["sex"])
    survey = read_survey(tmp_path / "b.csv", few, by=["sex=Q260"])  # as the user says
    assert set(sizes(survey, "sex")) == {"Female", "Male"}


def test_the_time_series_takes_education_from_each_wave_s_variable() -> None:
    reading = {one.variables.get("time_series"): one for one in subpopulations_table()["education"]}
    people = pl.DataFrame(
        {"X025A_01": [6, -4, -4, 3, -4], "X025": [-4, 8, 2, 7, -2], "X001": [1, 2, 2, 1, -5]}
    )
    both = ReadyGrouping(
        "education",
        ("X025A_01", "X025"),
        readings=(reading["X025A_01"], reading["X025"]),
        of_several_waves=True,
    )
    expected = ["higher", "higher", "lower", "middle", "missing"]
    assert both.values(people, "file").to_list() == expected
    for grouping, readings in subpopulations_table().items():
        kinds = set().union(*(one.variables for one in readings))
        assert kinds >= {"wave_4", "wave_5", "wave_6", "wave_7", "time_series", "joint"}, grouping


def test_ready_names_are_of_the_survey_s_own_files_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("sex,Q260\n1,2\n")
    groupings = parse_groupings(["sex"])
    with open_source(path) as source:
        assert ready_groupings(groupings, "", source) == groupings
        (ready,) = ready_groupings(groupings, "wave_7", source)
        assert isinstance(ready, ReadyGrouping)
        assert ready.variables == ("Q260",)
        own = (Grouping.parse("income=Q260"), Grouping.parse("sex:1,2"))
        assert ready_groupings(own, "wave_7", source) == own
    assert ready_names() == (
        "sex", "age", "education", "town_size", "religion", "income", "children", "employment",
        "marital_status",
    )  # fmt: skip


def test_ages_are_cut_where_asked_in_every_kind_of_file(
    items: Mapping[str, Item], tmp_path: Path
) -> None:
    frame = pl.DataFrame({
        "A_WAVE": [7] * 5, "B_COUNTRY_ALPHA": ["JPN"] * 5, "W_WEIGHT": [1.0] * 5,
        "Q57": [1, 2, 1, 2, 1], "Q262": [18, 29, 30, 60, -2],
    })  # fmt: skip
    frame.write_csv(tmp_path / "file.csv")
    few = {"Q57": items["Q57"]}
    read = read_survey(tmp_path / "file.csv", few, by=["age:30,60"], weighted=False)
    counted = read.microdata.counts().group_by("age").agg(pl.col("n").sum())
    assert dict(counted.rows()) == {"<30": 2.0, "30-59": 1.0, "60+": 1.0, "missing": 1.0}
    with pytest.raises(ExperimentError, match=r"age:30\.5: write increasing whole years"):
        read_survey(tmp_path / "file.csv", few, by=["age:30.5"])

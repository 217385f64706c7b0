from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import polars as pl
import pytest
from typer.testing import CliRunner

from doxa.cli.survey import app
from doxa.survey import crosswalk
from doxa.survey.wvs import time_series_places, time_series_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire.item import Item

TABLE = crosswalk()
ROWS = {row["question"]: row for row in TABLE.to_dicts()}


def test_each_item_has_one_row(items: Mapping[str, Item]) -> None:
    assert TABLE["question"].to_list() == list(items)
    assert TABLE.schema == {
        "question": pl.String, "wave_7": pl.String, "wave_6": pl.String, "wave_5": pl.String,
        "wave_4": pl.String, "time_series": pl.String, "recoded": pl.Boolean,
        "waves": pl.List(pl.Int64), "differs": pl.String,
    }  # fmt: skip
    assert (
        TABLE.drop("wave_6", "wave_5", "wave_4", "differs").null_count().sum_horizontal().item()
        == 0
    )


def test_waves_are_in_order_and_hold_those_of_the_questionnaire(
    items: Mapping[str, Item],
) -> None:
    assert list(time_series_table()["asked"]) == list(items)
    for name, item in items.items():
        waves = ROWS[name]["waves"]
        assert waves == sorted(set(waves))
        assert set(item.variables) <= set(waves) <= set(range(1, 8))


def test_how_many_items_each_wave_asked() -> None:
    counts = TABLE["waves"].explode().value_counts().sort("waves").rows()
    assert counts == [(1, 36), (2, 56), (3, 62), (4, 64), (5, 86), (6, 102), (7, 144)]


@pytest.mark.parametrize(
    ("question", "waves"),
    [
        ("Q6", [2, 3, 4, 5, 6, 7]),  # religion's importance, not in 1981
        ("Q22", [2, 3, 4, 5, 6, 7]),  # homosexual neighbours
        ("Q28", [2, 6, 7]),
        ("Q33", [7]),  # five steps in wave 7 only
        ("Q39", [4, 5, 7]),
        ("Q42", [1, 2, 3, 4, 7]),
        ("Q57", [1, 2, 3, 4, 5, 6, 7]),
        ("Q58", [5, 6, 7]),  # trust in four steps
        ("Q67", [2, 3, 4, 5, 6, 7]),
        ("Q70", [1, 2, 3, 5, 6, 7]),  # the courts, not in wave 4
        ("Q83", [3, 4, 5, 6, 7]),
        ("Q110", [2, 3, 5, 6, 7]),
        ("Q111", [3, 4, 5, 6, 7]),
        ("Q149", [7]),
        ("Q168", [1, 2, 3, 4, 7]),
        ("Q182", [1, 2, 3, 4, 5, 6, 7]),
        ("Q250", [5, 6, 7]),
    ],
)
def test_waves_that_public_scripts_state(question: str, waves: list[int]) -> None:
    assert ROWS[question]["waves"] == waves


def test_variables_that_only_look_alike_are_not_used(items: Mapping[str, Item]) -> None:
    used = {place.name for place in time_series_places().values()}
    differs = time_series_table()["differs"]
    assert set(differs) <= set(items)
    assert not used & {name for alike in differs.values() for name in alike}
    earlier = {name for name in differs if min(ROWS[name]["waves"]) < 5}
    assert earlier == set()


def test_differences_are_told() -> None:
    told = {name: row["differs"] for name, row in ROWS.items() if row["differs"]}
    assert set(told) == {
        "Q28", "Q33", "Q34", "Q35", "Q58", "Q59", "Q149", "Q173", "Q174", "Q175", "Q186", "Q195",
    }  # fmt: skip
    assert told["Q35"] == "D066: wave 3, four steps; D066_B: waves 6 and 7, three steps"
    assert told["Q173"] == "F034: 4 counted as missing"
    assert told["Q175"] == "F201: 3 and 4 counted as missing"


def test_recoded_items_are_the_neighbours_the_beliefs_and_responsibility() -> None:
    recoded = TABLE.filter("recoded")["question"].to_list()
    assert recoded == [
        *(f"Q{n}" for n in range(18, 27)),
        "Q108",
        *(f"Q{n}" for n in range(165, 169)),
    ]


def test_the_command_writes_the_same_table() -> None:
    plain = CliRunner().invoke(app, ["crosswalk"])
    assert plain.exit_code == 0
    read = pl.read_csv(io.StringIO(plain.stdout), separator="\t")
    assert read.columns == TABLE.columns
    assert read.height == 144
    assert read["waves"][0] == "2 3 4 5 6 7"
    lines = CliRunner().invoke(app, ["crosswalk", "--json"]).stdout.splitlines()
    assert [json.loads(line) for line in lines] == TABLE.to_dicts()


def test_wave_4_was_asked_what_its_files_are_read_for() -> None:
    for row in ROWS.values():
        assert row["wave_4"] is None or 4 in row["waves"]
    assert ROWS["Q46"]["wave_4"] == "V11"
    assert ROWS["Q33"]["differs"].endswith("V78 of wave 4: three answers: agree, disagree, neither")

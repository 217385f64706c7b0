from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.survey import read_survey
from doxa.survey.waves import DATE_COLUMNS
from doxa.survey.wvs import time_series_places

from .exports import FILES, export

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item


def counts_of(path: Path, items: Mapping[str, Item], **columns: list[object]) -> pl.DataFrame:
    pl.DataFrame(columns).write_csv(path)
    counts = read_survey(path, items).microdata.counts()
    return counts.filter(pl.col("n") > 0)


def test_wave_6(items: Mapping[str, Item], tmp_path: Path) -> None:
    counts = counts_of(
        tmp_path / "a.csv", items,
        V1=[6, 6], V2=[392, 840], V3=[1, 1], V4=[1, 2], V203A=[10, -2], V258=[0.5, 2.0],
    )  # fmt: skip
    assert counts.select("wave", "country", "question", "code", "weighted_n").rows() == [
        (6, "JPN", "Q1", 1, 0.5), (6, "JPN", "Q183", 10, 0.5),
        (6, "USA", "Q1", 2, 2.0), (6, "USA", "Q183", -2, 2.0),
    ]  # fmt: skip


def test_a_column_that_is_not_taken_for_the_weight_is_named(
    items: Mapping[str, Item], tmp_path: Path
) -> None:
    frame = pl.DataFrame(
        {"V1": [6, 6], "V2": [392, 392], "V4": [1, 2], "V258: Ponderación": [1, 2]}
    )
    frame.write_csv(tmp_path / "a.csv")
    notes = read_survey(tmp_path / "a.csv", items).notes
    assert "V258 is headed 'Ponderación': it is not taken for the weight" in notes


def test_wave_5_names_other_variables(items: Mapping[str, Item], tmp_path: Path) -> None:
    counts = counts_of(
        tmp_path / "a.csv", items,
        V1=[5, 5], V2=[170, 170], V3=[1, 2], V4=[1, 2], V34=[1, 2], V259=[1.5, 0.5],
    )  # fmt: skip
    assert counts.select("wave", "country", "question", "code", "weighted_n").rows() == [
        (5, "COL", "Q1", 1, 1.5), (5, "COL", "Q1", 2, 0.5),
        (5, "COL", "Q18", 1, 1.5), (5, "COL", "Q18", 2, 0.5),
    ]  # fmt: skip


def test_the_time_series_brings_all_waves_onto_the_scales_of_wave_7(
    items: Mapping[str, Item], tmp_path: Path
) -> None:
    counts = counts_of(
        tmp_path / "a.csv", items,
        S002VS=[2, 4, 7], S003=[392, 392, 909], S007=[1, 2, 3], S017=[1.0, 1.0, 1.0],
        A001=[1, 4, -1], A124_08=[1, 0, -4], E037=[1, 10, 5], F050=[0, 1, -2], E018=[3, 1, 2],
    )  # fmt: skip
    names = counts.select("wave", "country", "question").rows()
    found = dict(zip(names, counts["code"].to_list(), strict=True))
    assert found == {
        (2, "JPN", "Q1"): 1, (4, "JPN", "Q1"): 4, (7, "NIR", "Q1"): -1,
        (2, "JPN", "Q18"): 1, (4, "JPN", "Q18"): 2, (7, "NIR", "Q18"): -4,
        (2, "JPN", "Q108"): 10, (4, "JPN", "Q108"): 1, (7, "NIR", "Q108"): 6,
        (2, "JPN", "Q165"): 2, (4, "JPN", "Q165"): 1, (7, "NIR", "Q165"): -2,
        (2, "JPN", "Q45"): 3, (4, "JPN", "Q45"): 1, (7, "NIR", "Q45"): 2,
    }  # fmt: skip


def test_labels_name_the_answer_for_any_code_in_the_file(
    items: Mapping[str, Item], tmp_path: Path
) -> None:
    government = "The government should take more responsibility"
    counts = counts_of(
        tmp_path / "a.csv", items,
        S002VS=[2, 2], S003=[392, 392], S007=[1, 2], S017=[1.0, 1.0],
        A124_08=["Mentioned", "Not mentioned"], E037=[government, "10"], F050=["No", "0"],
    )  # fmt: skip
    assert counts.select("question", "code", "n").rows() == [
        ("Q18", 1, 1), ("Q18", 2, 1), ("Q108", 1, 2), ("Q165", 2, 2),
    ]  # fmt: skip


def test_answers_that_only_earlier_waves_allowed_are_missing(
    items: Mapping[str, Item], tmp_path: Path
) -> None:
    counts = counts_of(
        tmp_path / "a.csv", items,
        S002VS=[4, 6], S003=[392, 392], S007=[1, 2], S017=[1.0, 1.0],
        F034=[4, 3], F200=[3, 2], F201=[4, 1],
    )  # fmt: skip
    assert counts.select("wave", "question", "code").rows() == [
        (4, "Q173", -5), (4, "Q174", -5), (4, "Q175", -5),
        (6, "Q173", 3), (6, "Q174", 2), (6, "Q175", 1),
    ]  # fmt: skip


def test_the_joint_file_names_variables_like_the_time_series(
    items: Mapping[str, Item], tmp_path: Path
) -> None:
    counts = counts_of(
        tmp_path / "a.csv", items,
        cntry=[276, 276], gwght=[2.0, 1.0], uniqid=[1, 2], A124_02=[1, 0], F118=[10, 1],
    )  # fmt: skip
    assert counts["survey"].unique().to_list() == ["EVS/WVS"]
    assert counts.select("country", "question", "code", "weighted_n").rows() == [
        ("DEU", "Q19", 1, 2.0), ("DEU", "Q19", 2, 1.0),
        ("DEU", "Q182", 1, 1.0), ("DEU", "Q182", 10, 2.0),
    ]  # fmt: skip


def test_the_crosswalk_covers_the_bank_and_fits_its_scales(items: Mapping[str, Item]) -> None:
    crosswalk = time_series_places()
    assert set(items) == set(crosswalk)
    assert len({place.name for place in crosswalk.values()}) == len(crosswalk)
    for name, place in crosswalk.items():
        own = set(place.codes.values())
        assert not place.codes or own == set(items[name].scale.codes)


def test_waves_5_and_6_are_those_of_the_oracle(items: Mapping[str, Item], oracle: Path) -> None:
    with (oracle / "items.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        variables = items[row["wave7"]].variables
        expected = {6: row["wave6"], 5: row["wave5"]}
        assert {w: v for w, v in variables.items() if w != 7} == {
            w: v for w, v in expected.items() if v
        }


@pytest.mark.parametrize("name", FILES)
def test_the_wave_and_the_country_are_found_with_fewer_and_fewer_columns(
    items: Mapping[str, Item], tmp_path: Path, name: str
) -> None:
    made = export(name)
    frame = made.labelled.head(50)

    def read(*dropped: str) -> tuple[int, str]:
        kept = [c for c in frame.columns if c.partition(":")[0] not in dropped]
        frame.select(kept).write_parquet(tmp_path / "a.parquet")
        populations = read_survey(tmp_path / "a.parquet", items).microdata.populations
        return populations.select("wave", "country").row(0)

    dropped = ["B_COUNTRY_ALPHA", "V1"]
    assert read(*dropped) == (made.wave, made.country)
    dropped += ["V2", "B_COUNTRY", "FW_START", "FW_END"]
    if made.wave != 6:  # its files have no other name of the country
        assert read(*dropped) == (made.wave, made.country)
    dropped = ["V1", *DATE_COLUMNS, "S021", "S024", "S025"]
    assert read(*dropped) == (made.wave, made.country)

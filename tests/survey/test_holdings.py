from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from doxa.survey import holdings, read_survey, sample, world, world_summary
from doxa.survey.holdings import holdings_lines, holds_counts

from .exports import export

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item


def test_the_world_is_as_its_own_summary_says() -> None:
    held, summary = holdings(world()), world_summary()
    keys = ["survey", "wave", "country"]
    both = held.join(summary, on=keys, how="full", suffix="_told", coalesce=True)
    assert both.height == held.height == summary.height == 71
    for name in ("items", "unweighted_items", "compared_items", "mean_change", "largest_change"):
        left, right = both[name].cast(pl.Float64), both[f"{name}_told"].cast(pl.Float64)
        assert left.eq_missing(right).all() or (left - right).abs().max() < 1e-12, name  # type: ignore[operator]
    assert set(held.filter(published_items=0)["country"]) == {"BGD", "COL", "JPN", "USA"}


def test_groups_count_each_respondent_once(items: Mapping[str, Item], tmp_path: Path) -> None:
    made = export("2022_US")
    made.write_csv(tmp_path / "a.csv")
    few = {name: items[name] for name in ("Q1", "Q57")}
    whole = read_survey(tmp_path / "a.csv", few).microdata.counts()
    split = read_survey(tmp_path / "a.csv", few, by=["sex,age"]).microdata.counts()
    one, two = holdings(whole), holdings(split)
    assert two["respondents"].to_list() == one["respondents"].to_list() == [made.coded.height]
    assert abs(two["largest_change"].item() - one["largest_change"].item()) < 1e-12
    assert two["groups"].item() == {
        "sex": ["female", "male"], "age": ["29 or under", "30-49", "50 or over"]
    }  # fmt: skip
    text = holdings_lines(two)
    assert "by sex: female, male; by age: 29 or under, 30-49, 50 or over" in text


def test_the_map_fits_eighty_columns() -> None:
    lines = holdings_lines(holdings(world()))
    assert max(map(len, lines)) <= 80
    india = next(line for line in lines if " IND " in line)
    assert india.split()[:5] == ["7", "IND", "15", "1,692", "shares"]
    assert any(line.startswith("65 countries, 71 countries × waves (wave 5, 6, 7)")
               for line in lines)  # fmt: skip
    wave_6 = next(line for line in lines if line.startswith("6    COL"))
    assert " no " in wave_6


def test_what_is_a_file_of_counts(tmp_path: Path) -> None:
    sample(wave=7).write_csv(tmp_path / "counts.csv")
    export("2022_japan").coded.head(5).write_csv(tmp_path / "survey.csv")
    assert holds_counts(tmp_path)
    assert holds_counts(tmp_path / "counts.csv")
    assert not holds_counts(tmp_path / "survey.csv")
    assert not holds_counts(tmp_path / "survey.xlsx")  # another program reads it

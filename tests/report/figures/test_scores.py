from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from doxa.report.figures.parts import Shown
from doxa.report.figures.scores import alignment_figures
from report.invented import evaluation_of

if TYPE_CHECKING:
    from pathlib import Path


def test_the_forest_shows_every_interval_and_says_of_whom(
    written: dict[str, Path], one: dict[str, pl.DataFrame]
) -> None:
    forest = written["forest-tiny-model-verbalized-7.svg"].read_text(encoding="utf-8")
    for row in one["alignment"].rows(named=True):
        assert f"{row['estimate']:.3f} [{row['low']:.2f}, {row['high']:.2f}]" in forest
    assert "var(--" not in forest
    assert "How close tiny-model comes to the people of each country" in forest
    assert "tiny-model, stated percentages; World Values Survey wave 7; 95% intervals" in forest


def test_the_map_colours_every_country(written: dict[str, Path]) -> None:
    drawn = written["map-tiny-model-verbalized-7-en.svg"].read_text(encoding="utf-8")
    assert drawn.count('fill="rgb') == 3


def test_many_countries_have_a_ranked_panel_for_each_way(frames: dict[str, pl.DataFrame]) -> None:
    one = frames["alignment"].filter(elicitation="verbalized", target="", country="JPN")
    codes = ["ARG", "AUS", "BRA", "CAN", "CHL", "CHN", "EGY", "GRC", "JPN"]
    many = one.drop("country").join(pl.DataFrame({"country": codes}), how="cross")
    evaluation = evaluation_of(frames | {"alignment": many.select(one.columns)})
    name, forest = next(alignment_figures(Shown(evaluation)))
    assert name == "forest-tiny-model-verbalized-7"
    assert [panel["title"]["text"] for panel in forest["vconcat"]] == [
        "No steering · English", "No steering · Spanish", "No steering · Japanese",
    ]  # fmt: skip
    assert len(forest["vconcat"][0]["data"]["values"]) == 9

from __future__ import annotations

from typing import TYPE_CHECKING

from doxa.report.figures.parts import Shown, panel, values_of, whole
from report.invented import evaluation_of

if TYPE_CHECKING:
    import polars as pl


def test_said_names_what_all_of_a_figure_shares(frames: dict[str, pl.DataFrame]) -> None:
    shown = Shown(evaluation_of(frames))
    assert shown.said() == "World Values Survey; 95% intervals"
    assert shown.said(elicitation="logprobs", wave=None) == (
        "option probabilities; World Values Survey; 95% intervals"
    )


def test_a_panel_has_its_rows_and_a_figure_its_title() -> None:
    bare = {"$schema": "x", "autosize": {}, "layer": [{"data": {"name": "rows"}, "mark": "rule"}]}
    filled = panel(bare, [{"estimate": 1.0}], "Japan")
    assert filled["data"] == {"values": [{"estimate": 1.0}]}
    assert filled["layer"] == [{"mark": "rule"}]
    assert filled["title"]["text"] == "Japan"
    figure = whole({"vconcat": [filled]}, "How close", "of whom")
    assert (figure["title"]["text"], figure["title"]["subtitle"]) == ("How close", "of whom")
    assert figure["title"]["anchor"] == "start"


def test_values_of_a_group(frames: dict[str, pl.DataFrame]) -> None:
    one = frames["alignment"].filter(country="JPN")
    assert values_of(one, "country", "wave") == ("JPN", 7)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from made_up import made_up_evaluation

from doxa.report.figures.further import further_figures
from doxa.report.figures.parts import Shown
from doxa.report.further import tables_with_intervals
from report.invented import evaluation_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_every_further_table_of_the_page_has_a_figure() -> None:
    evaluation = made_up_evaluation()
    drawn = [name for name, _ in further_figures(Shown(evaluation))]
    assert len(set(drawn)) == len(drawn)
    for name, table in tables_with_intervals(evaluation).items():
        found = any(figure.startswith(name.replace("_", "-")) for figure in drawn)
        assert found == bool(table["estimate"].count())


def test_estimates_stand_as_in_the_table(frames: dict[str, pl.DataFrame]) -> None:
    scores = frames["alignment"].filter(elicitation="verbalized", steering="none")
    table = scores.select(
        "model", "elicitation", "language", "steering", "target", "group", "reasoning", "country",
        "estimate", "low", "high", measure=pl.lit("gain"),
    )  # fmt: skip
    evaluation = evaluation_of(frames, tables={"shape": table})
    [(name, figure)] = further_figures(Shown(evaluation))
    assert name == "shape-tiny-model-verbalized"
    [panel] = figure["vconcat"]
    assert panel["title"]["text"] == "Gain"
    shown = {(row["name"], row["estimate"]) for row in panel["data"]["values"]}
    assert len(shown) == table.height
    row = table.filter(country="JPN", language="ja").row(0, named=True)
    assert ("Japan · No steering · Japanese", round(row["estimate"], 5)) in shown
    assert len(list(_rules(panel))) == 1  # no line at zero where nothing is below it


def test_lines_beyond_a_page_are_counted(frames: dict[str, pl.DataFrame]) -> None:
    one = frames["alignment"].head(1).select("model", "country", "estimate", "low", "high")
    many = pl.concat([one.with_columns(word=pl.lit(f"w{number}")) for number in range(50)])
    evaluation = evaluation_of(frames, tables={"shape": many})
    [(_, figure)] = further_figures(Shown(evaluation))
    [panel] = figure["vconcat"]
    assert panel["title"]["text"] == "The first 40 of 50; all are in the table"
    assert len(panel["data"]["values"]) == 40


def _rules(panel: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (layer for layer in panel["layer"] if layer["mark"]["type"] == "rule")

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.report.figures.neighbours import neighbour_figures
from doxa.report.figures.parts import Shown
from doxa.report.neighbours import beside_all
from report.invented import evaluation_of

if TYPE_CHECKING:
    import polars as pl


def test_each_steering_has_its_grid(frames: dict[str, pl.DataFrame]) -> None:
    shown = Shown(evaluation_of(frames))
    drawn = dict(neighbour_figures(shown))
    assert set(drawn) == {
        f"neighbours-tiny-model-{elicitation}-{steering}"
        for elicitation in ("logprobs", "verbalized")
        for steering in ("persona", "few-shot")
    }
    evaluation = shown.evaluation
    order, tables = beside_all(
        evaluation.model_distributions, evaluation.human_distributions, shown.conditions,
        evaluation.bank,
    )  # fmt: skip
    cells = drawn["neighbours-tiny-model-verbalized-persona"]["data"]["values"]
    table = next(table for keys, table in tables if keys["elicitation"] == "verbalized")
    personas = [n for n in table["condition"] if shown.conditions[n].steering == "persona"]
    assert len(cells) == len(personas) * len(order)
    own = [cell for cell in cells if cell["targeted"]]
    assert len(own) == len(personas)
    japan = next(cell for cell in own if cell["name"].startswith("Japan"))
    number = next(n for n in personas if shown.conditions[n].target == "JPN")
    expected = table.filter(condition=number)["JPN"][0]
    assert japan["estimate"] == pytest.approx(expected)


def test_a_model_asked_as_nobody_has_none(frames: dict[str, pl.DataFrame]) -> None:
    model = frames["model_distributions"].filter(steering="none")
    shown = Shown(evaluation_of(frames | {"model_distributions": model}))
    assert list(neighbour_figures(shown)) == []

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from doxa.report.figures.parts import Shown
from doxa.report.figures.steering import steering_figures
from report.invented import evaluation_of

if TYPE_CHECKING:
    from pathlib import Path


def test_effects_stand_with_their_signs(
    written: dict[str, Path], one: dict[str, pl.DataFrame]
) -> None:
    drawn = written["steering-tiny-model-verbalized-7.svg"].read_text(encoding="utf-8")
    for estimate in one["steering"]["estimate"]:
        assert f"{estimate:+.3f}".replace("-", "−") in drawn
    assert "Japan · ja" in drawn


def test_without_effects_there_is_no_figure(one: dict[str, pl.DataFrame]) -> None:
    few = one | {"steering": pl.DataFrame(), "alignment": one["alignment"].head(1)}
    assert list(steering_figures(Shown(evaluation_of(few)))) == []

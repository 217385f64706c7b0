from __future__ import annotations

from typing import TYPE_CHECKING

from doxa.report.drawing import converted
from doxa.report.figures.parts import Shown
from doxa.report.figures.waves import wave_figures
from report.invented import evaluation_of
from report.waved import nearest_table

if TYPE_CHECKING:
    import polars as pl


def test_each_unsteered_way_has_a_strip(one: dict[str, pl.DataFrame]) -> None:
    tables = {"nearest_wave": nearest_table(one["alignment"])}
    figures = dict(wave_figures(Shown(evaluation_of(one, tables=tables))))
    assert list(figures) == [
        f"nearest-wave-tiny-model-verbalized-{language}" for language in ("en", "es", "ja")
    ]
    svg = converted("vegalite_to_svg", figures["nearest-wave-tiny-model-verbalized-ja"])
    for text in ("Japan", "wave 5 [5, 6]", "wave 5 [5, 7]", "wave 7"):
        assert f">{text}</text>" in svg
    assert "Which wave’s people tiny-model answers like: No steering · Japanese" in svg


def test_without_several_waves_there_is_none(one: dict[str, pl.DataFrame]) -> None:
    assert list(wave_figures(Shown(evaluation_of(one)))) == []

from __future__ import annotations

from typing import TYPE_CHECKING

from doxa.report.drawing import converted
from doxa.report.figures.culture import culture_figures
from doxa.report.figures.parts import Shown
from report.placed import evaluation_with_places

if TYPE_CHECKING:
    import polars as pl


def test_the_figure_shows_countries_and_the_unsteered_model(
    frames: dict[str, pl.DataFrame],
) -> None:
    [(name, figure)] = culture_figures(Shown(evaluation_with_places(frames)))
    assert name == "culture-tiny-model-verbalized"
    svg = converted("vega_to_svg", figure)
    assert "Where tiny-model lies on the cultural map of Inglehart and Welzel" in svg
    for label in ("Netherlands", "No steering · English", "No steering · Spanish"):
        assert label in svg
    assert "Persona" not in svg
    assert "var(--" not in svg


def test_a_run_without_the_maps_items_has_none(one: dict[str, pl.DataFrame]) -> None:
    from report.invented import evaluation_of

    assert list(culture_figures(Shown(evaluation_of(one)))) == []

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from doxa.report.drawing import converted
from doxa.report.figures.languages import language_figures
from doxa.report.figures.parts import Shown
from report.invented import evaluation_of
from report.spoken import gains_table

if TYPE_CHECKING:
    from typing import Any


def made(frames: dict[str, pl.DataFrame], table: pl.DataFrame) -> dict[str, dict[str, Any]]:
    evaluation = evaluation_of(frames, tables={"language_gains": table})
    return dict(language_figures(Shown(evaluation)))


def test_a_grid_of_languages_and_a_map_of_own_languages(one: dict[str, pl.DataFrame]) -> None:
    table = gains_table(one["alignment"])
    figures = made(one, table)
    assert list(figures) == [
        f"language-{kind}-tiny-model-verbalized-7" for kind in ("gains", "map")
    ]
    grid, world = (converted("vegalite_to_svg", figure) for figure in figures.values())
    for estimate in table["estimate"]:
        assert f"{estimate:+.2f}".replace("-", "−") in grid
    assert "What the language changes for tiny-model, against English" in grid
    assert "Change of alignment" in grid
    assert "*</text>" in grid
    assert world.count('fill="rgb') == 1
    assert "own language changes for tiny-model" in world


def test_many_countries_stand_on_the_lines_without_numbers(one: dict[str, pl.DataFrame]) -> None:
    table = gains_table(one["alignment"]).filter(country="JPN").drop("country")
    many = table.join(pl.DataFrame({"country": [f"C{n}" for n in range(20)]}), how="cross")
    [grid] = made(one, many).values()
    cells = grid["data"]["values"]
    assert {cell["column"] for cell in cells} == {"Japanese", "Spanish"}
    assert len({cell["name"] for cell in cells}) == 20


def test_one_language_has_no_figure(one: dict[str, pl.DataFrame]) -> None:
    assert list(language_figures(Shown(evaluation_of(one)))) == []

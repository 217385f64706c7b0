from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from doxa.report import maps
from doxa.report.palette import CHANGE

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


def test_every_country_of_the_survey_can_be_drawn(bank: QuestionBank) -> None:
    """All but Northern Ireland, which has no outline of its own."""
    world = maps.world()
    outlines = {shape.get("id") for shape in world["objects"]["countries"]["geometries"]}
    assert set(bank.countries) - outlines - set(world["points"]) == {"NIR"}
    assert not outlines & set(world["points"])
    assert {"SGP", "HKG", "MDV"} <= set(world["points"])


def test_outlines_use_arcs_that_exist() -> None:
    world = maps.world()

    def arcs(part: object) -> list[int]:
        if isinstance(part, int):
            return [part if part >= 0 else ~part]
        assert isinstance(part, list)
        return [arc for member in part for arc in arcs(member)]

    used = {
        arc for shape in world["objects"]["countries"]["geometries"] for arc in arcs(shape["arcs"])
    }
    assert max(used) < len(world["arcs"])


def test_points_lie_on_earth() -> None:
    places = pl.DataFrame(list(maps.world()["points"].values()), orient="row")
    assert places[:, 0].is_between(-180, 180).all()
    assert places[:, 1].is_between(-90, 90).all()
    longitude, latitude = maps.world()["points"]["SGP"]
    assert (round(longitude), round(latitude)) == (104, 1)


def test_a_map_of_changes_has_its_middle_colour_at_zero() -> None:
    *_, countries, small = maps.world_map((-0.2, 0.1), change=True)["layer"]
    for layer in (countries, small):
        scale = layer["encoding"]["color"]["scale"]
        assert scale["domain"] == [-0.2, 0, 0.1]
        assert scale["range"] == list(CHANGE)


def test_map_and_verdicts_differ_in_colour_alone() -> None:
    shares, verdicts = (maps.world_map((0.6, 0.9), verdicts=flag) for flag in (False, True))
    assert "diverging" in json.dumps(verdicts)
    assert "diverging" not in json.dumps(shares)
    assert [len(chart["layer"]) for chart in (shares, verdicts)] == [3, 3]

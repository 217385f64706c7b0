"""Specifications hold what a reader must see, without their own data or colours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from doxa.report import charts
from doxa.report.words import STATUS_NAMES, STEERINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Specification = dict[str, Any]
DOMAIN = (0.6, 0.95)
ALL: dict[str, Callable[[], Specification]] = {
    "forest": lambda: charts.forest(DOMAIN),
    "heat_map": lambda: charts.heat_map(DOMAIN),
    "gains": lambda: charts.heat_map((-1, 1), change=True),
    "finding": charts.finding,
    "intervals": charts.intervals,
    "time": lambda: charts.time(DOMAIN),
    "effects": lambda: charts.effects((-0.1, 0.1)),
    "reliability": charts.reliability,
    "distribution": charts.distribution,
}


def nodes(value: object) -> Iterator[Specification]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from nodes(part)
    elif isinstance(value, list):
        for part in value:
            yield from nodes(part)


def marks(specification: Specification) -> list[str]:
    return [layer["mark"]["type"] for layer in specification["layer"]]


@pytest.mark.parametrize("name", ALL)
def test_data_and_looks_come_from_outside(name: str) -> None:
    found = ALL[name]()
    assert {node["name"] for node in nodes(found) if set(node) == {"name"}} == {"rows"}
    assert "config" not in found
    assert found["width"] == "container"
    assert "var(--" not in json.dumps(found)


@pytest.mark.parametrize("name", ["finding", "forest", "intervals", "effects"])
def test_every_estimate_has_its_interval_and_its_numbers(name: str) -> None:
    layers = ALL[name]()["layer"]
    (interval,) = (one for one in layers if one["encoding"].get("x2") == {"field": "high"})
    assert interval["encoding"]["x"]["field"] == "low"
    assert any(one["encoding"].get("text", {}).get("field") == "value" for one in layers)
    assert any(
        one["mark"]["type"] == "point" and one["encoding"]["x"]["field"] == "estimate"
        for one in layers
    )


@pytest.mark.parametrize("name", ["intervals", "effects"])
def test_zero_is_marked_below_everything(name: str) -> None:
    first = ALL[name]()["layer"][0]
    assert first["mark"]["style"] == "reference"
    assert first["encoding"]["x"]["datum"] == 0


def test_the_forest_marks_baseline_and_ceiling() -> None:
    found = charts.forest(DOMAIN)
    fields = {node["field"] for node in nodes(found) if "field" in node}
    assert {"baseline", "ceiling", "estimate", "low", "high"} <= fields
    assert {tuple(node["domain"]) for node in nodes(found) if "domain" in node} == {
        DOMAIN, STEERINGS,
    }  # fmt: skip


def test_the_heat_map_frames_the_target_and_writes_the_number() -> None:
    assert marks(charts.heat_map(DOMAIN)) == ["rect", "rect", "text"]
    change = charts.heat_map((-0.2, 0.1), change=True)
    assert [-0.2, 0, 0.1] in [node["domain"] for node in nodes(change) if "domain" in node]


def test_effects_on_a_target_are_filled() -> None:
    point = charts.effects((-0.1, 0.1))["layer"][3]
    assert point["encoding"]["fillOpacity"]["condition"] == {
        "test": "datum.targeted", "value": 1,
    }  # fmt: skip


def test_replies_are_stacked_in_the_order_of_their_statuses() -> None:
    legend = charts.reliability(legend=True)["encoding"]["color"]
    assert legend["scale"]["domain"] == list(range(len(STATUS_NAMES)))
    assert all(name in legend["legend"]["labelExpr"] for name in STATUS_NAMES.values())
    assert charts.reliability()["encoding"]["color"]["legend"] is None


def test_the_language_of_a_wide_column_stands_below_its_steering() -> None:
    axis = charts.heat_map(DOMAIN)["layer"][0]["encoding"]["x"]["axis"]
    room = "bandwidth('x') > 60"
    assert axis["labelExpr"] == f"{room} ? split(datum.label, ' · ') : datum.label"
    assert axis["labelPadding"]["expr"].startswith(room)

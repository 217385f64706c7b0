from __future__ import annotations

import re
from math import hypot, sqrt

import pytest

from doxa.report.culture_map import culture_map
from doxa.report.drawing import converted
from doxa.report.palette import LIGHT, chart_config

ERROR = {"secular": 0.31, "self_expression": 0.3}


def test_countries_are_dots_and_the_model_has_an_ellipse() -> None:
    drawn = culture_map(2.0, ERROR)
    drawn["data"][0]["values"] = [
        {"kind": "people", "steering": "people", "name": "A", "x": 0, "y": 0, "published": True},
        {"kind": "people", "steering": "people", "name": "B", "x": 2, "y": 2, "published": False},
        {"kind": "model", "steering": "none", "name": "C", "x": 1, "y": 1,
         "sx": 0.1, "sy": 0.1, "rho": 0.0},
    ]  # fmt: skip
    # Labels are placed by what a browser measures.
    del drawn["marks"][-1]["transform"]
    svg = converted("vega_to_svg", drawn | {"config": chart_config(LIGHT)})
    assert svg.count('aria-roledescription="symbol mark container"') == 1
    muted, ink = LIGHT["muted"], LIGHT["ink"]
    assert svg.count(f'fill="{muted}" fill-opacity="1"') == 1
    assert svg.count(f'fill="{muted}" fill-opacity="0"') == 1
    assert f'fill="{ink}" fill-opacity="1"' in svg
    assert "survival values" in svg.lower()


@pytest.mark.parametrize("rho", [0.0, 0.6, -0.9])
def test_the_ellipse_is_so_many_standard_errors_away(rho: float) -> None:
    """Every point of it has the same Mahalanobis distance from the place."""
    drawn = culture_map(2.0, ERROR)
    place = {"kind": "model", "steering": "none", "name": "C", "x": 1, "y": -1,
             "sx": 0.2, "sy": 0.5, "rho": rho}  # fmt: skip
    drawn["data"][0]["values"] = [place]
    drawn["autosize"] = "pad"
    # Axes from -1 to 3 and from -3 to 1, of 720 and 560 pixels.
    for scale, ends in zip(drawn["scales"], ([-1, 3], [-3, 1]), strict=False):
        scale |= {"domain": ends, "nice": False}
    del drawn["marks"][-1]["transform"]
    svg = converted("vega_to_svg", drawn | {"config": chart_config(LIGHT)})
    [ring] = re.findall(r'aria-roledescription="line mark container".*?d="M([^"Z]*)', svg)
    points = [tuple(map(float, point.split(","))) for point in ring.split("L")]
    assert len(points) == 49
    for across, down in points:
        u, v = (across / 180 - 2) / 0.2, (2 - down / 140) / 0.5
        assert hypot(v, (u - rho * v) / sqrt(1 - rho**2)) == pytest.approx(2.0, abs=0.05)

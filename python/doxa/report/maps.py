"""The report's map: countries in colours, as a Vega-Lite specification without data."""

from __future__ import annotations

import functools
import json
from importlib.resources import files
from typing import Any

from doxa.report.drawing import load_altair, ramp, specified, tooltip
from doxa.report.palette import CHANGE
from doxa.report.words import VERDICT_NAMES

__all__ = ["world", "world_map"]


@functools.cache
def world() -> dict[str, Any]:
    """Read the outlines of countries, as TopoJSON with alpha-3 codes.

    `points` holds the longitude and latitude of countries that are too small for an outline;
    `data/world/` names the sources.
    """
    text = (files("doxa.report") / "assets" / "world.json").read_text(encoding="utf-8")
    outlines: dict[str, Any] = json.loads(text)
    return outlines


def world_map(
    domain: tuple[float, float],
    *,
    verdicts: bool = False,
    change: bool = False,
    legend: bool = False,
) -> dict[str, Any]:
    """Draw countries in the colour of their alignment, of its change, or of their verdict.

    A second set of data, ``world``, holds the outlines as TopoJSON. Rows hold ``country``
    (alpha-3), ``estimate``, ``verdict`` and ``detail``; those of countries too small for an
    outline also ``longitude`` and ``latitude``.

    Parameters
    ----------
    domain : tuple of float
        The alignments of the lightest and of the darkest colour.
    verdicts : bool
        Whether to colour by verdict.
    change : bool
        Whether the numbers are changes: the middle colour then stands for zero.
    legend : bool
        Whether the chart has its own legend; the page has one beside the chart.
    """
    alt = load_altair()
    outlines = alt.NamedData(
        name="world", format=alt.TopoDataFormat(feature="countries", type="topojson")
    )
    if verdicts:
        kinds, names = list(VERDICT_NAMES), list(VERDICT_NAMES.values())
        explained = alt.Legend(
            title="The model against the baseline", orient="bottom", values=kinds,
            labelExpr=f"{names}[indexof({kinds}, datum.value)]",
        )  # fmt: skip
        color = alt.Color("verdict:N", legend=explained if legend else None)
        color = color.scale(domain=kinds, range="diverging")
    else:
        named = ramp(alt, "Change of alignment") if change else ramp(alt)
        color = alt.Color("estimate:Q", legend=named if legend else None)
        color = (
            color.scale(domain=[domain[0], 0, domain[1]], range=list(CHANGE), clamp=True)
            if change
            else color.scale(domain=domain, clamp=True)
        )
    rows = alt.NamedData(name="rows")
    land = alt.Chart(outlines).mark_geoshape(style="land", aria=False)
    found = alt.LookupData(data=rows, key="country", fields=["estimate", "verdict", "detail"])
    countries = (
        alt.Chart(outlines)
        .mark_geoshape(style="border", aria=False)
        .transform_lookup(lookup="id", from_=found)
        .transform_filter("isValid(datum.estimate)")
        .encode(color=color, tooltip=tooltip(alt))
    )
    small = (
        alt.Chart(rows)
        .transform_filter("isValid(datum.longitude)")
        .mark_circle(style="border", size=90, opacity=1, aria=False)
        .encode(
            longitude="longitude:Q",
            latitude="latitude:Q",
            color=color,
            tooltip=tooltip(alt),
        )
    )
    chart = alt.layer(land, countries, small).project(type="equalEarth")
    return specified(chart.properties(width="container"))

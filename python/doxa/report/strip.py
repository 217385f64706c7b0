"""The strip of years: the nearest wave of each country, as a Vega-Lite specification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doxa.report.drawing import by_order, finish, load_altair, steering_color, tooltip

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["wave_strip"]


def wave_strip(bands: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Draw the wave that is the nearest, country by country, on an axis of years.

    Rows hold ``name`` (country), ``order``, ``steering``, ``from`` and ``to`` (the years of the
    nearest wave), ``low`` and ``high`` (those of the interval of waves), ``open`` (whether any wave
    may be the nearest), ``value`` (the label at the right) and ``detail``.

    Parameters
    ----------
    bands : sequence of dict
        The waves: ``name``, ``from`` and ``to``.
    """
    alt = load_altair()
    ends = [min(band["from"] for band in bands), max(band["to"] for band in bands)]
    title = "Years of fieldwork" if ends[0] > 1000 else "Wave"
    axis = alt.Axis(title=title, format="d", tickCount=6, tickMinStep=1)
    scale = alt.Scale(domain=ends, nice=False)
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        y=alt.Y("name:N", sort=by_order(alt), title=None).axis(labelLimit=240),
        tooltip=tooltip(alt),
        color=steering_color(alt),
        opacity=alt.condition("datum.open", alt.value(0.4), alt.value(1)),
    )
    waves = alt.Chart(alt.NamedData(name="bands"))
    band = waves.mark_rect(style="land", opacity=0.45, aria=False).encode(
        x=alt.X("from:Q", scale=scale, axis=axis), x2="to:Q"
    )
    named = (
        waves.mark_text(style="reference-label", aria=False)
        .transform_calculate(middle="(datum.from + datum.to) / 2")
        .encode(x=alt.X("middle:Q", scale=scale), y=alt.value(-8), text="name:N")
    )
    interval = base.mark_rule(strokeWidth=2.5, aria=False).encode(
        x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q"
    )
    nearest = base.mark_bar(height=10, cornerRadius=2).encode(
        x=alt.X("from:Q", scale=scale, axis=axis), x2="to:Q"
    )
    value = (
        alt.Chart(alt.NamedData(name="rows"))
        .mark_text(align="left", dx=10, aria=False)
        .encode(
            y=alt.Y("name:N", sort=by_order(alt), title=None), x=alt.value("width"), text="value:N"
        )
    )
    specification = finish(alt.layer(band, named, interval, nearest, value), alt)
    # Altair would name inline data and put them where the page puts its rows.
    for layer in specification["layer"][:2]:
        layer["data"] = {"values": list(bands)}
    return specification

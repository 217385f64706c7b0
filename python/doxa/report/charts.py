"""The report's charts as Vega-Lite specifications without data and without colours.

Each function returns a specification whose data are named ``rows``; the page fills in the
rows that a reader selects, and `doxa.report.figures` the rows of one figure. Colours come from
`doxa.report.palette.chart_config`.
"""

from __future__ import annotations

from typing import Any, Final

from doxa.report.drawing import (
    by_order,
    estimates,
    finish,
    load_altair,
    ramp,
    steering_color,
    tooltip,
    zero_line,
)
from doxa.report.palette import CHANGE
from doxa.report.words import STATUS_NAMES

__all__ = [
    "distribution",
    "effects",
    "finding",
    "forest",
    "heat_map",
    "intervals",
    "reliability",
    "time",
]


def forest(domain: tuple[float, float]) -> dict[str, Any]:
    """Draw one country's alignment by condition: estimate, interval, ceiling, baseline.

    Rows hold ``name`` (condition), ``order``, ``steering``, ``estimate``, ``low``, ``high``,
    ``ceiling``, ``baseline``, ``value`` (the label at the right) and ``detail``.

    Parameters
    ----------
    domain : tuple of float
        Both ends of the alignment axis, the same for all countries.
    """
    alt = load_altair()
    scale = alt.Scale(domain=domain, nice=False)
    axis = alt.Axis(title="Alignment (1 = identical)", format=".2f", tickCount=6, labelFlush=False)
    y = alt.Y("name:N", sort=by_order(alt), title=None).axis(labelLimit=240)
    base = alt.Chart(alt.NamedData(name="rows")).encode(y=y, tooltip=tooltip(alt))

    def reference(field: str, dash: list[int]) -> Any:
        # One piece per row, as high as the row: pieces with equal values join into one line.
        return base.mark_rule(style="reference", strokeDash=dash, aria=False).encode(
            x=alt.X(f"{field}:Q", scale=scale, axis=axis),
            y=alt.Y("name:N", sort=by_order(alt), title=None, bandPosition=0),
            y2=alt.Y2("name:N", bandPosition=1),
        )

    def reference_label(field: str, align: str) -> Any:
        first = base.transform_window(rank="row_number()", sort=[alt.SortField("order")])
        return (
            first.transform_filter("datum.rank == 1")
            .mark_text(style="reference-label", align=align, dx=3 if align == "left" else -3)
            .encode(x=alt.X(f"{field}:Q", scale=scale), y=alt.value(-8), text=alt.value(field))
        )

    chart = alt.layer(
        reference("baseline", [4, 3]),
        reference("ceiling", [1, 0]),
        reference_label("baseline", "right"),
        reference_label("ceiling", "left"),
        *estimates(alt, base, scale, axis),
    )
    return finish(chart, alt)


_ROOM: Final = "bandwidth('x') > 60"
"""Whether a column's label can stand in two lines, steering above language: in one, the language
would be cut off. Labels of narrow columns are turned."""


def heat_map(
    domain: tuple[float, float], *, change: bool = False, legend: bool = False
) -> dict[str, Any]:
    """Draw alignment as a grid of conditions and countries.

    Rows hold ``name`` and ``order`` of the line, ``column`` and ``column_order``, ``estimate``,
    ``number`` (the text in the cell), ``targeted`` (whether the steering names this country) and
    ``detail``.

    Parameters
    ----------
    domain : tuple of float
        The alignments of the lightest and of the darkest colour.
    change : bool
        Whether the numbers are changes: the middle colour then stands for zero.
    legend : bool
        Whether the chart has its own legend; the page has one beside the chart.
    """
    alt = load_altair()
    scale, named = alt.Scale(domain=domain, clamp=True), ramp(alt)
    if change:
        named = ramp(alt, "Change of alignment")
        scale = alt.Scale(domain=[domain[0], 0, domain[1]], range=list(CHANGE), clamp=True)
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=alt.X("column:N", title=None, sort=alt.EncodingSortField(field="column_order", op="min"))
        .scale(paddingInner=0.02)
        .axis(
            orient="top",
            labelAngle=0,
            labelLimit=110,
            labelExpr=f"{_ROOM} ? split(datum.label, ' · ') : datum.label",
            labelPadding=alt.ExprRef(f"{_ROOM} && indexof(domain('x')[0], ' · ') > 0 ? 15 : 2"),
        ),
        y=alt.Y("name:N", sort=by_order(alt), title=None)
        .scale(paddingInner=0.06)
        .axis(labelLimit=240),
        tooltip=tooltip(alt),
    )
    cell = base.mark_rect(cornerRadius=2).encode(
        color=alt.Color("estimate:Q", legend=named if legend else None, scale=scale)
    )
    outline = (
        base.transform_filter("datum.targeted")
        .mark_rect(style="target", fill=None, strokeWidth=2.5, cornerRadius=2, aria=False)
        .encode()
    )
    # Where the ramp's luminance passes 0.18, white text becomes easier to read than black text.
    turn = domain[0] + 0.67 * (domain[1] - domain[0])
    number = base.mark_text(aria=False).encode(
        text="number:N",
        color=alt.condition(f"datum.estimate > {turn}", alt.value("#ffffff"), alt.value("#000000")),
    )
    return finish(alt.layer(cell, outline, number), alt)


def intervals() -> dict[str, Any]:
    """Draw estimates with their intervals, one below the other.

    Rows hold ``name``, ``order``, ``steering`` (for the colour), ``estimate``, ``low``, ``high``,
    ``value`` (the label at the right) and ``detail``. The first layer marks zero.
    """
    alt = load_altair()
    scale = alt.Scale(zero=False, nice=True)
    axis = alt.Axis(title=None, tickCount=4, labelOverlap=True)
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        y=alt.Y("name:N", sort=by_order(alt), title=None).axis(labelLimit=260),
        tooltip=tooltip(alt),
    )
    drawn = estimates(alt, base, scale, axis)
    return finish(alt.layer(zero_line(alt, base, scale), *drawn), alt)


def finding() -> dict[str, Any]:
    """Draw the few numbers of a finding, one below the other, with their intervals.

    Rows hold ``name``, ``order``, ``estimate``, ``low``, ``high``, ``expected`` (what the number
    were if there were nothing to find), ``told`` (whether the finding is of this one), ``value``
    (the label at the right) and ``detail``.
    """
    alt = load_altair()
    scale = alt.Scale(zero=False, nice=False, padding=8)
    axis = alt.Axis(title=None, tickCount=3, labelFlush=False, labelOverlap=True)
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        y=alt.Y("name:N", sort=by_order(alt), title=None).axis(labelLimit=130),
        tooltip=tooltip(alt),
    )
    paler = alt.condition("datum.told", alt.value(1), alt.value(0.55))
    expected = (
        alt.Chart(base.data)
        .mark_rule(style="reference", aria=False)
        .encode(x=alt.X("min(expected):Q", scale=scale, axis=axis))
    )
    x = alt.X("estimate:Q", scale=scale, axis=axis)
    interval = base.mark_rule(style="told", strokeWidth=2.5, aria=False).encode(
        x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", opacity=paler
    )
    point = base.mark_point(style="told", filled=True, size=70).encode(x=x, opacity=paler)
    value = base.mark_text(align="left", dx=8, aria=False).encode(
        x=alt.value("width"), text="value:N"
    )
    return finish(alt.layer(expected, interval, point, value), alt, row_height=22)


def time(domain: tuple[float, float]) -> dict[str, Any]:
    """Draw one country's alignment wave by wave, one line per way of asking.

    Rows hold ``wave``, ``way``, ``steering`` (for the colour), ``estimate``, ``low``, ``high``
    and ``detail``.

    Parameters
    ----------
    domain : tuple of float
        Both ends of the alignment axis, the same for all countries.
    """
    alt = load_altair()
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=alt.X("wave:O", title="Survey wave").axis(labelAngle=0, grid=False),
        detail="way:N",
        color=steering_color(alt),
        tooltip=tooltip(alt),
    )
    axis = alt.Axis(title="Alignment", format=".2f", tickCount=4)
    y = alt.Y("estimate:Q", axis=axis).scale(domain=domain, nice=False)
    shift = alt.XOffset("way:N")
    line = base.mark_line(strokeWidth=1.5, opacity=0.45, aria=False).encode(y=y, xOffset=shift)
    interval = base.mark_rule(strokeWidth=2, aria=False).encode(
        y=alt.Y("low:Q", axis=axis), y2="high:Q", xOffset=shift
    )
    point = base.mark_point(filled=True, size=50, opacity=1).encode(y=y, xOffset=shift)
    return finish(alt.layer(line, interval, point), alt, row_height=None)


def effects(domain: tuple[float, float]) -> dict[str, Any]:
    """Draw what one steering changes, country by country: difference, interval, zero.

    Rows hold ``name`` (country), ``order``, ``steering``, ``estimate``, ``low``, ``high``,
    ``targeted`` (whether the steering names this country), ``value`` (the label at the right)
    and ``detail``.

    Parameters
    ----------
    domain : tuple of float
        Both ends of the axis of differences, the same for all steerings.
    """
    alt = load_altair()
    scale = alt.Scale(domain=domain, nice=False)
    axis = alt.Axis(
        title="Change of alignment",
        format="+.2f",
        tickCount=4,
        labelFlush=False,
        labelOverlap=True,
    )
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        y=alt.Y("name:N", sort=by_order(alt), title=None).axis(labelLimit=240),
        tooltip=tooltip(alt),
    )
    interval, _, value = estimates(alt, base, scale, axis)
    # A disc in the page's colour hides the line behind an open point.
    disc = base.mark_point(style="page", filled=True, size=70, opacity=1, aria=False).encode(
        x=alt.X("estimate:Q", scale=scale, axis=axis)
    )
    point = base.mark_point(size=70, opacity=1, strokeWidth=2).encode(
        x=alt.X("estimate:Q", scale=scale, axis=axis),
        stroke=steering_color(alt, "Stroke"),
        fill=steering_color(alt, "Fill"),
        fillOpacity=alt.condition("datum.targeted", alt.value(1), alt.value(0)),
    )
    return finish(alt.layer(zero_line(alt, base, scale), interval, disc, point, value), alt)


def reliability(*, legend: bool = False) -> dict[str, Any]:
    """Draw the shares of replies by status, stacked, one bar per condition.

    Rows hold ``name``, ``order``, ``status_order`` (the status's position among
    `doxa.report.words.STATUS_NAMES`), ``share`` (0 to 1) and ``detail``.

    Parameters
    ----------
    legend : bool
        Whether the chart has its own legend; the page has one beside the chart.
    """
    alt = load_altair()
    color = alt.Color("status_order:O").scale(domain=list(range(len(STATUS_NAMES))))
    if legend:
        names = list(STATUS_NAMES.values())
        explained = alt.Legend(title=None, orient="top", labelExpr=f"{names}[datum.value]")
        color = color.legend(explained)
    else:
        color = color.legend(None)
    bar = (
        alt.Chart(alt.NamedData(name="rows"))
        .mark_bar(height=14)
        .encode(
            x=alt.X("share:Q", title="Share of replies")
            .scale(domain=[0, 1], nice=False)
            .axis(format=".0%", tickCount=5),
            y=alt.Y("name:N", sort=by_order(alt), title=None).axis(labelLimit=240),
            color=color,
            order="status_order:Q",
            tooltip=tooltip(alt),
        )
    )
    return finish(bar, alt)


def distribution() -> dict[str, Any]:
    """Draw the answers of people and of the model to one item, as shares by option.

    Rows hold ``option``, ``order``, ``who`` ("People" or "Model"), ``share`` (0 to 1),
    ``number`` (the label at the bar's end) and ``detail``.
    """
    alt = load_altair()
    who = ["People", "Model"]
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        y=alt.Y("option:N", sort=by_order(alt), title=None).axis(labelLimit=190),
        yOffset=alt.YOffset("who:N", sort=who),
        x=alt.X("share:Q", title="Share of answers on the scale")
        .scale(domainMin=0, nice=True)
        .axis(format=".0%", tickCount=5),
        tooltip=tooltip(alt),
    )
    bar = base.mark_bar().encode(color=alt.Color("who:N", legend=None).scale(domain=who))
    number = base.mark_text(align="left", dx=4, aria=False).encode(text="number:N")
    return finish(alt.layer(bar, number), alt, row_height=40)

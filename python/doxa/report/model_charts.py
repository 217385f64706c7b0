"""Charts of models side by side, as Vega-Lite specifications without data and without colours."""

from __future__ import annotations

from typing import Any

from doxa.report.drawing import by_order, finish, load_altair, tooltip

__all__ = ["board", "slopes"]


def board() -> dict[str, Any]:
    """Draw models, the closest first: estimate and interval; open points are published models.

    Rows hold ``name``, ``order``, ``published`` (bool), ``estimate``, ``low``, ``high``, ``value``
    (the label at the right) and ``detail``.
    """
    alt = load_altair()
    scale = alt.Scale(zero=False, nice=True)
    axis = alt.Axis(title="Alignment (1 = identical)", format=".2f", tickCount=5)
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        y=alt.Y("name:N", sort=by_order(alt), title=None).axis(labelLimit=260),
        tooltip=tooltip(alt),
    )
    interval = base.mark_rule(strokeWidth=2.5, aria=False).encode(
        x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", color=_kind(alt)
    )
    disc = base.mark_point(style="page", filled=True, size=70, opacity=1, aria=False).encode(
        x=alt.X("estimate:Q", scale=scale, axis=axis)
    )
    point = base.mark_point(size=70, opacity=1, strokeWidth=2).encode(
        x=alt.X("estimate:Q", scale=scale, axis=axis),
        stroke=_kind(alt, "Stroke"),
        fill=_kind(alt, "Fill"),
        fillOpacity=alt.condition("datum.published", alt.value(0), alt.value(1)),
    )
    value = base.mark_text(align="left", dx=10, aria=False).encode(
        x=alt.value("width"), text="value:N"
    )
    return finish(alt.layer(interval, disc, point, value), alt)


def _kind(alt: Any, channel: str = "Color") -> Any:
    return getattr(alt, channel)("published:N", legend=None).scale(domain=[True, False])


def slopes() -> dict[str, Any]:
    """Draw what a change of asking does to each model: a line from before to after.

    Rows hold ``side`` (the column, first or second), ``side_order``, ``model``, ``estimate``,
    ``chosen`` (bool: the model that the reader has chosen), ``label`` (a name at the right, or
    none) and ``detail``.
    """
    alt = load_altair()
    chosen = alt.condition("datum.chosen", alt.value(1), alt.value(0.4))
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=alt.X("side:N", title=None, sort=alt.EncodingSortField(field="side_order", op="min"))
        .scale(padding=0.25)
        .axis(labelAngle=0, grid=False, labelLimit=110),
        y=alt.Y("estimate:Q", title="Alignment").scale(zero=False, nice=True)
        .axis(format=".3f", tickCount=4),
        color=alt.Color("chosen:N", legend=None).scale(domain=[False, True]),
        tooltip=tooltip(alt),
    )  # fmt: skip
    line = base.mark_line(strokeWidth=2, aria=False).encode(detail="model:N", opacity=chosen)
    point = base.mark_point(filled=True, size=45).encode(opacity=chosen)
    label = (
        base.transform_filter("isValid(datum.label)")
        .mark_text(align="left", dx=8, aria=False, limit=120)
        .encode(text="label:N", color=alt.value("currentColor"))
    )
    return finish(alt.layer(line, point, label), alt, row_height=None)

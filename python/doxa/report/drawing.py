"""What all charts share: Altair, the page's files, the order of rows, tooltips, sizes."""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from typing import Any, Final

from doxa.outside.extras import require
from doxa.outside.unheard import unhearing
from doxa.report.words import STEERINGS

__all__ = [
    "asset",
    "by_order",
    "converted",
    "estimates",
    "finish",
    "load_altair",
    "ramp",
    "specified",
    "steering_color",
    "tooltip",
    "zero_line",
]

_ROW_HEIGHT: Final = 26
_TALL: Final = 220


def load_altair() -> Any:
    """Import Altair on first use, because it takes long."""
    return import_module("altair")


def asset(name: str) -> str:
    """Return the text of a file that pages carry."""
    return (files("doxa.report") / "assets" / name).read_text(encoding="utf-8")


def converted(function: str, *given: Any, **options: Any) -> Any:
    """Call a function of vl-convert, which computes for seconds and hears no Ctrl-C.

    Raises
    ------
    MissingExtraError
        vl-convert is not installed.
    """
    require("vl_convert")
    with unhearing():
        return getattr(import_module("vl_convert"), function)(*given, **options)


def by_order(alt: Any) -> Any:
    """Sort by the rows' field ``order``."""
    return alt.EncodingSortField(field="order", op="min")


def tooltip(alt: Any) -> Any:
    """Show the rows' field ``detail``."""
    return alt.Tooltip("detail:N", title=" ")


def ramp(alt: Any, title: str = "Alignment") -> Any:
    """Make the legend of colours that stand for numbers."""
    return alt.Legend(title=title, orient="bottom", format=".2f", tickCount=4)


def steering_color(alt: Any, channel: str = "Color") -> Any:
    """Colour by the rows' field ``steering``, on the channel Color, Fill or Stroke."""
    return getattr(alt, channel)("steering:N", legend=None).scale(domain=list(STEERINGS))


def zero_line(alt: Any, base: Any, scale: Any) -> Any:
    """Mark zero on the horizontal axis of a chart."""
    rule = alt.Chart(base.data).mark_rule(style="reference", aria=False)
    return rule.encode(x=alt.datum(0, type="quantitative", scale=scale))


def estimates(alt: Any, base: Any, scale: Any, axis: Any) -> tuple[Any, Any, Any]:
    """Draw the rows' estimates: a line from ``low`` to ``high``, a point, a label at the right."""
    color = steering_color(alt)
    interval = base.mark_rule(strokeWidth=2.5, aria=False).encode(
        x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", color=color
    )
    point = base.mark_point(filled=True, size=70, opacity=1).encode(
        x=alt.X("estimate:Q", scale=scale, axis=axis), color=color
    )
    value = base.mark_text(align="left", dx=10, aria=False).encode(
        x=alt.value("width"), text="value:N"
    )
    return interval, point, value


def finish(chart: Any, alt: Any, *, row_height: int | None = _ROW_HEIGHT) -> dict[str, Any]:
    """Return a chart's specification, as wide as its container, with its height by row or fixed."""
    fit = alt.AutoSizeParams(type="fit-x", contains="padding")
    height = alt.Step(row_height) if row_height else _TALL
    return specified(chart.properties(width="container", height=height, autosize=fit))


def specified(chart: Any) -> dict[str, Any]:
    """Return a chart's specification without Altair's own configuration."""
    specification: dict[str, Any] = chart.to_dict()
    specification.pop("config", None)
    return specification

"""The report's colours, in one place for the page, its charts and the figures on disk.

The series colours are those of Okabe and Ito (2008), told apart by people with the common kinds
of colour blindness; the dark theme uses lighter shades of the same hues. Every mark has a
contrast of at least 3 : 1 with its background, every text of at least 4.5 : 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CHANGE",
    "DARK",
    "FONT",
    "HEAT",
    "LIGHT",
    "chart_config",
    "css_names",
]

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", sans-serif'

LIGHT = {
    "page": "#ffffff",
    "surface": "#f5f6f7",
    "ink": "#1b1d21",
    "muted": "#575d68",
    "line": "#d5d9df",
    "border": "#ffffff",
    "accent": "#00609a",
    "notice": "#fdf3df",
    "notice-line": "#b57a00",
    "series-1": "#5b616c",
    "series-2": "#0072b2",
    "series-3": "#d55e00",
    "series-4": "#008562",
}
DARK = {
    "page": "#15171b",
    "surface": "#1f2228",
    "ink": "#eceef1",
    "muted": "#a9afba",
    "line": "#3a3f49",
    "border": "#a9afba",
    "accent": "#7cc0f2",
    "notice": "#2f2817",
    "notice-line": "#d9a437",
    "series-1": "#b3b9c4",
    "series-2": "#56b4e9",
    "series-3": "#f28e4b",
    "series-4": "#3cc79f",
}

# Light to dark in one hue, the same in both themes: each cell carries its own background.
HEAT = ("#eef4fa", "#a9cbe6", "#5a9bcb", "#1f6aa5", "#0b3c68")

# Changes from less to more, told apart by people with the common kinds of colour blindness.
CHANGE = ("#b35806", "#f7f7f7", "#542788")


def css_names() -> dict[str, str]:
    """Return each colour as a reference to the page's CSS variable of that name."""
    return {name: f"var(--{name})" for name in LIGHT}


def chart_config(colours: Mapping[str, str]) -> dict[str, Any]:
    """Build the Vega-Lite configuration that all charts share.

    Parameters
    ----------
    colours : mapping of str to str
        A colour for every name in `LIGHT`: plain colours for figures on disk; CSS variables
        on the page, so that one chart serves both themes and the printer.

    Returns
    -------
    dict
        A Vega-Lite ``config``.
    """
    return {
        "font": FONT,
        "background": "transparent",
        "view": {"stroke": None},
        "text": {"color": colours["ink"], "fontSize": 12},
        "axis": {
            "domain": False,
            "ticks": False,
            "grid": False,
            "labelColor": colours["ink"],
            "labelFontSize": 12,
            "labelPadding": 6,
            "titleColor": colours["muted"],
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "gridColor": colours["line"],
        },
        "axisQuantitative": {
            "grid": True,
            "gridColor": colours["line"],
            "labelColor": colours["muted"],
        },
        "title": {"color": colours["ink"], "anchor": "start", "fontSize": 14},
        "header": {"labelColor": colours["ink"], "titleColor": colours["muted"]},
        "legend": {
            "labelColor": colours["ink"],
            "titleColor": colours["muted"],
            "labelFontSize": 12,
            "symbolStrokeWidth": 0,
        },
        "style": {
            "reference": {"stroke": colours["muted"], "color": colours["muted"]},
            "reference-label": {"color": colours["muted"], "fontSize": 11},
            "page": {"color": colours["page"]},
            # Of the marks of a Vega specification, which has no `color`.
            "ink": {"fill": colours["ink"]},
            "quiet": {"fill": colours["muted"]},
            "told": {"color": colours["accent"], "stroke": colours["accent"]},
            "target": {"stroke": colours["ink"]},
            "land": {"color": colours["line"], "stroke": colours["page"], "strokeWidth": 0.5},
            "border": {"stroke": colours["border"], "strokeWidth": 0.75},
        },
        "range": {
            # Of the steerings, in the order of `doxa.report.words.STEERINGS`.
            "category": [colours[f"series-{number}"] for number in (1, 2, 3, 4)],
            # Of people, then of the steerings: none is to stand out from people.
            "places": [
                colours["muted"],
                colours["ink"],
                *(colours[f"series-{number}"] for number in (2, 3, 4)),
            ],
            "heatmap": list(HEAT),
            # Of the verdicts, in the order of `doxa.report.words.VERDICT_NAMES`.
            "diverging": [colours["series-3"], colours["series-1"], colours["series-2"]],
            # Of the statuses of replies, in the order of `doxa.report.words.STATUS_NAMES`.
            "ordinal": [
                colours["series-2"],
                colours["series-3"],
                colours["series-1"],
                colours["series-4"],
                colours["ink"],
            ],
        },
    }

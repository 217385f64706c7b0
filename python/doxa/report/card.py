"""The picture that sites show beside a link to the page: title, sentence, map, first countries."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

import polars as pl

from doxa.errors import ReportError
from doxa.outside.extras import require
from doxa.report.drawing import converted
from doxa.report.maps import world, world_map
from doxa.report.palette import HEAT, LIGHT, chart_config
from doxa.report.payload import axis_domain
from doxa.report.tables import with_condition
from doxa.report.words import with_interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.report.tables import ShownCondition
    from doxa.report.words import Names

__all__ = ["card", "card_address"]

_WIDTH: Final = 1200
_HEIGHT: Final = 630
_MAP: Final = (660, 317)
_MARGIN: Final = 48
_MOST: Final = 7
_LINE: Final = 86
"""Letters of the sentence that a line has room for, and below, of the title and a country."""
_HEADLINE: Final = 46
_NAME: Final = 20


def card_address(address: str) -> str:
    """Tell where the picture of a page lies on the web: ``card.png`` beside the page.

    Raises
    ------
    ReportError
        This is no address of a page on the web.

    Examples
    --------
    >>> card_address("https://example.org/opinions/report.html")
    'https://example.org/opinions/card.png'
    """
    found = re.fullmatch(r"(https?://[^/\s?#]+)(/[^\s?#]*)?", address)
    if not found:
        raise ReportError(
            f"{address!r} is not where a page can be found: give its whole address, such as "
            "https://example.org/report.html"
        )
    folder = (found[2] or "/").rpartition("/")[0]
    return f"{found[1]}{folder}/card.png"


def card(
    alignment: pl.DataFrame,
    view: Mapping[str, Any],
    conditions: Sequence[ShownCondition],
    names: Names,
    *,
    title: str,
    sentence: str,
) -> bytes:
    """Draw what the page shows first, as a PNG of 1,200 by 630 pixels.

    Parameters
    ----------
    alignment : polars.DataFrame
        As `doxa.analysis.country_alignment` gives it.
    view : mapping
        The `model`, `elicitation`, `wave` and `way` that the page shows first.
    conditions : sequence of ShownCondition
        Those of the report.
    names : Names
        What countries are called.
    title, sentence : str
        The page's heading and its first sentence, which are cut where they are too long.

    Returns
    -------
    bytes

    Raises
    ------
    MissingExtraError
        vl-convert is not installed.
    """
    require("vl_convert")
    ways = [number for number, asked in enumerate(conditions) if asked.way == view["way"]]
    rows = with_condition(alignment.drop_nulls("estimate"), conditions).filter(
        pl.col("condition").is_in(ways),
        *(pl.col(key) == view[key] for key in ("model", "elicitation", "wave")),
    )
    first = rows.sort("estimate", descending=True, maintain_order=True)
    svg = _page(
        textwrap.shorten(title, _HEADLINE, placeholder=" …"),
        textwrap.wrap(sentence, _LINE, max_lines=4, placeholder=" …"),
        _map(rows, axis_domain(alignment, ("estimate",))),
        [
            (
                textwrap.shorten(names.country(row["country"]), _NAME, placeholder=" …"),
                with_interval(row["estimate"], row["low"], row["high"]),
            )
            for row in first.head(_MOST).iter_rows(named=True)
        ],
    )
    png: bytes = converted("svg_to_png", svg, scale=1)
    return png


def _map(rows: pl.DataFrame, domain: tuple[float, float]) -> str:
    points = world()["points"]
    values = [
        row
        | dict(
            zip(("longitude", "latitude"), points.get(row["country"]) or (None, None), strict=True)
        )
        for row in rows.select("country", "estimate").iter_rows(named=True)
    ]
    width, height = _MAP
    drawn: str = converted(
        "vegalite_to_svg",
        world_map(domain)
        | {"width": width, "height": height, "padding": 0, "config": chart_config(LIGHT)}
        | {"datasets": {"rows": values, "world": world()}},
    )
    return drawn


def _page(title: str, sentence: list[str], drawn: str, ranked: list[tuple[str, str]]) -> str:
    """Put the parts onto one sheet."""
    top = 112
    below = top + 34 * len(sentence) + 14
    lines = [
        _text(_MARGIN, 76, 44, title, weight=700),
        *(_text(_MARGIN, top + 34 * i + 10, 26, line) for i, line in enumerate(sentence)),
        _text(_MARGIN, _HEIGHT - 24, 19, "doxa: alignment with people’s answers, by country",
              colour="muted"),
    ]  # fmt: skip
    left = _MARGIN + _MAP[0] + 36
    step = min(44, (_HEIGHT - 70 - below) // max(len(ranked), 1))
    for i, (name, value) in enumerate(ranked):
        y = below + step * i + 30
        lines.append(_text(left, y, 23, f"{i + 1}  {name}"))
        lines.append(_text(_WIDTH - _MARGIN, y, 21, value, colour="muted", end=True))
    placed = drawn.replace("<svg ", f'<svg x="{_MARGIN}" y="{below}" ', 1)
    bar = f'<rect width="{_WIDTH}" height="10" fill="{HEAT[-2]}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}">'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="{LIGHT["page"]}"/>{bar}'
        f"{placed}{''.join(lines)}</svg>"
    )


def _text(
    x: int, y: int, size: int, text: str, *, weight: int = 400, colour: str = "ink",
    end: bool = False,
) -> str:  # fmt: skip
    anchor = ' text-anchor="end"' if end else ""
    return (
        f'<text x="{x}" y="{y}" font-family="sans-serif" font-size="{size}" '
        f'font-weight="{weight}" fill="{LIGHT[colour]}"{anchor}>{escape(text)}</text>'
    )

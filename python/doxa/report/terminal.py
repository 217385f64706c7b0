"""The alignment table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from doxa.analysis.parts.notes import FEW_RESPONDENTS
from doxa.outside.quoting import shown
from doxa.prompt import OFF
from doxa.report.words import elicitation_name, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

__all__ = ["alignment_table"]

_FEW: Final = f"fewer than {FEW_RESPONDENTS} effective respondents"


def alignment_table(alignment: pl.DataFrame, confidence: float) -> Group:
    """Lay out an alignment table for a terminal of 80 columns.

    Parameters
    ----------
    alignment : polars.DataFrame
        What `doxa.analysis.country_alignment` returns.
    confidence : float
        Confidence of the intervals, in (0, 1).

    Returns
    -------
    rich.console.Group
        One table for each model and elicitation, sorted by country.
    """
    blocks = alignment.partition_by("model", "elicitation")
    return Group(*(_table(block, confidence) for block in blocks))


def _table(block: pl.DataFrame, confidence: float) -> Table:
    model, elicitation = map(str, block.select("model", "elicitation").row(0))
    n_items = sorted(set(block["n_items"]))
    least = f"{n_items[0]} to " if n_items[0] < n_items[-1] else ""
    items = least + plural(n_items[-1], "item")
    table = Table(
        title=Text(shown(f"\n{model}: {elicitation_name(elicitation)}, {items}")),
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="dim",
    )
    groups = _groups(block)
    table.add_column(
        "population" if groups else "country", no_wrap=not groups, overflow="fold",
        min_width=11 if groups else None,
    )  # fmt: skip
    thinks = (block["reasoning"] != OFF).any()
    for name in ("language", "steering", *(["reasoning"] if thinks else [])):
        table.add_column(name, no_wrap=True)
    scores = (f"alignment [{100 * confidence:g} %]", "uni-\nform", "base-\nline", "ceil-\ning")
    for name in scores:
        table.add_column(Text(name), justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    country = None
    order = ("country", *groups, "steering", "language", "reasoning")
    for row in block.sort(order).iter_rows(named=True):
        if country not in (None, row["country"]):
            table.add_section()
        country = row["country"]
        cells = (
            _population(row, groups),
            row["language"],
            row["steering"],
            *([row["reasoning"]] if thinks else []),
            _estimate(row),
            _number(row["uniform"]),
            _number(row["baseline"]),
            _number(row["ceiling"]),
            row["verdict"] or "–",
        )
        table.add_row(*(Text(shown(cell)) for cell in cells))
    if "note" in block.columns and block["note"].str.contains(_FEW, literal=True).any():
        table.caption = Text(f"* {_FEW} in some or all items")
        table.caption_justify = "left"
    return table


def _groups(table: pl.DataFrame) -> list[str]:
    """List the columns that tell the populations of a country apart."""
    names = table.columns
    return names[names.index("wave") + 1 : names.index("n_items")]


def _population(row: Mapping[str, Any], groups: Sequence[str]) -> str:
    mark = "*" if _FEW in (row.get("note") or "") else ""
    named = ", ".join(row[name] for name in groups if row[name])
    return f"{row['country']}{mark} {named}".rstrip()


def _estimate(row: Mapping[str, float | None]) -> str:
    interval = f"{_number(row['low'])}, {_number(row['high'])}"
    return f"{_number(row['estimate'])} [{interval}]"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"

"""The alignment table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

__all__ = ["alignment_table"]

_ELICITATIONS = {"logprobs": "option probabilities", "verbalized": "verbalised shares"}


def alignment_table(alignment: pl.DataFrame, *, confidence: float = 0.95) -> Table:
    """Lay an alignment table out for a terminal.

    Parameters
    ----------
    alignment : polars.DataFrame
        What `doxa.analysis.country_alignment` returns.
    confidence : float
        The level of the intervals, named in the heading.

    Returns
    -------
    rich.table.Table
        One line a row, grouped by model and elicitation, countries together.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("read from")
    table.add_column("country")
    table.add_column("prompt language")
    table.add_column("steering")
    table.add_column(f"alignment [{confidence:.0%} interval]".replace("[", r"\["), justify="right")
    table.add_column("baseline", justify="right")
    table.add_column("ceiling", justify="right")
    table.add_column("verdict")
    table.add_column("items", justify="right")
    keys = ["model", "elicitation", "country", "steering", "language"]
    block = None
    for row in alignment.sort(keys).iter_rows(named=True):
        heading = (row["model"], row["elicitation"], row["country"])
        if block is not None and heading != block:
            table.add_section()
        block = heading
        table.add_row(
            _ELICITATIONS.get(row["elicitation"], row["elicitation"]),
            row["country"],
            row["language"],
            row["steering"],
            _estimate(row),
            _number(row["baseline"]),
            _number(row["ceiling"]),
            row["verdict"] or "–",
            str(row["n_items"]),
        )
    return table


def _estimate(row: Mapping[str, float | None]) -> str:
    interval = f"{_number(row['low'])}, {_number(row['high'])}"
    return rf"{_number(row['estimate'])} \[{interval}]"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"

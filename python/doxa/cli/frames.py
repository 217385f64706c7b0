"""Write any frame to the terminal, as JSON lines, or to a file."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl
from rich.table import Table
from rich.text import Text

from doxa.cli.console import stderr, stdout
from doxa.cli.plain import put
from doxa.outside.quoting import shown
from doxa.store.export import export_replies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

__all__ = ["put_frame", "show_frame"]

_ESTIMATES: Final = ("estimate", "alignment")
_WIDEST: Final = 40


def put_frame(frame: pl.DataFrame, *, title: str, as_json: bool, out: Path | None) -> None:
    """Write a frame where the user wants it: to a file, as JSON lines, or to the terminal."""
    if out is not None:
        export_replies(frame, out)
        stderr.print(f"{frame.height} rows in {out}", markup=False)
    elif as_json:
        put(frame.write_ndjson())
    else:
        show_frame(frame, title=title)


def show_frame(frame: pl.DataFrame, *, title: str, console: Console = stdout) -> None:
    """Print a frame that may be wider than the terminal.

    A value that all rows share is printed once, above the table, and so are the keys of an only
    row that does not fit. Columns that do not fit follow in further tables, each with the key
    columns.
    """
    console.print(f"\n{title}", style="bold", markup=False)
    if frame.is_empty():
        console.print("no rows")
        return
    if frame.height > 1:
        same = [name for name in frame.columns if _is_constant(frame[name])]
    else:
        needed = sum(max(len(name), len(_text(frame[name][0]))) + 2 for name in frame.columns)
        same = _keys(frame, frame.columns[:-1]) if needed > console.width else []
    caption = [f"{name} {_text(frame[name][0])}" for name in same if _text(frame[name][0])]
    if caption:
        console.print(" · ".join(caption), style="dim", markup=False)
    cells = {name: list(map(_text, frame[name])) for name in frame.columns if name not in same}
    cells = _with_intervals(cells)
    numeric = {name for name, kind in frame.schema.items() if kind.is_numeric()}
    keys = _keys(frame, list(cells))
    widths = {name: max(len(name), *map(len, column)) + 2 for name, column in cells.items()}
    others = sum(widths.values()) - max(widths.values(), default=0)
    widest = max(_WIDEST, console.width - others - 2)
    widths = {name: min(widest + 2, width) for name, width in widths.items()}
    for names in _chunks(widths, keys, console.width):
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for name in names:
            table.add_column(
                Text(shown(name)),
                justify="right" if name in numeric else "left",
                overflow="fold",
                max_width=widest,
            )
        for row in zip(*(cells[name] for name in names), strict=True):
            table.add_row(*map(Text, row))
        console.print(table)


def _is_constant(column: pl.Series) -> bool:
    return column.n_unique() == 1


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case float() if 0 < abs(value) < 5e-4:  # "0.000" would say that it is nothing
            return f"{value:.1g}"
        case float():
            return f"{value:.3f}" if abs(value) < 1e5 else f"{value:.3g}"
        case list() | pl.Series():
            return ", ".join(map(_text, value))
        case _:
            return shown(str(value))


def _with_intervals(cells: dict[str, list[str]]) -> dict[str, list[str]]:
    """Show each interval beside its estimate, in one column."""
    found = dict(cells)
    for name in cells:
        prefix = "" if name in _ESTIMATES else f"{name}_"
        low, high = f"{prefix}low", f"{prefix}high"
        if low in found and high in found:
            ends = zip(cells[name], found.pop(low), found.pop(high), strict=True)
            found[name] = [f"{value} [{a}, {b}]" if a else value for value, a, b in ends]
    return found


def _keys(frame: pl.DataFrame, names: list[str]) -> list[str]:
    """Return the key columns: texts that stand before the first column of another kind."""
    return list(takewhile(lambda name: frame.schema[name] == pl.String and name != "note", names))


def _chunks(widths: dict[str, int], keys: list[str], width: int) -> Iterator[list[str]]:
    """Split the columns into tables that fit the width, each with the key columns."""
    start = sum(widths[name] for name in keys)
    chunk: list[str] = []
    used = start
    for name in widths:
        if name in keys:
            continue
        if chunk and used + widths[name] > width:
            yield [*keys, *chunk]
            chunk, used = [], start
        chunk.append(name)
        used += widths[name]
    if chunk or keys:
        yield [*keys, *chunk]

"""The report's tables as files of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from doxa.errors import ReportError
from doxa.files import reason
from doxa.report.latex import latex_table

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["cannot_write", "write_tables"]


def write_tables(
    folder: Path | str,
    tables: Mapping[str, pl.DataFrame],
    *,
    titles: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write tables, each as CSV, as Parquet and for LaTeX.

    Parameters
    ----------
    folder : pathlib.Path or str
        Where to; it is made where it does not exist.
    tables : mapping of str to polars.DataFrame
        The tables by the name of their file. In CSV, lists are written as JSON; a table that
        holds lists, item by item or reply by reply, is no table for a page and gets no LaTeX.
    titles : mapping of str to str, optional
        The captions of the LaTeX tables, by the same names; by default the name.

    Returns
    -------
    list of pathlib.Path
        The files written.

    Raises
    ------
    ReportError
        A file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [p.name for p in write_tables(folder, {"scores": pl.DataFrame({"x": [1]})})]
    ['scores.csv', 'scores.parquet', 'scores.tex']
    """
    folder = Path(folder)
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            csv, parquet = folder / f"{name}.csv", folder / f"{name}.parquet"
            lists = pl.selectors.list()
            as_json = lists.map_elements(
                lambda values: json.dumps(values.to_list()), return_dtype=pl.String
            )
            table.with_columns(as_json).write_csv(csv)
            table.write_parquet(parquet)
            written += [csv, parquet]
            if not table.select(lists).width:
                latex = folder / f"{name}.tex"
                caption = (titles or {}).get(name, name)
                latex.write_text(latex_table(table, caption, name) + "\n", encoding="utf-8")
                written.append(latex)
    except OSError as error:
        raise cannot_write(folder, error) from None
    return written


def cannot_write(folder: Path, error: OSError) -> ReportError:
    """Say in one line why a file cannot be written."""
    return ReportError(f"cannot write into {folder}: {reason(error)}; choose another place")

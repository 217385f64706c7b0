"""The report's tables as files of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from doxa.errors import ReportError
from doxa.evaluate import TABLES, make_tables
from doxa.files import reason
from doxa.report.latex import latex_table

if TYPE_CHECKING:
    from doxa.evaluate import Evaluation

__all__ = ["cannot_write", "write_tables"]


def write_tables(folder: Path | str, evaluation: Evaluation) -> list[Path]:
    """Write every table of an evaluation, each as CSV, as Parquet and for LaTeX.

    Parameters
    ----------
    folder : pathlib.Path or str
        Folder to write to; it is created if missing.
    evaluation : Evaluation
        As `doxa.evaluate.evaluate` gives it. Files have the names of `doxa.evaluate.TABLES`;
        tables without data are left out. In CSV, lists are written as JSON. Tables with lists
        are too long for a page and get no LaTeX file.

    Returns
    -------
    list of pathlib.Path
        The files written.

    Raises
    ------
    ReportError
        A file cannot be written.
    """
    folder = Path(folder)
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in make_tables(evaluation).items():
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
                text = latex_table(table, TABLES[name].title, name)
                latex.write_text(text + "\n", encoding="utf-8")
                written.append(latex)
    except OSError as error:
        raise cannot_write(folder, error) from None
    return written


def cannot_write(folder: Path, error: OSError) -> ReportError:
    """Say in one line why a file cannot be written."""
    return ReportError(f"cannot write into {folder}: {reason(error)}; choose another place")

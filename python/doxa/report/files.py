"""The report's tables as files of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from doxa.errors import ReportError
from doxa.evaluate import TABLES, make_tables
from doxa.files import reason, replacing
from doxa.files.saving import save_table
from doxa.report.latex import latex_table
from doxa.report.paper import paper_form
from doxa.report.words import Names

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
        tables without data are left out. Each file is replaced only when the new one is
        complete. In CSV, lists are written as JSON, and an apostrophe stands before text that a
        spreadsheet would take for a formula. LaTeX files have the form of `doxa.report.paper`:
        six columns at most. Tables with lists are too long for a page and get none.

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
    ...     written = write_tables(folder, evaluation)
    >>> sorted(path.name for path in written)[:3]
    ['alignment.csv', 'alignment.parquet', 'alignment.tex']
    """
    folder = Path(folder)
    names = Names(evaluation.bank)
    written = []
    try:
        for name, table in make_tables(evaluation).items():
            for ending in (".csv", ".parquet"):
                save_table(table, folder / f"{name}{ending}")
                written.append(folder / f"{name}{ending}")
            if not table.select(pl.selectors.list()).width:
                latex = folder / f"{name}.tex"
                shown, said = paper_form(table, names)
                title = TABLES[name].title
                caption = ". ".join([title[:1].upper() + title[1:], *said])
                with replacing(latex) as partial:
                    text = latex_table(shown, caption, name)
                    partial.write_text(text + "\n", encoding="utf-8")
                written.append(latex)
    except OSError as error:
        raise cannot_write(folder, error) from None
    return written


def cannot_write(folder: Path, error: OSError) -> ReportError:
    """Say in one line why a file cannot be written."""
    return ReportError(f"cannot write into {folder}: {reason(error)}; choose another place")

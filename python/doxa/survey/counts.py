"""Human counts: how many respondents of a population gave which answer."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from doxa.errors import SurveyError
from doxa.files import reason
from doxa.survey.manifest import count_files

__all__ = ["COUNT_COLUMNS", "check_counts", "read_counts"]

COUNT_COLUMNS: Final[dict[str, type[pl.DataType]]] = {
    "survey": pl.String,
    "wave": pl.Int64,
    "country": pl.String,
    "question": pl.String,
    "code": pl.Int64,
    "n": pl.Float64,
    "weighted_n": pl.Float64,
    "n_effective": pl.Float64,
}
"""The columns of human counts, in order. Any further column is a grouping key."""

_MEASURES: Final = ("n", "weighted_n", "n_effective")
_REQUIRED: Final = ("wave", "country", "question", "code", "n")
_PARQUET_MAGIC: Final = b"PAR1"


def read_counts(path: str | Path, *, survey: str | None = None) -> pl.DataFrame:
    r"""Read human counts from a CSV or Parquet file.

    The file has one row per population, question and code, with the columns `wave`,
    `country` (alpha-3), `question`, `code` and `n`. Three columns may be left out: `weighted_n`
    (default: `n`), `survey`, and `n_effective`, Kish's effective number of valid answers to the
    question, which is the same on each of its rows (default: the sum of `n`). Negative codes
    stand for missing answers. Any further column, such as `sex`, is a grouping key.

    Parameters
    ----------
    path : str or Path
        A CSV or Parquet file, recognised by its content, or a folder that
        `doxa.survey.import_files` wrote. A folder gives the counts of all its imports.
    survey : str, optional
        The survey's name, for a file without a `survey` column. Default: the file's name
        without its ending.

    Returns
    -------
    polars.DataFrame
        Columns as in `COUNT_COLUMNS`, then the grouping keys.

    Raises
    ------
    SurveyError
        The file cannot be read, lacks a column, or holds a value that is not allowed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "mine.csv")
    ...     _ = path.write_text("wave,country,question,code,n\n7,JPN,Q1,1,3\n7,JPN,Q1,2,1\n")
    ...     counts = read_counts(path)
    >>> counts.select("survey", "code", "n", "n_effective").rows()
    [('mine', 1, 3.0, 4.0), ('mine', 2, 1.0, 4.0)]
    """
    path = Path(path)
    if path.is_dir():
        return pl.concat([read_counts(file) for file in count_files(path)], how="diagonal")
    try:
        with path.open("rb") as file:
            is_parquet = file.read(len(_PARQUET_MAGIC)) == _PARQUET_MAGIC
        # Everything is read as text from CSV: a value that does not fit then has a row number.
        frame = pl.read_parquet(path) if is_parquet else pl.read_csv(path, infer_schema=False)
    except OSError as error:
        raise SurveyError(f"{path}: cannot be read ({reason(error)})") from None
    except pl.exceptions.PolarsError as error:
        raise SurveyError(f"{path}: neither Parquet nor CSV ({reason(error)})") from None
    return check_counts(frame, str(path), survey=survey or path.stem)


def check_counts(frame: pl.DataFrame, source: str, *, survey: str = "") -> pl.DataFrame:
    """Check human counts, fill in the optional columns, and put the columns in order.

    Parameters
    ----------
    frame : polars.DataFrame
        Counts as `read_counts` describes them.
    source : str
        What messages call the frame, such as the name of its file.
    survey : str
        The survey's name, for a frame without a `survey` column.

    Returns
    -------
    polars.DataFrame
        Columns as in `COUNT_COLUMNS`, then the grouping keys. `n` and `n_effective` are null
        where the source gives shares but not the number of respondents.

    Raises
    ------
    SurveyError
        A column is missing, a value is not allowed, or a row is repeated.

    Examples
    --------
    >>> check_counts(pl.DataFrame({"country": ["JPN"]}), "a.csv")
    Traceback (most recent call last):
        ...
    doxa.errors.SurveyError: a.csv: no column 'wave': counts need wave, country, question, code, n
    """
    for name in _REQUIRED:
        if name not in frame.columns:
            raise SurveyError(f"{source}: no column {name!r}: counts need {', '.join(_REQUIRED)}")
    if frame.is_empty():
        raise SurveyError(f"{source}: holds no counts: give at least one row")
    if "survey" not in frame.columns:
        frame = frame.with_columns(survey=pl.lit(survey))
    if "weighted_n" not in frame.columns:
        frame = frame.with_columns(weighted_n="n")
    frame = _cast(frame, source)
    if "n_effective" not in frame.columns:
        valid_n = pl.when(pl.col("code") >= 0).then("n")
        population = [name for name in frame.columns if name not in ("code", *_MEASURES)]
        frame = frame.with_columns(n_effective=valid_n.sum().over(population))
    extra = [name for name in frame.columns if name not in COUNT_COLUMNS]
    frame = frame.select(*COUNT_COLUMNS, *extra)
    _check_values(frame, source)
    return frame


def _cast(frame: pl.DataFrame, source: str) -> pl.DataFrame:
    """Give each column its type; name the first value that does not fit."""
    for name, dtype in COUNT_COLUMNS.items():
        if name not in frame.columns:
            continue
        cast = frame[name].cast(dtype, strict=False)
        if dtype == pl.Int64 and frame[name].dtype.is_float():
            cast = pl.select(pl.when(frame[name] == cast).then(cast)).to_series()
        lost = cast.is_null() & frame[name].is_not_null()
        if lost.any():
            row = lost.arg_max() or 0
            kind = "a whole number" if dtype == pl.Int64 else "a number"
            raise SurveyError(
                f"{source}: row {row}, column {name!r}: {frame[name][row]!r} is not {kind}"
            )
        frame = frame.with_columns(cast.alias(name))
    return frame


def _check_values(frame: pl.DataFrame, source: str) -> None:
    known = [name for name in COUNT_COLUMNS if name not in ("n", "n_effective")]
    keys = [name for name in frame.columns if name not in _MEASURES]
    _reject(frame, source, pl.any_horizontal(pl.col(known).is_null()), "a value is missing")
    for name in _MEASURES:
        _reject(
            frame,
            source,
            ~pl.col(name).is_finite() | (pl.col(name) < 0),
            f"{name} must be a finite number, 0 or more",
            name,
        )
    _reject(
        frame,
        source,
        ~pl.col("country").str.contains(r"^[A-Z]{3}$"),
        "a country is an ISO 3166-1 alpha-3 code such as JPN",
        "country",
    )
    _reject(
        frame,
        source,
        pl.struct(keys).is_duplicated(),
        f"repeated: there must be one row for each {', '.join(keys)}",
    )
    question = [name for name in keys if name != "code"]
    _reject(
        frame,
        source,
        pl.col("n_effective").n_unique().over(question) > 1,
        "n_effective must be the same on all rows of a question",
        "n_effective",
    )


def _reject(
    frame: pl.DataFrame, source: str, bad: pl.Expr, remedy: str, column: str | None = None
) -> None:
    """Raise a SurveyError about the first row for which `bad` holds."""
    rows = frame.select(bad.fill_null(value=False)).to_series()
    if not rows.any():
        return
    row = rows.arg_max() or 0
    at = frame.row(row, named=True)
    shown = ["wave", "country", "question", "code"]
    if column and column not in shown:
        shown.append(column)
    values = ", ".join(f"{name} {at[name]}" for name in shown)
    raise SurveyError(f"{source}: row {row} ({values}): {remedy}")

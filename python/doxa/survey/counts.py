"""Human counts: how many respondents of a population gave which answer, or which share did.

A question in a population has counts, made from respondents (`n`, `weighted_n`, `n_effective`), or
shares that somebody published (`share`, `rounding`, `respondents`), never both.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.errors import FileError, SurveyError
from doxa.files.tables import is_parquet, read_csv, read_parquet
from doxa.survey.manifest import count_files, read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["COUNT_COLUMNS", "SUM_TOLERANCE", "check_counts", "complete_counts", "read_counts"]

COUNT_COLUMNS: Final[dict[str, type[pl.DataType]]] = {
    "survey": pl.String,
    "wave": pl.Int64,
    "country": pl.String,
    "question": pl.String,
    "code": pl.Int64,
    "n": pl.Float64,
    "weighted_n": pl.Float64,
    "n_effective": pl.Float64,
    "share": pl.Float64,
    "share_unweighted": pl.Float64,
    "rounding": pl.Float64,
    "respondents": pl.Float64,
    "weighted": pl.Boolean,
    "source": pl.String,
}
"""The columns of human counts, in order. Any further column is a grouping key."""

_MEASURES: Final = tuple(COUNT_COLUMNS)[5:]
_NUMBERS: Final = _MEASURES[:-2]
_REQUIRED: Final = ("wave", "country", "question", "code")
_OF_QUESTION: Final = ("n_effective", "rounding", "respondents", "weighted", "source")
SUM_TOLERANCE: Final = 0.02
"""Published shares of a question, each rounded, add up to 1 only about."""


def read_counts(path: str | Path, *, survey: str | None = None) -> pl.DataFrame:
    r"""Read human counts from a CSV or Parquet file.

    The file has one row per population, question and code, with the columns `wave`,
    `country` (alpha-3), `question`, `code`, and `n` or `share`. Negative codes stand for missing
    answers. All other columns may be left out:

    ``survey``
        The survey's name.
    ``n``, ``weighted_n``, ``n_effective``
        Respondents who gave the answer; the sum of their weights (default: `n`); Kish's effective
        number of valid answers to the question, the same on each of its rows (default: the sum of
        `n`).
    ``share``, ``share_unweighted``
        Shares that somebody published, in place of counts; from 0 to 1, at most 1 in sum. The
        second, without weights, is used where weights are not.
    ``rounding``
        How far each share may be from the exact one: 0.0005 for shares with three decimals.
    ``respondents``
        The size of the sample behind published shares; it stands for the effective number where
        that is not known.
    ``weighted``
        Whether the survey's weights are in the numbers (default: where `weighted_n` and `n`
        differ somewhere in a country and wave).
    ``source``
        Where the numbers come from (default: the file).

    Any further column, such as `sex`, is a grouping key.

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
        origin = {path / entry["counts"]: entry["file"] for entry in read_manifest(path)}
        return pl.concat(
            [_read_counts(file, survey, str(origin[file])) for file in count_files(path)],
            how="diagonal",
        )
    return _read_counts(path, survey, str(path))


def _read_counts(path: Path, survey: str | None, origin: str) -> pl.DataFrame:
    try:
        # Everything is read as text from CSV: a value that does not fit then has a row number.
        parquet = is_parquet(path)
        frame = read_parquet(path) if parquet else read_csv(path)
    except FileError as error:
        raise SurveyError(str(error)) from None
    counts = check_counts(frame, str(path), survey=survey or path.stem, lines=not parquet)
    return counts.with_columns(pl.col("source").fill_null(Path(origin).name))


def check_counts(
    frame: pl.DataFrame, source: str, *, survey: str = "", lines: bool = False
) -> pl.DataFrame:
    """Check human counts, fill in the optional columns, and put the columns in order.

    Parameters
    ----------
    frame : polars.DataFrame
        Counts as `read_counts` describes them.
    source : str
        What messages call the frame, such as the name of its file.
    survey : str
        The survey's name, for a frame without a `survey` column.
    lines : bool
        Whether the frame is that of a CSV file, so that messages name its lines, of which the
        header is the first; otherwise they name rows, counted from 1.

    Returns
    -------
    polars.DataFrame
        Columns as in `COUNT_COLUMNS`, then the grouping keys. `n` and `weighted_n` are null for
        published shares; so is `n_effective` if their table does not give it. `share`,
        `share_unweighted`, `rounding` and `respondents` are null for counts. `weighted` is null
        where it is not known.

    Raises
    ------
    SurveyError
        A column is missing, a value is not allowed, a question has both counts and shares, or a
        row is repeated.

    Examples
    --------
    >>> check_counts(pl.DataFrame({"country": ["JPN"]}), "a")
    Traceback (most recent call last):
        ...
    doxa.errors.SurveyError: a: no column 'wave': give wave, country, question, code, n or share
    """
    needed = f"give {', '.join(_REQUIRED)}, n or share"
    for name in _REQUIRED:
        if name not in frame.columns:
            raise SurveyError(f"{source}: no column {name!r}: {needed}")
    if not {"n", "share"} & set(frame.columns):
        raise SurveyError(f"{source}: no column 'n' or 'share': {needed}")
    if frame.is_empty():
        raise SurveyError(f"{source}: holds no counts: give at least one row")
    if "survey" not in frame.columns:
        frame = frame.with_columns(survey=pl.lit(survey))
    at = partial(_place, source, lines)
    frame = _cast(frame, at)
    absent = [name for name in ("n", "weighted_n", "share") if name not in frame.columns]
    frame = frame.with_columns(pl.lit(None, pl.Float64).alias(name) for name in absent)
    if "weighted_n" in absent:
        frame = frame.with_columns(weighted_n="n")
    frame = complete_counts(_with_shares(frame))
    _check_values(frame, at)
    return frame


def complete_counts(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the columns of `COUNT_COLUMNS` that a frame of counts lacks, and put them in order.

    Parameters
    ----------
    frame : polars.DataFrame
        Has at least `survey`, `wave`, `country`, `question`, `code`, `n` and `weighted_n`.
    """
    if "n_effective" not in frame.columns:
        population = [name for name in frame.columns if name not in ("code", *_MEASURES)]
        valid_n = pl.when((pl.col("code") >= 0) & pl.col("n").is_not_null()).then("n")
        counted = pl.col("n").is_not_null().any().over(population)
        frame = frame.with_columns(
            n_effective=pl.when(counted).then(valid_n.sum().over(population))
        )
    if "weighted" not in frame.columns:
        differ = (pl.col("weighted_n") - pl.col("n")).abs() > 1e-9
        frame = frame.with_columns(weighted=differ.any().over("survey", "wave", "country"))
        frame = frame.with_columns(weighted=pl.when(pl.col("n").is_not_null()).then("weighted"))
    absent = {
        name: pl.lit(None, dtype)
        for name, dtype in COUNT_COLUMNS.items()
        if name not in frame.columns
    }
    extra = [name for name in frame.columns if name not in COUNT_COLUMNS]
    return frame.with_columns(**absent).select(*COUNT_COLUMNS, *extra)


def _with_shares(frame: pl.DataFrame) -> pl.DataFrame:
    """Take weights without a number of respondents for what they are: published shares."""
    population = [name for name in frame.columns if name not in ("code", *_MEASURES)]
    old = pl.col("n").is_null() & pl.col("share").is_null() & pl.col("weighted_n").is_not_null()
    share = pl.col("weighted_n") / pl.col("weighted_n").filter(old).sum().over(population)
    return frame.with_columns(
        share=pl.when(old).then(share.fill_nan(None)).otherwise("share"),
        weighted_n=pl.when(pl.col("n").is_not_null()).then("weighted_n"),
    )


_KINDS: Final = {pl.Int64: "a whole number", pl.Boolean: "true or false"}
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}


def _place(source: str, lines: bool, row: int) -> str:
    return f"{source}: line {row + 2}" if lines else f"{source}: row {row + 1}"


def _cast(frame: pl.DataFrame, at: Callable[[int], str]) -> pl.DataFrame:
    """Give each column its type; name the first value that does not fit."""
    for name, dtype in COUNT_COLUMNS.items():
        if name not in frame.columns:
            continue
        column = frame[name]
        if dtype == pl.Boolean and column.dtype == pl.String:
            column = column.str.to_lowercase().replace_strict(_TRUTH, default=None)
        cast = column.cast(dtype, strict=False)
        if dtype == pl.Int64 and frame[name].dtype.is_float():
            cast = pl.select(pl.when(frame[name] == cast).then(cast)).to_series()
        lost = cast.is_null() & frame[name].is_not_null()
        if lost.any():
            row = lost.arg_max() or 0
            kind = _KINDS.get(dtype, "a number")
            raise SurveyError(f"{at(row)}, column {name!r}: {frame[name][row]!r} is not {kind}")
        frame = frame.with_columns(cast.alias(name))
    return frame


def _check_values(frame: pl.DataFrame, at: Callable[[int], str]) -> None:
    known = [name for name in COUNT_COLUMNS if name not in _MEASURES]
    keys = [name for name in frame.columns if name not in _MEASURES]
    _reject(frame, at, pl.any_horizontal(pl.col(known).is_null()), "a value is missing")
    for name in _NUMBERS:
        _reject(
            frame,
            at,
            ~pl.col(name).is_finite() | (pl.col(name) < 0),
            f"{name} must be a finite number, 0 or more",
            name,
        )
    _reject(
        frame,
        at,
        ~pl.col("country").str.contains(r"^[A-Z]{3}$"),
        "a country is an ISO 3166-1 alpha-3 code such as JPN",
        "country",
    )
    _reject(
        frame,
        at,
        pl.struct(keys).is_duplicated(),
        f"repeated: there must be one row for each {', '.join(keys)}",
    )
    question = [name for name in keys if name != "code"]
    for name in _OF_QUESTION:
        _reject(
            frame,
            at,
            pl.col(name).n_unique().over(question) > 1,
            f"{name} must be the same on all rows of a question",
            name,
        )
    _check_shares(frame, at, question)


def _check_shares(frame: pl.DataFrame, at: Callable[[int], str], question: list[str]) -> None:
    counted, published = pl.col("n").is_not_null(), pl.col("share").is_not_null()
    lost = counted & pl.col("weighted_n").is_null()
    _reject(frame, at, lost, "a value is missing", "weighted_n")
    _reject(frame, at, ~counted & ~published, "neither n nor share: give one of them")
    mixed = counted.any().over(question) & published.any().over(question)
    _reject(frame, at, mixed, "a question has counts or shares, not both")
    for name in ("share", "share_unweighted"):
        _reject(
            frame,
            at,
            (pl.col(name) > 1) | (pl.col(name).sum().over(question) > 1 + SUM_TOLERANCE),
            f"the shares of a question add up to more than 1: give {name} from 0 to 1, as parts "
            "of all answers",
            name,
        )
    _reject(
        frame,
        at,
        published & (pl.col("share").sum().over(question) <= 0),
        "all shares of the question are 0: leave it out",
        "share",
    )
    lacking = pl.col("share_unweighted").is_null()
    _reject(
        frame,
        at,
        lacking.any().over(question) & ~lacking.all().over(question),
        "share_unweighted must be there on all rows of a question, or on none",
        "share_unweighted",
    )
    _reject(
        frame,
        at,
        pl.col("rounding") >= 0.1,
        "rounding is half the last digit of a share: 0.0005 for three decimals",
        "rounding",
    )


def _reject(
    frame: pl.DataFrame,
    at: Callable[[int], str],
    bad: pl.Expr,
    remedy: str,
    column: str | None = None,
) -> None:
    """Raise a SurveyError about the first row for which `bad` holds."""
    rows = frame.select(bad.fill_null(value=False)).to_series()
    if not rows.any():
        return
    row = rows.arg_max() or 0
    found = frame.row(row, named=True)
    shown = ["wave", "country", "question", "code"]
    if column and column not in shown:
        shown.append(column)
    values = ", ".join(f"{name} {found[name]}" for name in shown)
    raise SurveyError(f"{at(row)} ({values}): {remedy}")

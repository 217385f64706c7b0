"""Score columns of Polars frames where they are.

``import doxa.polars`` gives every expression and every frame a namespace ``doxa``::

    pairs.with_columns(score=pl.col("model").doxa.alignment("human"))
    pairs.lazy().group_by("country").agg(pl.col("model").doxa.alignment("human").mean())
    pairs.doxa.bootstrap(by="country", items="item")

The columns go to `doxa.score_batch` as Arrow, without a copy. This uses Polars' own interface for
functions and nothing compiled for one version of Polars.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

from doxa.errors import InvalidArgumentError, InvalidDistributionError
from doxa.score import METRICS, score_batch
from doxa.score.numbers import row_numbers
from doxa.score.rows import nominal_flags

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from doxa.score import Method, ResampleSource

__all__ = ["PairExpressions", "PairFrame"]


class _Metric(Protocol):
    """A method of `PairExpressions`."""

    def __call__(
        self,
        human: str | pl.Expr,
        *,
        scale: str | pl.Expr = "ordinal",
        positions: Sequence[float] | pl.Expr | None = None,
    ) -> pl.Expr: ...


@pl.api.register_expr_namespace("doxa")
class PairExpressions:
    """Scores of the pairs in two columns: ``pl.col("model").doxa.alignment("human")``.

    There is a method for each of `doxa.score.METRICS`, and all take the same arguments:
    ``alignment(human, *, scale="ordinal", positions=None)``. `human` is a column's name or an
    expression; `scale` and `positions` are as in `doxa.score_batch`, or expressions. The result is
    an expression of Float64, one score a row, named after the model's column, and null where either
    side is. It works row by row: lazily, in ``group_by().agg()``, in ``over()``, and in the
    streaming engine.

    Parameters
    ----------
    expr : polars.Expr
        The model's response distributions: a column of lists or arrays, as `doxa.score_batch`
        takes them. Floats of 64 or 32 bits are not copied; other numbers become float64. An
        expression of several columns gives as many scores.

    Examples
    --------
    >>> import polars as pl
    >>> import doxa.polars
    >>> pairs = pl.DataFrame({"model": [[0.2, 0.8], None], "human": [[0.5, 0.5], [0.1, 0.9]]})
    >>> pairs.select(pl.col("model").doxa.alignment("human").round(3)).to_series().to_list()
    [0.7, None]

    A type checker doesn't know what is registered at run time, but it knows this class:

    >>> pairs.select(PairExpressions(pl.col("model")).hellinger("human")).columns
    ['model']
    """

    def __init__(self, expr: pl.Expr) -> None:
        self._expr = expr

    if TYPE_CHECKING:

        def __getattr__(self, metric: str) -> _Metric: ...


def _method(metric: str) -> Callable[..., pl.Expr]:
    def score(
        self: PairExpressions,
        human: str | pl.Expr,
        *,
        scale: str | pl.Expr = "ordinal",
        positions: Sequence[float] | pl.Expr | None = None,
    ) -> pl.Expr:
        columns = {"model": self._expr, "human": _expression(human)}
        fixed: dict[str, Any] = {}
        if isinstance(scale, pl.Expr):
            columns["scale"] = scale
        else:
            fixed["scale"] = _checked_scale(scale)
        if isinstance(positions, pl.Expr):
            columns["positions"] = positions
        else:
            fixed["positions"] = row_numbers("positions", positions)

        def scores(given: Sequence[pl.Series]) -> pl.Series:
            return _scores(metric, dict(zip(columns, given, strict=True)), fixed)

        return pl.map_batches([*columns.values()], scores, pl.Float64, is_elementwise=True)

    score.__name__, score.__qualname__ = metric, f"PairExpressions.{metric}"
    score.__doc__ = f"""Score each pair by "{metric}", as `doxa.score_batch` does.

        Parameters
        ----------
        human : str or polars.Expr
            The column of human distributions. A single one, such as ``pl.lit([0.2, 0.8])`` or
            ``pl.col("human").first()``, goes with every row.
        scale : {{"ordinal", "nominal"}} or polars.Expr
            Whether the options have an order; an expression gives it for each row.
        positions : sequence of K floats or polars.Expr, optional
            Positions of ordinal options; an expression gives a list, or null, for each row.

        Returns
        -------
        polars.Expr
            Float64; null where the model's or the human row is null, and where the metric has no
            value.

        Raises
        ------
        InvalidDistributionError
            As the query runs: a row is not a response distribution. Rows are counted in the block
            that Polars hands over, and the message shows the pair.
        InvalidArgumentError
            Another argument has an invalid value.
        """
    return score


for _name in METRICS:
    setattr(PairExpressions, _name, _method(_name))


def _expression(column: str | pl.Expr) -> pl.Expr:
    return pl.col(column) if isinstance(column, str) else column


def _checked_scale(scale: str) -> str:
    if scale not in ("ordinal", "nominal"):
        raise InvalidArgumentError(
            f"scale {scale!r} is neither 'ordinal' nor 'nominal': give a column as pl.col(name)"
        )
    return scale


def _scores(metric: str, columns: dict[str, pl.Series], fixed: dict[str, Any]) -> pl.Series:
    """Score the rows that are null on neither side."""
    n_rows = next((len(column) for column in columns.values() if len(column) != 1), 1)
    columns = {
        name: column.new_from_index(0, n_rows) if len(column) == 1 != n_rows else column
        for name, column in columns.items()
    }
    model, human = columns["model"], columns["human"]
    if not (model.null_count() or human.null_count()):
        return _scores_without_nulls(metric, columns, fixed, int)
    present = model.is_not_null() & human.is_not_null()
    scores = pl.repeat(None, n_rows, dtype=pl.Float64, eager=True)
    if not present.any():
        return scores
    if "scale" in columns:
        kinds = columns["scale"].cast(pl.String)
        nominal_flags(kinds.zip_with(present, pl.Series(["ordinal"])))
    kept = {name: column.filter(present) for name, column in columns.items()}
    places = present.arg_true()
    return scores.scatter(places, _scores_without_nulls(metric, kept, fixed, places.__getitem__))


def _scores_without_nulls(
    metric: str,
    columns: dict[str, Any],
    fixed: dict[str, Any],
    place: Callable[[int], int],
) -> pl.Series:
    """Score rows, each of which has a place in the block."""
    try:
        return score_batch(metrics=metric, **columns, **fixed).scores[metric]
    except InvalidDistributionError as error:
        row = error.row
        if row is None:
            raise
        told = str(error).replace(f"row {row} ", f"row {place(row)} ", 1)
        model, human = (columns[side][row].to_list() for side in ("model", "human"))
        raise InvalidDistributionError(
            f"{told} (counted in the block that Polars handed over; the pair is {model} beside "
            f"{human})",
            place(row),
        ) from None


@pl.api.register_dataframe_namespace("doxa")
class PairFrame:
    """Scores with intervals of the pairs in a frame: ``frame.doxa.bootstrap(by="country")``.

    Parameters
    ----------
    frame : polars.DataFrame
        One pair a row.
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def bootstrap(
        self,
        model: str | pl.Expr = "model",
        human: str | pl.Expr = "human",
        *,
        by: str | pl.Expr | Sequence[str | pl.Expr] | None = None,
        items: str | pl.Expr | None = None,
        metrics: str | Sequence[str] = "alignment",
        scale: str | pl.Expr = "ordinal",
        positions: Sequence[float] | pl.Expr | None = None,
        resample: ResampleSource | Sequence[ResampleSource] = "items",
        n_resamples: int = 1000,
        human_n: str | pl.Expr | None = None,
        model_n: str | pl.Expr | None = None,
        confidence: float = 0.95,
        method: Method | None = None,
        seed: int = 0,
        n_threads: int | None = None,
    ) -> pl.DataFrame:
        """Average the scores of each group, with bootstrap intervals.

        Parameters
        ----------
        model, human : str or polars.Expr
            Columns of response distributions.
        by : str, polars.Expr or sequence of them, optional
            The columns that name a row's group; without any, all rows are one group.
        items : str or polars.Expr, optional
            The column of items; all groups share one draw of items. By default a row's item is
            its position in its group.
        scale, positions
            As in `PairExpressions`.
        human_n, model_n : str or polars.Expr, optional
            Columns with the number of respondents, and of replies, behind each row.
        metrics, resample, n_resamples, confidence, method, seed, n_threads
            As in `doxa.score_batch`, with the same draws.

        Returns
        -------
        polars.DataFrame
            As `doxa.ScoreBatch.groups`: one row per group and metric with the keys, ``metric``,
            ``n``, ``estimate``, ``low``, ``high`` and ``std_error``.

        Raises
        ------
        InvalidDistributionError
            A row is not a response distribution; a null is none, so drop such pairs first.
        InvalidArgumentError
            Another argument has an invalid value.

        Examples
        --------
        >>> import polars as pl
        >>> import doxa.polars
        >>> pairs = pl.DataFrame({
        ...     "country": ["JPN", "JPN", "USA", "USA"],
        ...     "model": [[0.2, 0.8], [0.4, 0.6], [0.5, 0.5], [0.9, 0.1]],
        ...     "human": [[0.5, 0.5]] * 4,
        ... })
        >>> table = pairs.doxa.bootstrap(by="country", method="percentile")
        >>> table.select("country", "n", pl.col("estimate").round(3)).rows()
        [('JPN', 2, 0.8), ('USA', 2, 0.8)]
        """
        pairs = self._frame.select(_expression(model).alias("m"), _expression(human).alias("h"))

        def column(given: object) -> Any:
            if not isinstance(given, str | pl.Expr):
                return given
            return self._frame.select(pl.lit(0), _expression(given).alias("given"))["given"]

        keys = None if by is None else self._frame.select(by)
        if keys is not None and not keys.width:
            raise InvalidArgumentError("by names no column: name one, or leave it out")
        return score_batch(
            pairs["m"],
            pairs["h"],
            metrics=metrics,
            scale=_checked_scale(scale) if isinstance(scale, str) else column(scale),
            positions=column(positions),
            groups=keys,
            items=column(items),
            resample=resample,
            n_resamples=n_resamples,
            human_n=column(human_n),
            model_n=column(model_n),
            confidence=confidence,
            method=method,
            seed=seed,
            n_threads=n_threads,
        ).groups

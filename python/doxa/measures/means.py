"""Means of items by group, and numbers made of several means, with one set of draws for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import polars as pl

from doxa.analysis.parts.item_scores import average_items
from doxa.analysis.parts.notes import FEW_ITEMS, NO_VALUE, ONE_ITEM
from doxa.score.bootstrap import items_alone
from doxa.score.intervals import SHRUNKEN, quantile_intervals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank
    from doxa.score import ResampleSource, ScoreBatch

__all__ = ["COLUMNS", "Means", "Sides", "interval", "rows_of"]

_ENDS: Final = ("low", "high", "std_error")
_FEWEST: Final = 5
"""Items below which there is no interval: see `doxa.score.score_batch`."""

COLUMNS: Final = {
    "measure": pl.String,
    "at": pl.String,
    "estimate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "std_error": pl.Float64,
    "n_items": pl.Int64,
    "n_cells": pl.Int64,
    "resampled": pl.String,
    "note": pl.String,
}
"""What follows the keys in a table of measures."""


class Sides(NamedTuple):
    """What measures are computed from.

    Attributes
    ----------
    model, human : polars.DataFrame
        Response distributions, restricted to what the settings ask for.
    replies : polars.DataFrame or None
        Single replies; None if only distributions are known.
    bank : QuestionBank
        The items, with their scales, and the countries.
    settings : Settings
        How intervals are made.
    by_country : bool
        Whether each country has a row of its own.
    """

    model: pl.DataFrame
    human: pl.DataFrame
    replies: pl.DataFrame | None
    bank: QuestionBank
    settings: Settings
    by_country: bool


class Means:
    """Means by group, and rows of a table made of them.

    Parameters
    ----------
    rows : polars.DataFrame
        The key columns, `question`, and what the numbers are of.
    keys : list of str
        The columns that name a group.
    settings : Settings
        How intervals are made.
    """

    def __init__(self, rows: pl.DataFrame, keys: list[str], settings: Settings) -> None:
        self._rows, self._keys, self._settings = rows, keys, settings
        self.groups = rows.select(keys).unique(maintain_order=True)
        counted = rows.group_by(keys, maintain_order=True).agg(pl.col("question").n_unique())
        self.n_items = counted["question"].cast(pl.Int64)
        self._held: dict[str, tuple[ScoreBatch, str, tuple[ResampleSource, ...]]] = {}
        self._drawn: dict[str, NDArray[np.float64]] = {}

    def add(self, batch: ScoreBatch, sources: tuple[ResampleSource, ...], **names: str) -> None:
        """Take means of a batch over the same rows and keys; names are ours, values its metrics."""
        self._held |= {ours: (batch, metric, sources) for ours, metric in names.items()}

    def average(self, **columns: Any) -> None:
        """Average one number per row; NaN and null enter no mean. Items alone are drawn."""
        frame = pl.DataFrame(columns)
        batch = average_items(frame, self._rows, self._keys, self._settings)
        self.add(batch, ("items",), **{name: name for name in columns})

    def estimate(self, name: str) -> NDArray[np.float64]:
        """Give the mean of each group."""
        return self._summary(name)["estimate"].cast(pl.Float64).to_numpy(writable=True)

    def drawn(self, name: str) -> NDArray[np.float64]:
        """Give the replicates, shape (groups, n_resamples)."""
        if name not in self._drawn:
            batch, metric, _ = self._held[name]
            self._drawn[name] = batch.replicates(metric)
        return self._drawn[name]

    def mean(self, name: str, measure: str, *, slope: float = 1.0, start: float = 0.0,
             **further: Any) -> pl.DataFrame:  # fmt: skip
        """Make rows of a mean, or of start + slope × it, with the interval of means."""
        found = self._summary(name)
        ends = ("low", "high") if slope > 0 else ("high", "low")
        numbers = {
            "estimate": start + slope * found["estimate"],
            "low": start + slope * found[ends[0]],
            "high": start + slope * found[ends[1]],
            "std_error": abs(slope) * found["std_error"],
        }  # fmt: skip
        return rows_of(self.groups, measure, numbers, self.n_items, self._held[name][2], **further)

    def share(self, name: str, measure: str, **further: Any) -> pl.DataFrame:
        """Make rows of a mean that is often near an end of its range: a percentile interval."""
        return self.number(measure, np.asarray, name, **further)

    def number(
        self,
        measure: str,
        function: Callable[..., NDArray[np.float64]],
        *names: str,
        bounds: tuple[float, float] = (-np.inf, np.inf),
        **further: Any,
    ) -> pl.DataFrame:
        """Make rows of a function of several means, such as a ratio, computed draw by draw."""
        sources = max((self._held[name][2] for name in names), key=len)
        with np.errstate(invalid="ignore", divide="ignore"):
            estimate = _finite(function(*(self.estimate(name) for name in names)))
            drawn = _finite(function(*(self.drawn(name) for name in names)))
        held = (self._held[name] for name in names)
        if any(not items_alone(drawn_of) and metric != SHRUNKEN for _, metric, drawn_of in held):
            drawn = 2 * estimate[:, None] - drawn  # biased, and no guesses at the truth
        numbers = interval(estimate, drawn, self._settings, bounds)
        return rows_of(self.groups, measure, numbers, self.n_items, sources, **further)

    def _summary(self, name: str) -> pl.DataFrame:
        batch, metric, _ = self._held[name]
        return batch.groups.filter(metric=metric)


def interval(
    estimate: NDArray[np.float64],
    drawn: NDArray[np.float64],
    settings: Settings,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> dict[str, NDArray[np.float64]]:
    """Give estimates with the ends of their intervals, within the bounds of what is measured."""
    low, high = quantile_intervals(drawn, settings.confidence)
    enough = (~np.isnan(drawn)).sum(axis=1) > 1
    error = np.full(len(drawn), np.nan)
    error[enough] = np.nanstd(drawn[enough], axis=1, ddof=1)
    return {
        "estimate": estimate,
        "low": np.clip(low, *bounds),
        "high": np.clip(high, *bounds),
        "std_error": error,
    }


def rows_of(
    groups: pl.DataFrame,
    measure: str,
    numbers: Mapping[str, Any],
    n_items: pl.Series,
    sources: tuple[str, ...],
    *,
    at: str | pl.Series = "",
    n_cells: pl.Series | None = None,
    note: str | pl.Series = "",
) -> pl.DataFrame:
    """Put one measure of several groups into the columns of a table of measures.

    Parameters
    ----------
    groups : polars.DataFrame
        The keys.
    measure : str
        Its name in the registry.
    numbers : mapping of str to array
        `estimate`, and what there is of `low`, `high` and `std_error`; NaN becomes null.
    n_items : polars.Series
        Items of each group; with fewer than five there is no interval where items are drawn.
    sources : tuple of str
        What was drawn again; empty if nothing was.
    at : str or polars.Series
        What of the measure, where it has several numbers: a threshold, a family of items.
    n_cells : polars.Series, optional
        Cells of each group, such as countries.
    note : str or polars.Series
        What else is to be said.
    """
    absent = {name: np.nan for name in _ENDS if name not in numbers}
    table = groups.with_columns(
        measure=pl.lit(measure),
        at=_text(at),
        **{name: pl.Series(name, np.asarray(values, float)) for name, values in numbers.items()},
        **{name: pl.lit(value) for name, value in absent.items()},
        n_items=n_items,
        n_cells=pl.lit(None, pl.Int64) if n_cells is None else n_cells.cast(pl.Int64),
        resampled=pl.lit(", ".join(sources) or "nothing"),
        said=_text(note),
    ).with_columns(pl.selectors.float().fill_nan(None))
    few = pl.lit("items" in sources) & (pl.col("n_items") < _FEWEST)
    none = pl.col("estimate").is_null() & (pl.col("said") == "")
    why = (
        pl.when(none)
        .then(pl.lit(NO_VALUE))
        .when(few & (pl.col("n_items") == 1))
        .then(pl.lit(ONE_ITEM))
        .when(few)
        .then(pl.lit(FEW_ITEMS))
        .otherwise(pl.lit(""))
    )
    return table.with_columns(
        pl.when(~few & pl.col("estimate").is_not_null()).then(pl.col(*_ENDS)).name.keep(),
        note=pl.concat_str(
            pl.when(pl.col("said") != "").then("said"), pl.when(why != "").then(why),
            separator="; ", ignore_nulls=True,
        ),
    ).select(*groups.columns, *COLUMNS)  # fmt: skip


def _text(value: str | pl.Series) -> pl.Expr | pl.Series:
    return pl.lit(value) if isinstance(value, str) else value


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isfinite(values), values, np.nan)

"""The wave, and with it the years, whose people a model answers most like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.notes import NO_COMMON_ITEM, ONE_ITEM, note, say
from doxa.analysis.parts.settings import DEFAULTS
from doxa.analysis.time import scores_of_waves
from doxa.survey.waves import FIELDWORK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doxa.analysis.parts.settings import Settings
    from doxa.distribution import HasItems

__all__ = ["nearest_wave"]

_OPEN: Final = "any of these waves may be the nearest"
_SURVEY_WITH_YEARS: Final = "WVS"


def nearest_wave(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    *,
    waves: Iterable[int] | None = None,
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Say which wave's people each way of asking is nearest to, with an interval of waves.

    Parameters
    ----------
    model, human, bank, waves, settings
        As in `wave_alignment`.

    Returns
    -------
    polars.DataFrame
        One row per way of asking and country: keys as in `country_alignment` without `wave`,
        `n_items`, `waves` (that were compared), `nearest` (the wave with the largest alignment),
        `low` and `high` (the interval: quantiles of the nearest wave over the replicates),
        `probabilities` (for each of `waves`, the share of replicates in which it is the nearest);
        `first_year` and `last_year`, in which the interval's waves were in the field somewhere,
        null for a survey other than the World Values Survey; `resampled`, `note`. With one item
        there is no interval, with none no wave.

    Raises
    ------
    NoDataError, InvalidArgumentError
        As from `wave_alignment`.

    Notes
    -----
    The interval holds whole waves: a survey says nothing of the years between them. Where it holds
    all waves the note says so; a nearest wave is then no finding.

    Examples
    --------
    >>> table = nearest_wave(model, human, bank)
    >>> table.select("waves", "nearest").row(0)
    ([5, 6, 7], 6)
    """
    scores, _ = scores_of_waves(model, human, bank, waves, settings)
    means, replicates = scores.means()
    others = [name for name in scores.groups.columns if name != "wave"]
    tail = (1 - settings.confidence) / 2
    rows = []
    numbered = scores.groups.with_row_index("_group").sort("wave")
    for _, part in numbered.group_by(others, maintain_order=True):
        groups, years = part["_group"].to_numpy(), part["wave"].to_numpy()
        drawn = replicates[groups]
        marks = drawn == drawn.max(axis=0)
        estimates = means["estimate"][groups.tolist()]
        known, several = estimates.null_count() == 0, means["n_items"][int(groups[0])] > 1
        low, high = np.quantile(
            years[drawn.argmax(axis=0)], [tail, 1 - tail], method="inverted_cdf"
        )
        shares = (marks / np.maximum(1, marks.sum(axis=0))).mean(axis=1)
        rows.append(
            {
                "n_items": means["n_items"][int(groups[0])],
                "nearest": int(years[estimates.arg_max() or 0]) if known else None,
                "low": int(low) if several else None,
                "high": int(high) if several else None,
                "waves": years.tolist(),
                "probabilities": shares.tolist() if several else None,
            }
        )
    keys = numbered.select(others).unique(maintain_order=True)
    schema = {name: pl.Int64() for name in ("n_items", "nearest", "low", "high")}
    lists = {"waves": pl.List(pl.Int64()), "probabilities": pl.List(pl.Float64())}
    table = pl.concat([keys, pl.DataFrame(rows, schema={**schema, **lists})], how="horizontal")
    first = {wave: years[0] for wave, years in FIELDWORK.items()}
    last = {wave: years[1] for wave, years in FIELDWORK.items()}
    dated = pl.when(survey=_SURVEY_WITH_YEARS)
    whole = (pl.col("low") == pl.col("waves").list.min()) & (
        pl.col("high") == pl.col("waves").list.max()
    )
    return table.sort(others).with_columns(
        first_year=dated.then(_years(pl.coalesce("low", "nearest"), first)),
        last_year=dated.then(_years(pl.coalesce("high", "nearest"), last)),
        resampled=pl.lit(scores.settings.resampled),
        note=note(
            say(pl.col("n_items") == 0, NO_COMMON_ITEM),
            say(pl.col("n_items") == 1, ONE_ITEM),
            say(whole.fill_null(value=False), _OPEN),
        ),
    )


def _years(waves: pl.Expr, years: dict[int, int]) -> pl.Expr:
    return waves.replace_strict(years, default=None, return_dtype=pl.Int64)

"""Whether a model ranks countries as equal shares for every option would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.blocks import keep_block
from doxa.analysis.parts.item_scores import average_items, item_alignment
from doxa.analysis.parts.notes import finish, say
from doxa.analysis.parts.pairs import pair_items, population_keys, restrict
from doxa.analysis.parts.rank_correlation import rank_correlations
from doxa.analysis.parts.settings import DEFAULTS
from doxa.analysis.parts.uniform import uniform_alignment
from doxa.distribution import MODEL_KEYS
from doxa.score import item_weights
from doxa.score.intervals import percentile_interval

if TYPE_CHECKING:
    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank

__all__ = ["ALIKE", "uniform_ranking"]

ALIKE: Final = 0.7
"""The low end of a rank correlation from which a ranking is called that of equal shares.

The people of one country, taken for a model of the others, reach 0.60 at most (wave 7, 55 countries
over the 102 items that they share); answers at random reach 0.78.
"""
_LEAST_COUNTRIES: Final = 10
_NOTHING: Final = 1e-12
"""A smaller difference is rounding: the answers are equal shares."""
_FEW: Final = "fewer than three countries: no rank correlation"
_SAME: Final = "all scores alike: no rank correlation"
_TOO_FEW: Final = f"fewer than {_LEAST_COUNTRIES} countries: their ranking warns of nothing"


def uniform_ranking(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, *, settings: Settings = DEFAULTS
) -> pl.DataFrame:
    """Compare each way of asking's ranking of countries with that of equal shares.

    People differ in how divided they are, so equal shares for every option, which have no
    opinion, come closer to some countries than to others. A model whose answers are nearly equal
    shares inherits this ranking, whatever its opinions.

    Parameters
    ----------
    model, human, bank
        As in `country_alignment`.
    settings : Settings
        Only items are resampled, whatever `resample` is.

    Returns
    -------
    polars.DataFrame
        One row per way of asking, survey, wave and further keys. For ways steered towards a
        country, each country is scored with the answers steered towards it. The columns: the
        keys, `estimate`, `low`, `high` (Spearman's correlation, over the countries, of the
        model's scores and those of equal shares, with its percentile interval), `n_countries`
        and `n_items` (of the correlation: those that make countries times items largest),
        `n_scored` (countries with a score), `n_closer` (countries whose score is above that of
        equal shares), `n_above` and `n_below` (countries where the interval of the difference lies
        wholly above or below 0), `uniform_gap` (mean of the difference over the countries),
        `warning`, `resampled`, `note`.

        `warning` is "" or says that the ranking is that of equal shares (`low` is `ALIKE` or
        more, over ten countries or more), that the score is no higher than that of equal shares
        in half of the countries or more, or both.

    Raises
    ------
    NoDataError
        A side has no distributions, or nothing can be paired.

    Examples
    --------
    >>> table = uniform_ranking(model, human, bank)
    >>> table.select("n_countries", "note").row(0)
    (4, 'fewer than 10 countries: their ranking warns of nothing')
    """
    model, human = restrict(model, human, bank, settings)
    pairs = pair_items(model, human, bank)
    populations = population_keys(human)
    way = [name for name in (*MODEL_KEYS, *populations) if name not in ("target", "country")]
    rows = pairs.select(*MODEL_KEYS, *populations, "question").with_columns(
        score=item_alignment(pairs, bank), uniform=uniform_alignment(pairs, bank)
    )
    above = _above(rows, way, settings)
    found = [
        (*part.select(way).row(0), *_correlation(part, settings))
        for part in rows.partition_by(way, maintain_order=True)
    ]
    schema = {name: rows.schema[name] for name in way} | _TABLE
    table = pl.DataFrame(found, schema=schema, orient="row").join(
        above, on=way, nulls_equal=True, maintain_order="left"
    )
    countries = pl.col("n_countries")
    small = say((countries >= 3) & (countries < _LEAST_COUNTRIES), _TOO_FEW)
    same = say((countries >= 3) & pl.col("estimate").is_null(), _SAME)
    warnings = [_warning(row) for row in table.iter_rows(named=True)]
    numbers = ("estimate", "low", "high", "n_countries", "n_items", "n_scored", "n_closer")
    return finish(table, say(countries < 3, _FEW), small, same).select(
        *way, *numbers, "n_above", "n_below", "uniform_gap",
        pl.Series("warning", warnings, pl.String), "resampled", "note",
    )  # fmt: skip


_TABLE: Final = {
    "estimate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "n_countries": pl.Int64,
    "n_items": pl.Int64,
}


def _above(rows: pl.DataFrame, way: list[str], settings: Settings) -> pl.DataFrame:
    """Count the countries whose score lies clearly above, or below, that of equal shares."""
    gap = rows.select(uniform_gap=pl.col("score") - pl.col("uniform"))
    batch = average_items(gap, rows, [*way, "country"], settings)
    known = pl.col("low").is_not_null()
    return batch.groups.group_by(way, maintain_order=True).agg(
        n_scored=pl.len().cast(pl.Int64),
        n_closer=(pl.col("estimate") > _NOTHING).sum().cast(pl.Int64),
        n_above=pl.when(known.any()).then((pl.col("low") > 0).sum().cast(pl.Int64)),
        n_below=pl.when(known.any()).then((pl.col("high") < 0).sum().cast(pl.Int64)),
        uniform_gap=pl.col("estimate").mean(),
    )


def _correlation(
    part: pl.DataFrame, settings: Settings
) -> tuple[float | None, float | None, float | None, int, int]:
    """Correlate the two rankings of the countries of one way of asking."""
    block = keep_block(part, ["country"]).sort("country", "question")
    n_countries, n_items = block["country"].n_unique(), block["question"].n_unique()
    if n_countries < 3:
        return None, None, None, n_countries, n_items
    sides = [block[name].to_numpy().reshape(n_countries, n_items) for name in ("score", "uniform")]
    (estimate,) = rank_correlations(*(side.mean(axis=1, keepdims=True) for side in sides))
    if np.isnan(estimate):
        return None, None, None, n_countries, n_items
    weights = item_weights(n_items, n_resamples=settings.n_resamples, seed=settings.seed)
    drawn = rank_correlations(*(side @ weights.T for side in sides))
    drawn = drawn[~np.isnan(drawn)]
    low, high = percentile_interval(drawn, settings.confidence) if drawn.size else (None, None)
    return float(estimate), low, high, n_countries, n_items


def _warning(row: dict[str, Any]) -> str:
    """Say what of a row makes its scores a matter of equal shares; "" for nothing."""
    said = []
    if (row["low"] or 0.0) >= ALIKE and row["n_countries"] >= _LEAST_COUNTRIES:
        said.append(
            f"ranks countries as equal shares do: rank correlation {row['estimate']:.2f} "
            f"[{row['low']:.2f}, {row['high']:.2f}] over {row['n_countries']} countries"
        )
    if 2 * row["n_closer"] <= row["n_scored"]:
        of = "1 country" if row["n_scored"] == 1 else f"{row['n_scored']} countries"
        clear = f" (clearly further in {row['n_below']})" if row["n_below"] else ""
        n = row["n_scored"] - row["n_closer"]
        said.append(f"no closer than equal shares in {n} of {of}{clear}")
    return "; ".join(said)

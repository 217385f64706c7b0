"""Which wave's people each way of asking is nearest to: the rows of the strip of years."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.analysis.parts.pairs import population_keys
from doxa.errors import NoDataError
from doxa.evaluate import make_table
from doxa.report.tables import told_apart, with_condition
from doxa.survey.waves import FIELDWORK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from doxa.evaluate import Evaluation
    from doxa.report.tables import ShownCondition
    from doxa.report.words import Names

__all__ = ["nearest_waves", "wave_bands"]

_HALF: Final = 0.4
"""Half the width of a wave where the years of the survey are not known."""


def nearest_waves(
    evaluation: Evaluation, conditions: Sequence[ShownCondition], names: Names
) -> pl.DataFrame | None:
    """Make the rows of the strip of years; None where there are not several waves.

    A way of asking that names a country is kept for that country alone.

    Parameters
    ----------
    evaluation : Evaluation
        As `doxa.evaluate.evaluate` gives it.
    conditions : sequence of ShownCondition
        Those of the page; rows refer to them by position.
    names : Names
        What countries are called.

    Returns
    -------
    polars.DataFrame or None
        `model`, `elicitation`, `condition`, `country`, `nearest` (the wave), `open` (whether any
        wave may be the nearest), and what the chart draws: see `doxa.report.strip.wave_strip`.
    """
    try:
        table = make_table(evaluation, "nearest_wave")
    except NoDataError:
        return None
    if not table.width:
        return None
    own = table.filter(
        pl.col("nearest").is_not_null(),
        pl.col("waves").list.len() > 1,
        (pl.col("target") == "") | (pl.col("target") == pl.col("country")),
    )
    if own.is_empty():
        return None
    dated = own["first_year"].is_not_null().all()
    own = told_apart(own, population_keys(evaluation.human_waves)[3:])
    rows = [
        _row(row, conditions, names, dated=dated)
        for row in with_condition(own, conditions).rows(named=True)
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def wave_bands(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Give the waves that rows were compared with: name, beginning, end.

    Examples
    --------
    >>> rows = pl.DataFrame({"waves": [[5, 7]], "from": [2004.0], "nearest": [5]})
    >>> [band["name"] for band in wave_bands(rows)]
    ['wave 5', 'wave 7']
    """
    waves = rows["waves"].explode().unique().sort().to_list()
    dated = (rows["from"] > max(waves)).any()
    return [{"name": f"wave {wave}", **_ends(wave, wave, dated=dated)} for wave in waves]


def _ends(first: int, last: int, *, dated: bool) -> dict[str, float]:
    if dated:
        return {"from": float(FIELDWORK[first][0]), "to": float(FIELDWORK[last][1])}
    return {"from": first - _HALF, "to": last + _HALF}


def _row(
    row: dict[str, Any], conditions: Sequence[ShownCondition], names: Names, *, dated: bool
) -> dict[str, Any]:
    condition = conditions[row["condition"]]
    nearest, waves = row["nearest"], row["waves"]
    low, high = (nearest if row[end] is None else row[end] for end in ("low", "high"))
    interval = _ends(low, high, dated=dated)
    open_ended = row["low"] is None or (low == min(waves) and high == max(waves))
    country = names.country(row["country"])
    value = f"wave {nearest}" + ("" if row["low"] is None else f" [{low}, {high}]")
    return {
        **{name: row[name] for name in ("model", "elicitation", "condition", "country")},
        "name": country,
        "steering": condition.kind,
        "nearest": nearest,
        "waves": waves,
        "open": open_ended,
        **_ends(nearest, nearest, dated=dated),
        "low": interval["from"],
        "high": interval["to"],
        "value": value,
        "detail": "\n".join(
            [f"{country}: {condition.label}", f"nearest: {value}", *_shares(row), _items(row)]
        ),
    }


def _shares(row: dict[str, Any]) -> Iterable[str]:
    for wave, share in zip(row["waves"], row["probabilities"] or (), strict=False):
        yield f"wave {wave} is the nearest in {100 * share:.0f} % of resamples"


def _items(row: dict[str, Any]) -> str:
    return f"{row['n_items']} items" + (f"; {row['note']}" if row["note"] else "")

"""Which variable holds an item in which file, in which waves, and what only looks alike."""

from __future__ import annotations

import polars as pl

from doxa.questionnaire import QuestionBank
from doxa.survey.wvs import time_series_places, time_series_table

__all__ = ["crosswalk"]


def crosswalk() -> pl.DataFrame:
    """List where the survey's files keep each item, in which waves, and what differs there.

    Returns
    -------
    polars.DataFrame
        One row an item, 144 rows, in the questionnaire's order:

        - `question` (String): the item, by its wave-7 name.
        - `wave_7`, `wave_6`, `wave_5` (String): its variable in that wave's own file; null where
          doxa does not look for it there.
        - `time_series` (String): its variable in the time series 1981-2022 and in the joint
          EVS/WVS file.
        - `recoded` (Boolean): whether that variable has other codes for the same answers, which
          doxa then recodes.
        - `waves` (List(Int64)): the waves, of 1 to 7, whose data the time series holds under that
          variable. A wave asked it in some of its countries, not always in all.
        - `differs` (String): variables of the time series that look like the item but have another
          scale or meaning, and in which waves; then codes of the item's own variable that are no
          option of the item. Null where nothing is known to differ.

    Notes
    -----
    The waves are those of the survey's list of variables of 1981-2022, which a public repository
    quotes; ``data/wvs/README.md`` names it, and what it was compared with. Whether all waves asked
    in the same words is not known. The files of waves 5 and 6 hold some items that the time series
    has for these waves and that doxa, like the study it began from, does not look for in them.

    Examples
    --------
    >>> table = crosswalk()
    >>> table.row(by_predicate=pl.col("question") == "Q70", named=True)["waves"]
    [1, 2, 3, 5, 6, 7]
    >>> table.filter(pl.col("waves").list.contains(1)).height
    36
    >>> table.row(by_predicate=pl.col("question") == "Q149", named=True)["differs"]
    'E032: wave 2, with the third answer neither'
    """
    asked = time_series_table()["asked"]
    places = time_series_places()
    rows = [
        {
            "question": name,
            **{f"wave_{wave}": item.variables.get(wave) for wave in (7, 6, 5)},
            "time_series": places[name].name,
            "recoded": bool(places[name].codes),
            "waves": asked[name],
            "differs": _differences(name),
        }
        for name, item in QuestionBank.load().items.items()
    ]
    return pl.DataFrame(
        rows, schema_overrides={"waves": pl.List(pl.Int64)}, infer_schema_length=None
    )


def _differences(item: str) -> str | None:
    place = time_series_places()[item]
    told = [f"{name}: {how}" for name, how in time_series_table()["differs"].get(item, {}).items()]
    if place.missing:
        codes = " and ".join(map(str, place.missing))
        told.append(f"{place.name}: {codes} counted as missing")
    return "; ".join(told) or None

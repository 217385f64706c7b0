"""Where the survey's files keep each item, and which variables only look like it."""

from __future__ import annotations

import polars as pl

from doxa.questionnaire import QuestionBank
from doxa.survey.columns import columns_table
from doxa.survey.waves import WAVES, wave_variables
from doxa.survey.wvs import time_series_places, time_series_table

__all__ = ["crosswalk"]


def crosswalk() -> pl.DataFrame:
    """List where the survey's files keep each item, in which waves, and what differs there.

    Returns
    -------
    polars.DataFrame
        One row per item, 144 rows, in the questionnaire's order:

        - `question` (String): the item, by its wave-7 name.
        - `wave_7`, `wave_6`, `wave_5`, `wave_4` (String): its variable in that wave's own files;
          null where doxa does not look for it there.
        - `time_series` (String): its variable in the time series 1981-2022 and in the joint
          EVS/WVS file.
        - `recoded` (Boolean): whether that variable has other codes for the same answers, which
          doxa then recodes.
        - `waves` (List(Int64)): the waves, of 1 to 7, whose data the time series holds under that
          variable. A wave asked it in some of its countries, not always in all.
        - `differs` (String): variables of the time series that look like the item but have another
          scale or meaning, and in which waves; the same of the files of wave 4; then codes of the
          item's own variable that are not options of the item. Null where no difference is known.

    Notes
    -----
    The waves come from the survey's list of variables for 1981-2022. ``data/wvs/README.md`` names
    the public repository that quotes this list, and what it was compared with. It is not known
    whether all waves asked an item in the same words. The time series holds some items for waves 5
    and 6 that doxa does not look for in those waves' own files; the study that doxa began from did
    the same.

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
    items = QuestionBank.load().items
    variables = {wave: wave_variables(items, wave) for wave in reversed(WAVES)}
    rows = [
        {
            "question": name,
            **{f"wave_{wave}": of_wave.get(name) for wave, of_wave in variables.items()},
            "time_series": places[name].name,
            "recoded": bool(places[name].codes),
            "waves": asked[name],
            "differs": _differences(name),
        }
        for name in items
    ]
    return pl.DataFrame(
        rows, schema_overrides={"waves": pl.List(pl.Int64)}, infer_schema_length=None
    )


def _differences(item: str) -> str | None:
    place = time_series_places()[item]
    told = [f"{name}: {how}" for name, how in time_series_table()["differs"].get(item, {}).items()]
    wave_4 = columns_table()["differs"].get(item, {})
    told += [f"{name} of wave 4: {how}" for name, how in wave_4.items()]
    if place.missing:
        codes = " and ".join(map(str, place.missing))
        told.append(f"{place.name}: {codes} counted as missing")
    return "; ".join(told) or None

"""The data that the page's script draws from, all but the item explorer."""

from __future__ import annotations

from dataclasses import asdict
from math import ceil, floor, isfinite
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.report import charts, model_charts
from doxa.report.maps import world_map
from doxa.report.palette import CHANGE, chart_config, css_names
from doxa.report.tables import (
    ALIGNMENT_COLUMNS,
    STEERING_COLUMNS,
    WAVE_COLUMNS,
    columns,
    reliability_table,
    ways_of,
    with_condition,
)
from doxa.report.words import (
    BESIDE,
    STATUS_NAMES,
    STEERINGS,
    THOUGHT_NAMES,
    VERDICT_NAMES,
    elicitation_name,
    in_table_order,
    steering_name,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.report.tables import ShownCondition
    from doxa.report.words import Names

__all__ = ["MEASURES", "axis_domain", "difference_domain", "measure_domains", "overview"]

MEASURES: Final = {
    "alignment": ("estimate", "low", "high"),
    "normalised": ("normalised", "normalised_low", "normalised_high"),
    "gap": ("gap", "gap_low", "gap_high"),
}
"""What the map and the ranking can show of each country: its columns of the alignment table."""


def overview(
    alignment: pl.DataFrame,
    replies: pl.DataFrame,
    steering: pl.DataFrame | None,
    conditions: Sequence[ShownCondition],
    names: Names,
    time: pl.DataFrame | None = None,
) -> dict[str, Any]:
    """Gather the data of every section but the item explorer.

    Parameters
    ----------
    alignment, steering : polars.DataFrame
        As `doxa.analysis.country_alignment` and `steering_effects` give them, in the page's
        order; `steering` is None where there is nothing to show.
    replies : polars.DataFrame
        As `doxa.store.Store.replies` gives them.
    conditions : sequence of ShownCondition
        Those of the report; rows refer to them by position.
    names : Names
        What countries and languages are called.
    time : polars.DataFrame, optional
        As `doxa.analysis.wave_alignment` gives it.
    """
    keys = ("model", "elicitation")
    asked = pl.concat([alignment.select(keys), replies.select(keys)]).unique()
    forest_domain = axis_domain(alignment, ("estimate", "low", "high", "ceiling", "baseline"))
    effects = (
        pl.DataFrame(schema=dict.fromkeys(STEERING_COLUMNS, pl.String))
        if steering is None
        else steering.select(STEERING_COLUMNS)
    )
    heat_domain = axis_domain(alignment, ("estimate",))
    return {
        "models": sorted(asked["model"].unique()),
        "elicitations": {
            name: elicitation_name(name) for name in in_table_order(asked["elicitation"])
        },
        "waves": sorted(alignment["wave"].unique()),
        "countries": {
            code: names.country(code)
            for code in sorted(alignment["country"].unique(), key=names.country)
        },
        "conditions": [asdict(condition) for condition in conditions],
        "ways": [asdict(way) for way in ways_of(conditions, names)],
        "languages": {c.language: names.language(c.language) for c in conditions},
        "spoken": {
            code: list(names.bank.countries[nation].languages)
            for code in alignment["country"].unique()
            if (nation := code.partition(BESIDE)[0]) in names.bank.countries
        },
        "steerings": STEERINGS,
        "steeringNames": {kind: steering_name(kind) for kind in STEERINGS},
        "gainColours": CHANGE,
        "statuses": STATUS_NAMES,
        "thoughts": THOUGHT_NAMES
        if replies["thought_status"].is_in([*THOUGHT_NAMES]).any()
        else {},
        "verdicts": VERDICT_NAMES,
        "alignment": columns(with_condition(alignment.select(ALIGNMENT_COLUMNS), conditions)),
        "time": None
        if time is None
        else columns(with_condition(time.select(WAVE_COLUMNS), conditions)),
        "steering": columns(with_condition(effects, conditions)),
        "reliability": columns(with_condition(reliability_table(replies), conditions)),
        "domains": {"forest": forest_domain, "heat": heat_domain},
        "measures": {name: measure_domains(alignment, found) for name, found in MEASURES.items()},
        "charts": {
            "forest": charts.forest(forest_domain),
            "effects": charts.effects(difference_domain(effects)),
            "finding": charts.finding(),
            "heat": charts.heat_map(heat_domain),
            "gains": charts.heat_map((-1, 1), change=True),
            "board": model_charts.board(),
            "slopes": model_charts.slopes(),
            "intervals": charts.intervals(),
            "time": charts.time(forest_domain if time is None else time_domain(time)),
            "map": world_map(heat_domain),
            "change": world_map((-1, 1), change=True),
            "reliability": charts.reliability(),
            "distribution": charts.distribution(),
        },
        "config": chart_config(css_names()),
    }


def measure_domains(alignment: pl.DataFrame, names: Sequence[str]) -> dict[str, Any] | None:
    """Choose the axis and the colours of a measure, over everything on the page.

    Parameters
    ----------
    alignment : polars.DataFrame
        As `doxa.analysis.country_alignment` gives it.
    names : sequence of str
        The columns of the estimate, of `low` and of `high`.

    Returns
    -------
    dict or None
        `axis` and `colours`, each from the tick below the least to the one above the most; ticks
        lie 0.05 apart, 0.1 on an axis longer than 0.5. None if nothing has this measure.

    Examples
    --------
    >>> rows = pl.DataFrame({"gap": [-0.12, 0.03], "low": [-0.16, 0.0], "high": [-0.1, 0.07]})
    >>> measure_domains(rows, ("gap", "low", "high"))
    {'axis': (-0.2, 0.1), 'colours': (-0.15, 0.05)}
    """
    axis, colours = _ticked(alignment, names), _ticked(alignment, names[:1])
    return axis and {"axis": axis, "colours": colours or axis}


def _ticked(frame: pl.DataFrame, names: Sequence[str]) -> tuple[float, float] | None:
    values = [value for name in names for value in frame[name].drop_nulls() if isfinite(value)]
    if not values:
        return None
    ticks = 10 if max(values) - min(values) > 0.5 else 20
    low = floor(min(values) * ticks + 1e-9) / ticks
    high = ceil(max(values) * ticks - 1e-9) / ticks
    return low, high if low < high else low + 1 / ticks


def axis_domain(frame: pl.DataFrame, names: Sequence[str]) -> tuple[float, float]:
    """Choose an axis for alignments: from the tick below the smallest to the one above the largest.

    Ticks lie 0.05 apart, 0.1 on an axis longer than 0.5.

    Examples
    --------
    >>> axis_domain(pl.DataFrame({"low": [0.613], "high": [0.972]}), ("low", "high"))
    (0.6, 1.0)
    """
    values = [
        value for name in names for value in frame[name].drop_nulls().to_list() if isfinite(value)
    ]
    if not values:
        return 0.0, 1.0
    ticks = 20 if max(values) - min(values) <= 0.5 else 10
    low = max(0.0, floor(min(values) * ticks + 1e-9) / ticks)
    high = min(1.0, ceil(max(values) * ticks - 1e-9) / ticks)
    return (low, high) if low < high else (low, low + 1 / ticks) if low < 1 else (0.95, 1.0)


def time_domain(time: pl.DataFrame) -> tuple[float, float]:
    """Choose the axis of alignments by wave."""
    return axis_domain(time, ("estimate", "low", "high"))


def difference_domain(frame: pl.DataFrame) -> tuple[float, float]:
    """Choose an axis for differences: in steps of 0.05, from −0.05 to 0.05 at least.

    Examples
    --------
    >>> difference_domain(pl.DataFrame({"estimate": [0.02], "low": [-0.01], "high": [0.07]}))
    (-0.05, 0.1)
    """
    values = [-0.05, 0.05]
    for name in ("estimate", "low", "high"):
        values += frame[name].drop_nulls().cast(pl.Float64).to_list()
    return floor(min(values) * 20) / 20, ceil(max(values) * 20) / 20

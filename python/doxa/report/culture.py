"""What the page and the figures show of the Inglehart–Welzel cultural map."""

from __future__ import annotations

from math import log, sqrt
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.analysis.parts.cultural_scale import cultural_scale
from doxa.analysis.parts.pairs import population_keys
from doxa.errors import NoDataError
from doxa.evaluate import make_table
from doxa.report.tables import columns, with_condition
from doxa.report.words import with_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.evaluate import Evaluation
    from doxa.report.tables import ShownCondition
    from doxa.report.words import Names

__all__ = ["CultureMap", "culture_data"]

_AXES: Final = ("secular", "self_expression")
_ASKED: Final = ("model", "elicitation", "condition")

CultureMap = dict[str, Any]
"""`people` and `ways` as columns of the rows that `doxa.report.culture_map` draws; `radius` and
`error` as it takes them."""


def culture_data(
    evaluation: Evaluation, conditions: Sequence[ShownCondition], names: Names
) -> CultureMap | None:
    """Gather the places of countries and of ways of asking; None if nothing was asked enough.

    Parameters
    ----------
    evaluation : Evaluation
        As `doxa.evaluate.evaluate` gives it.
    conditions : sequence of ShownCondition
        Those of the page; ways of asking refer to them by position.
    names : Names
        What countries are called.
    """
    try:
        table = make_table(evaluation, "culture")
        nearest = make_table(evaluation, "culture_nearest")
    except NoDataError:
        return None
    if not table.width:
        return None
    ways = with_condition(table.filter(side="model"), conditions).drop_nulls((*_AXES, "condition"))
    if ways.is_empty():
        return None
    first = with_condition(nearest.filter(rank=1), conditions).select(
        *_ASKED, "distance", "probability",
        pl.col("country").alias("nearest"),
    )  # fmt: skip
    ways = ways.drop("country").join(first, on=_ASKED, how="left", maintain_order="left")
    people = [_country(row, names) for row in _whole(table, evaluation).rows(named=True)]
    rows = [_way(row, conditions[row["condition"]], names) for row in ways.rows(named=True)]
    return {
        "people": columns(pl.DataFrame(people)),
        "ways": columns(pl.DataFrame(rows, infer_schema_length=None)),
        "error": {
            axis: round(float(error), 3)
            for axis, error in zip(_AXES, cultural_scale().error, strict=True)
        },
        # An ellipse of so many standard errors holds the place as often as an interval would.
        "radius": round(sqrt(-2 * log(1 - evaluation.settings.confidence)), 4),
    }


def _whole(table: pl.DataFrame, evaluation: Evaluation) -> pl.DataFrame:
    """Keep whole countries that have a place, published or told by six items."""
    groups = population_keys(evaluation.human_waves)[3:]
    known = pl.any_horizontal(
        pl.all_horizontal(pl.col(name).is_not_null() for name in names)
        for names in (_AXES, [f"published_{axis}" for axis in _AXES])
    )
    return table.filter(known, *(pl.col(name).is_null() for name in groups), side="people")


def _country(row: dict[str, Any], names: Names) -> dict[str, Any]:
    published = all(row[f"published_{axis}"] is not None for axis in _AXES)
    source = "published_" if published else ""
    name = names.country(row["country"])
    told = "the published place" if published else f"told by {row['n_items']} of six items"
    return {
        "kind": "people",
        "steering": "people",
        "country": row["country"],
        "name": name,
        "published": published,
        "x": row[f"{source}self_expression"],
        "y": row[f"{source}secular"],
        "detail": f"{name}: {told}",
    }


def _way(row: dict[str, Any], condition: ShownCondition, names: Names) -> dict[str, Any]:
    secular, expression = (
        with_interval(row[axis], row[f"{axis}_low"], row[f"{axis}_high"], signed=True)
        for axis in _AXES
    )
    return {
        **{name: row[name] for name in _ASKED},
        "kind": "model",
        "name": condition.label,
        "steering": condition.kind,
        "x": row["self_expression"],
        "y": row["secular"],
        "sx": row["self_expression_std_error"] or 0.0,
        "sy": row["secular_std_error"] or 0.0,
        "rho": row["correlation"] or 0.0,
        "secular": secular,
        "self_expression": expression,
        "nearest": row["nearest"] and names.country(row["nearest"]),
        "distance": row["distance"],
        "probability": row["probability"],
        "n_items": row["n_items"],
        "note": row["note"],
        "detail": f"{condition.label}\nsecular-rational {secular}\nself-expression {expression}",
    }

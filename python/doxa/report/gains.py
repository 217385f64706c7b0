"""What each language changes, country by country, with its interval: the data of one chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from doxa.errors import NoDataError
from doxa.evaluate import make_table
from doxa.report.tables import columns, told_apart, with_condition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.evaluate import Evaluation
    from doxa.report.tables import ShownCondition

__all__ = ["language_gains"]


def language_gains(
    evaluation: Evaluation, conditions: Sequence[ShownCondition], groups: Sequence[str]
) -> dict[str, list[Any]]:
    """Take the table of language gains by condition and country, with corrected intervals.

    Parameters
    ----------
    evaluation : Evaluation
        Its table `language_gains` is read.
    conditions : sequence of ShownCondition
        Those of the page; rows refer to them by position.
    groups : sequence of str
        The columns that tell the populations of a country apart.

    Returns
    -------
    dict of str to list
        `model`, `elicitation`, `wave`, `condition`, `country`, `estimate`, `low`, `high`; empty
        where fewer than two languages were asked without steering.
    """
    try:
        table = make_table(evaluation, "language_gains")
    except NoDataError:
        return {"condition": []}
    if table.is_empty():
        return {"condition": []}
    named = told_apart(table, groups).with_columns(steering=pl.lit("none"), target=pl.lit(""))
    rows = with_condition(named, conditions).drop_nulls("condition")
    numbers = ("estimate", "low_adjusted", "high_adjusted")
    return columns(
        rows.select(
            "model", "elicitation", "wave", "condition", "country",
            *(pl.col(name).round(4).alias(name.removesuffix("_adjusted")) for name in numbers),
        )
    )  # fmt: skip

"""What the page shows of models side by side, and beside published ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.analysis.languages import OWN_AGAINST_REFERENCE
from doxa.evaluate.published import NOT_PUBLISHED, PUBLISHED
from doxa.report.further import made
from doxa.report.tables import columns, told_apart, with_condition
from doxa.report.words import join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.evaluate import Evaluation
    from doxa.report.tables import ShownCondition

__all__ = ["OWN_LANGUAGE", "changes_of", "published_rows", "side_by_side"]

_BOARD: Final = (
    "elicitation", "model", "estimate", "low", "high", "rank", "rank_low", "rank_high", "p_first",
    "ceiling", "uniform", "normalised", "normalised_low", "normalised_high", "n_items", "note",
)  # fmt: skip
_DIFFERENCE: Final = (
    "a", "b", "elicitation", "country", "wave", "estimate", "low", "high", "n_items",
)  # fmt: skip
_CHANGE: Final = (
    "model", "elicitation", "wave", "change", "before", "after", "estimate", "low", "high",
    "n_countries", "n_items", "note",
)  # fmt: skip
OWN_LANGUAGE: Final = "own language"
"""What the column `change` says of asking in a country's own language in place of English."""


def side_by_side(
    evaluation: Evaluation, conditions: Sequence[ShownCondition], groups: Sequence[str]
) -> dict[str, Any] | None:
    """Gather the data of the section.

    Parameters
    ----------
    evaluation : Evaluation
        Its tables `leaderboard`, `differences`, `steering_means` and `own_language` are used.
    conditions : sequence of ShownCondition
        Those of the report; rows refer to them by position.
    groups : sequence of str
        The columns that tell the populations of a country apart.

    Returns
    -------
    dict or None
        `leaderboard`, `differences` and `changes`, each a mapping of column name to values. None
        if there is one model, and no published one to set beside it.
    """
    board = made(evaluation, "leaderboard")
    several = board.height > 0 and board["model"].n_unique() > 1
    if not several and made(evaluation, "published").is_empty():
        return None
    differences = made(evaluation, "differences") if several else pl.DataFrame()
    if differences.height:
        apart = with_condition(told_apart(differences, groups), conditions)
        differences = apart.select(*_DIFFERENCE, "condition")
    return {
        "leaderboard": columns(board.select(_BOARD) if board.height else board),
        "differences": columns(_brief(differences)),
        "changes": columns(changes_of(evaluation)),
    }


def published_rows(evaluation: Evaluation) -> dict[str, Any] | None:
    """Give the published scores of the evaluation's countries, and what they are of.

    Returns
    -------
    dict or None
        `rows`, a mapping of column name to values, as the table `published` has them; `about` and
        `lacking`, two sentences. None if there are none.
    """
    table = made(evaluation, "published")
    if table.is_empty():
        return None
    return {
        "rows": columns(table.drop("source")),
        "about": f"Published models: {PUBLISHED}.",
        "lacking": f"Three more models of the study, {join([*NOT_PUBLISHED])}, are not here: "
        "their replies are not at hand.",
    }


def changes_of(evaluation: Evaluation) -> pl.DataFrame:
    """Join what each steering and a country's own language do for each model, over countries.

    Parameters
    ----------
    evaluation : Evaluation
        Its tables `steering_means` and `own_language` are used.

    Returns
    -------
    polars.DataFrame
        One row per model, elicitation, wave and `change` (a steering, or `OWN_LANGUAGE`): `before`
        and `after`, the mean alignments without and with it, and `estimate` to `note` of their
        difference. Without columns if there is none.
    """
    tables = []
    steered = made(evaluation, "steering_means")
    if steered.height:
        named = {"change": "steering", "before": "unsteered", "after": "steered"}
        tables.append(steered.filter(group="", reasoning="off").with_columns(**_columns(named)))
    language = made(evaluation, "own_language")
    if language.height:
        means = language.filter(
            pl.col("is_mean") & (pl.col("n_countries") > 0),
            measure=OWN_AGAINST_REFERENCE, steering="none", group="", reasoning="off",
        )  # fmt: skip
        tables.append(
            means.with_columns(
                change=pl.lit(OWN_LANGUAGE), **_columns({"before": "other", "after": "own"})
            )
        )
    if not tables:
        return pl.DataFrame()
    return pl.concat([table.select(_CHANGE) for table in tables]).drop_nulls("estimate")


def _columns(named: dict[str, str]) -> dict[str, pl.Expr]:
    return {name: pl.col(column) for name, column in named.items()}


def _brief(differences: pl.DataFrame) -> pl.DataFrame:
    """Round to what a map and a table show: there are many rows."""
    return differences.with_columns(pl.selectors.float().round(4))

"""What asking in each language changes for each country: the rows of its grid and of its map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from doxa.analysis.parts.pairs import population_keys
from doxa.errors import NoDataError
from doxa.evaluate import make_table
from doxa.prompt import OFF
from doxa.report.tables import told_apart

if TYPE_CHECKING:
    from doxa.evaluate import Evaluation
    from doxa.report.words import Names

__all__ = ["gain_rows"]


def gain_rows(evaluation: Evaluation, names: Names) -> pl.DataFrame | None:
    """Make the rows of both; None where nothing was asked unsteered in two languages.

    Parameters
    ----------
    evaluation : Evaluation
        As `doxa.evaluate.evaluate` gives it.
    names : Names
        What languages are called.

    Returns
    -------
    polars.DataFrame or None
        `model`, `elicitation`, `asked` (the language, and how the model thought), `language`,
        `against` (the other language), `wave`, `country`, `is_own`, `estimate`, `n_items`, and
        `low` and `high`, which are corrected for all languages and countries.
    """
    try:
        table = make_table(evaluation, "language_gains")
    except NoDataError:
        return None
    own = table.filter(pl.col("estimate").is_not_null()) if table.width else table
    if own.is_empty():
        return None
    thinking = pl.when(pl.col("reasoning") != OFF).then(pl.format(" · thinking {}", "reasoning"))
    languages = pl.concat([own["language"], own["reference_language"]]).unique()
    called = {code: names.language(code) for code in languages}
    told = told_apart(own, population_keys(evaluation.human_waves)[3:])
    return told.select(
        "model", "elicitation",
        (pl.col("language").replace(called) + thinking.fill_null("")).alias("asked"),
        "language", pl.col("reference_language").replace(called).alias("against"),
        "wave", "country", "is_own",
        pl.col("estimate").round(4),
        pl.col("low_adjusted").round(4).alias("low"),
        pl.col("high_adjusted").round(4).alias("high"),
        "n_items",
    ).sort("asked", maintain_order=True)  # fmt: skip

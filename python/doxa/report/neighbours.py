"""Countries beside countries: people's answers, and those of a model steered towards each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.analysis import cluster_order
from doxa.report.pack import pack_numbers
from doxa.report.tables import with_condition
from doxa.score import alignment_matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.questionnaire import QuestionBank
    from doxa.report.tables import ShownCondition

__all__ = ["asked_as", "beside_all", "similar_together"]

_THOUSANDTHS: Final = 1000


def similar_together(human: pl.DataFrame, bank: QuestionBank) -> list[str]:
    """Order the countries of a wave so that similar ones are neighbours.

    Parameters
    ----------
    human : polars.DataFrame
        Human distributions of one wave.
    bank : QuestionBank
        The items, with their scales.

    Returns
    -------
    list of str
        The leaves of average-linkage clustering by 1 - alignment.
    """
    human = human.filter(pl.col("question").is_in(list(bank.items)))
    table = alignment_matrix(
        human["probabilities"],
        groups=human["country"],
        items=human["question"],
        **_scales(human, bank),
    )
    codes = table.columns[1:]
    distances = 1 - table.drop(table.columns[0]).fill_null(0).to_numpy()
    # The two halves are summed in different orders and differ in their last bits.
    np.fill_diagonal(distances, 0)
    distances = np.maximum((distances + distances.T) / 2, 0)
    return [codes[leaf] for leaf in cluster_order(distances)]


def beside_all(
    model: pl.DataFrame,
    human: pl.DataFrame,
    conditions: Sequence[ShownCondition],
    bank: QuestionBank,
) -> tuple[list[str], list[tuple[dict[str, str], pl.DataFrame]]]:
    """Align a model steered towards one country with the people of every country.

    Parameters
    ----------
    model, human : polars.DataFrame
        As `doxa.evaluate.Evaluation` has them; only the newest wave of `human` is used.
    conditions : sequence of ShownCondition
        Those of the report.
    bank : QuestionBank
        The items, with their scales.

    Returns
    -------
    order : list of str
        The countries, similar ones together; none if there are fewer than two of them or of
        targets.
    tables : list of (dict, polars.DataFrame)
        For each `model` and `elicitation` a table: the number of the `condition`, and the mean
        alignment with each country, null if they have no item in common.
    """
    human = human.filter(pl.col("wave") == pl.col("wave").max())
    human = human.filter(pl.col("question").is_in(list(bank.items)))
    model = model.filter(pl.col("question").is_in(list(bank.items)), pl.col("target") != "")
    if model["target"].n_unique() < 2 or human["country"].n_unique() < 2:
        return [], []
    order = similar_together(human, bank)
    numbered = with_condition(model, conditions).sort("model", "elicitation", "condition")
    tables = []
    for part in numbered.partition_by("model", "elicitation"):
        table = alignment_matrix(
            part["probabilities"],
            groups=part.select("condition"),
            items=part["question"],
            others=human["probabilities"],
            other_groups=human["country"],
            other_items=human["question"],
            **_scales(part, bank),
        )
        keys = part.select("model", "elicitation").row(0, named=True)
        tables.append((keys, table.select("condition", *order)))
    return order, tables


def asked_as(
    model: pl.DataFrame,
    human: pl.DataFrame,
    conditions: Sequence[ShownCondition],
    bank: QuestionBank,
) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """Pack what `beside_all` finds, for the page.

    Returns
    -------
    index : dict or None
        The order of the countries, and for each model and elicitation the conditions of the
        lines in its block. None if there are fewer than two targets or two countries.
    blocks : dict of str to str
        Alignments in thousandths plus 1; 0 if there is none.
    """
    order, tables = beside_all(model, human, conditions, bank)
    if not order:
        return None, {}
    parts, blocks = [], {}
    for number, (keys, table) in enumerate(tables):
        values = table.select(order).fill_null(-1 / _THOUSANDTHS).to_numpy()
        blocks[f"asked-as-{number}"] = pack_numbers(
            [np.rint(_THOUSANDTHS * values).astype(np.int64) + 1]
        )
        parts.append({**keys, "conditions": table["condition"].to_list()})
    return {"order": order, "parts": parts}, blocks


def _scales(frame: pl.DataFrame, bank: QuestionBank) -> dict[str, Any]:
    scales = [bank.items[item].scale for item in frame["question"]]
    return {
        "scale": [scale.kind for scale in scales],
        "positions": [list(scale.positions) for scale in scales],
    }

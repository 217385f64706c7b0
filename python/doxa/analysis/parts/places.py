"""Where each option of a reply stood when it was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from doxa.errors import ExperimentError
from doxa.prompt.order import ordered_codes

if TYPE_CHECKING:
    from doxa.questionnaire import Item, QuestionBank

__all__ = ["option_places", "shown_codes"]


def shown_codes(item: Item, order: str) -> tuple[int, ...]:
    """List an item's codes in the order in which they were shown.

    Parameters
    ----------
    item : Item
        The item.
    order : str
        A reply's `option_order`: the name of an order, or the codes themselves, as a recording has
        them whose options were shown in an order without a name.

    Returns
    -------
    tuple of int
        () where the order is neither.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> item = QuestionBank.load().items["Q1"]
    >>> shown_codes(item, "reversed"), shown_codes(item, "2 1 4 3")
    ((4, 3, 2, 1), (2, 1, 4, 3))
    """
    try:
        return ordered_codes(item, order)
    except ExperimentError:
        listed = order.split()
        known = {str(code): code for code in item.scale.all_codes}
        named = set(listed) == set(known) and len(listed) == len(known)
        return tuple(known[text] for text in listed) if named else ()


def option_places(asked: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    """Say in which place each option of some items and orders was shown.

    Parameters
    ----------
    asked : polars.DataFrame
        `question` and `option_order`.
    bank : QuestionBank
        The items; others have no rows.

    Returns
    -------
    polars.DataFrame
        One row an option: `question`, `option_order`, `codes`, `place` (from 0), `n_shown`, and
        `on_scale`, `first`, `last`: whether the option is on the scale, and whether it is the first
        or last of those that are. Options off the scale stand last of all, in every order.
    """
    rows = []
    for question, order in (
        asked.select("question", "option_order")
        .unique()
        .sort("question", "option_order")
        .iter_rows()
    ):
        if question not in bank.items:
            continue
        item = bank.items[question]
        shown = shown_codes(item, order)
        scale = [code for code in shown if code in item.scale.codes]
        rows += [
            (question, order, code, place, len(shown), code in scale,
             code == scale[0], code == scale[-1])
            for place, code in enumerate(shown)
        ]  # fmt: skip
    schema = {
        "question": pl.String,
        "option_order": pl.String,
        "codes": pl.Int64,
        "place": pl.Int64,
        "n_shown": pl.Int64,
        **dict.fromkeys(("on_scale", "first", "last"), pl.Boolean),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")

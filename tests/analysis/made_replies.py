"""Made-up replies that have nothing to do with the question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from doxa.prompt import ordered_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from doxa.questionnaire import QuestionBank

NAMED = {
    "model": "parrot", "elicitation": "verbalized", "language": "en", "steering": "none",
    "target": "", "template": "a", "reasoning": "off",
}  # fmt: skip


def always(
    bank: QuestionBank,
    shares: Callable[[int], NDArray[np.float64]],
    orders: Sequence[str] = ("listed",),
) -> pl.DataFrame:
    """Replies whose shares, in the order shown, depend on the number of options alone."""
    rows = []
    for name, item in bank.items.items():
        for order in orders:
            shown = ordered_codes(item, order)
            given = shares(len(shown))
            by_code = dict(zip(shown, given / given.sum(), strict=True))
            codes = list(item.scale.all_codes)
            rows.append((name, order, codes, [float(by_code[code]) for code in codes]))
    frame = pl.DataFrame(
        rows, schema=["question", "option_order", "codes", "probabilities"], orient="row"
    )
    return frame.select(
        *(pl.lit(value).alias(name) for name, value in NAMED.items()),
        "question", "codes", "probabilities", "option_order",
        request_key=pl.lit("k"), draw=pl.lit(0, pl.Int64), status=pl.lit("ok"),
        off_option_mass=pl.lit(0.0),
    )  # fmt: skip


def first_option(bank: QuestionBank, orders: Sequence[str]) -> pl.DataFrame:
    """Replies that put everything on the option shown first."""
    return always(bank, lambda n: np.eye(n)[0], orders)

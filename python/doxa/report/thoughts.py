"""What the report says of the thoughts that a model wrote before it answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doxa.prompt.condition import parse_reasoning
from doxa.report.words import THOUGHT_NAMES, join, plural

if TYPE_CHECKING:
    import polars as pl

__all__ = ["about_thoughts"]


def about_thoughts(replies: pl.DataFrame) -> list[str]:
    """Say how long a model thought first, how its thoughts ended, and what is not known.

    Parameters
    ----------
    replies : polars.DataFrame
        As `doxa.store.Store.replies` gives them.

    Examples
    --------
    >>> import polars as pl
    >>> replies = pl.DataFrame({"reasoning": ["512", "512"], "thought_status": ["closed", "cut"]})
    >>> about_thoughts(replies)[1]
    'Of 2 thoughts, 1 was closed by the model and 1 was cut at the budget.'
    """
    ends = dict(replies["thought_status"].value_counts().rows())
    budgets = [f"{most:,}" for most in sorted(map(parse_reasoning, replies["reasoning"].unique()))]
    asked = [most for most in budgets if most != "0"]
    sentences = []
    if asked:
        sentences.append(
            f"Where the model thought first, it wrote at most {join(asked)} tokens; the thought "
            "was closed, and the answer was read after it."
        )
    told = [
        f"{ends[end]:,} {'was' if ends[end] == 1 else 'were'} {words}"
        for end, words in THOUGHT_NAMES.items()
        if end in ends
    ]
    if told:
        total = sum(ends[end] for end in THOUGHT_NAMES if end in ends)
        sentences.append(f"Of {plural(total, 'thought')}, {join(told)}.")
    if "unknown" in ends:
        sentences.append(
            f"Of {plural(ends['unknown'], 'reply', 'replies')} it is not known whether the model "
            "thought first."
        )
    return sentences

"""A combination: one question of an experiment, to each of its models."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from doxa.elicit import ELICITATIONS
from doxa.prompt import REPLY_FORMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.prompt import Condition

__all__ = ["Combination", "alike_elicitations"]


class Combination(NamedTuple):
    """One question to each model: an item, its condition, the elicitation and the draw.

    A combination and a model make a cell of the run's store.
    """

    item: str
    condition: Condition
    elicitation: str
    draw: int


def alike_elicitations(elicitations: Sequence[str], condition: Condition) -> list[Sequence[str]]:
    """Group elicitations by what their prompts have in common before the item.

    Examples
    --------
    >>> from doxa.prompt import Condition
    >>> alike_elicitations(("logprobs", "verbalized"), Condition("en", n_examples=0))
    [('logprobs', 'verbalized')]
    """
    if not condition.n_examples or condition.shows_human_answers:
        return [elicitations]
    groups: dict[str, list[str]] = {}
    for name in elicitations:
        groups.setdefault(REPLY_FORMS[ELICITATIONS[name].asks], []).append(name)
    return list(groups.values())

"""Labels that say in words of their own that many answers of an item are missing.

Such a label may be an answer that doxa does not know. So it is told where it stands for much of an
item's column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from doxa.outside.written import some_of
from doxa.questionnaire.missing import MISSING_REASONS
from doxa.survey.codes import answer_codes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doxa.questionnaire.item import Item
    from doxa.survey.codes import Encoded

__all__ = ["WordedMissing", "worded_missing", "worded_notes"]

_MANY: Final = 0.1
_SOME: Final = 0.01
"""The shares of an item's answers above which a label is told: always, or if an answer has none."""


@dataclass(frozen=True, slots=True)
class WordedMissing:
    """A label of missing answers in an item's column.

    Attributes
    ----------
    item, label : str
        The item, and the label as the file has it.
    code : int
        The reason, as in `doxa.questionnaire.missing.MISSING_REASONS`.
    n : int
        How many respondents have it.
    """

    item: str
    label: str
    code: int
    n: int


def worded_missing(item: Item, encoded: Encoded) -> list[WordedMissing]:
    """List the labels to tell of an item that somebody answered.

    Those are labels of more than a tenth of those who answered or are so labelled; and of more than
    a hundredth, where nobody gave an answer that has a word of its own.
    """
    if not encoded.worded:
        return []
    counts = np.bincount(encoded.codes, minlength=256)
    answers = answer_codes(item)
    n_answers = int(counts[: len(answers)].sum())
    unused = any(counts[answers.index(code)] == 0 for code in item.labelled)
    least = _SOME if unused else _MANY
    return [
        WordedMissing(item.id, label, code, n)
        for label, (code, n) in encoded.worded.items()
        if n_answers and n > least * (n + n_answers)
    ]


def worded_notes(found: Iterable[WordedMissing]) -> list[str]:
    """Say for each label what it counts as and where."""
    by_label: dict[tuple[str, int], list[WordedMissing]] = {}
    for one in found:
        by_label.setdefault((one.label, one.code), []).append(one)
    return [
        f"{label[:80]!r} counts as {MISSING_REASONS[code]!r}: "
        + some_of([f"{one.item} ({one.n:,})" for one in ones])
        + "; if it is an answer, say so with --labels"
        for (label, code), ones in by_label.items()
    ]

"""The codes of missing answers, and the reason that each stands for.

They are the survey's own. They are negative, so they differ from the codes of answers. Human
counts, compact codes and descriptions of other surveys use them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from doxa.questionnaire.read_only import read_only

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DONT_KNOW", "LOWEST_NONRESPONSE", "MISSING_REASONS", "UNKNOWN",
           "UNKNOWN_LABEL"]  # fmt: skip

MISSING_REASONS: Final[Mapping[int, str]] = read_only(
    {
        -1: "don't know",
        -2: "no answer",
        -3: "not applicable",
        -4: "not asked",
        -5: "missing or unknown",
    }
)
"""Each code of a missing answer that files use, and why the answer is missing."""

DONT_KNOW: Final = -1
"""The code of a respondent who was asked and did not know."""

UNKNOWN: Final = -5
"""The code of an answer that is missing for no known reason, such as an empty cell."""

UNKNOWN_LABEL: Final = -6
"""The code of what a file holds and no table knows; no file uses it."""

LOWEST_NONRESPONSE: Final = -2
"""From this code up to -1, the respondent was asked; below it, the respondent was not."""

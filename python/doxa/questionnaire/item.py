"""Items: what is asked, on which scale, and the survey's variables that hold the answers.

An item has no wording. A `doxa.questionnaire.Question` is an item in one language.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from doxa.errors import QuestionnaireError
from doxa.questionnaire.read_only import read_only

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire.scale import Scale

__all__ = ["Item"]


@dataclass(frozen=True, slots=True)
class Item:
    """A question of the survey, apart from any wording.

    Parameters
    ----------
    id : str
        The item's name: the wave-7 variable, such as ``"Q1"``.
    topic : str
        The section of the survey that it belongs to, a key of `QuestionBank.topics`.
    answers : str
        The name of its answer set, which other items may use too.
    scale : Scale
        Its options and their distances.
    variables : mapping of int to str
        The survey's variable in each wave that asked the item on this scale.
    listed : tuple of int
        All codes in the order in which the questionnaire lists them. Empty stands for
        ``scale.all_codes``.
    labelled : tuple of int
        The codes that carry words; the others are bare steps between them. Empty stands for
        ``scale.all_codes``.
    spontaneous : tuple of int
        Codes of answers that respondents volunteered without being offered them. Survey files may
        hold them; if they are counted, they are off the scale.
    measures : str
        What is measured, in a few English words, for whoever reads a translation. It may be empty.

    Raises
    ------
    QuestionnaireError
        `listed` does not hold each code once, `labelled` holds a code twice or one that the item
        lacks, or `spontaneous` holds an offered code.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> item = QuestionBank.load().items["Q122"]
    >>> item.scale.codes, item.listed
    ((0, 1, 2), (2, 1, 0))
    >>> sorted(item.variables)
    [7]
    """

    id: str
    topic: str
    answers: str
    scale: Scale
    variables: Mapping[int, str] = field(hash=False)
    listed: tuple[int, ...] = ()
    labelled: tuple[int, ...] = ()
    spontaneous: tuple[int, ...] = ()
    measures: str = ""

    def __post_init__(self) -> None:
        codes = self.scale.all_codes
        object.__setattr__(self, "listed", self.listed or codes)
        object.__setattr__(self, "labelled", self.labelled or codes)
        object.__setattr__(self, "variables", read_only(self.variables))
        if sorted(self.listed) != sorted(codes):
            raise QuestionnaireError(f"listed {self.listed} must hold each of {codes} once")
        if not set(self.labelled) <= set(codes) or len(set(self.labelled)) < len(self.labelled):
            raise QuestionnaireError(f"labelled {self.labelled} does not fit the codes {codes}")
        if set(self.spontaneous) & set(codes):
            raise QuestionnaireError(f"spontaneous {self.spontaneous} are offered codes as well")

    @property
    def known_codes(self) -> tuple[int, ...]:
        """The codes that answers may have: those on the scale, off it, and volunteered ones."""
        return self.scale.all_codes + self.spontaneous

    @property
    def has_bare_steps(self) -> bool:
        """Whether some options are bare steps, without words."""
        return len(self.labelled) < len(self.scale.all_codes)

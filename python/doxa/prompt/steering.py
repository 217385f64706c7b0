"""Ways to steer a model, each a part that can be combined with the others.

A steering is named by its parts in the order of `PARTS`, joined by "_": ``"persona"``,
``"few-shot"``, ``"persona_few-shot"``, ``"persona_time-6"``; without parts it is ``"none"``.
Prompting in another language is no part: it is the condition's language.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from doxa.errors import ExperimentError, QuestionnaireError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from doxa.prompt.condition import Condition
    from doxa.prompt.texts import Texts
    from doxa.questionnaire import Language

__all__ = ["PARTS", "WAVE_YEARS", "Part", "parse_steering"]

WAVE_YEARS: Final[Mapping[int, tuple[int, int]]] = {
    1: (1981, 1984),
    2: (1990, 1994),
    3: (1995, 1998),
    4: (1999, 2004),
    5: (2005, 2009),
    6: (2010, 2014),
    7: (2017, 2022),
}
"""First and last year of each wave of the World Values Survey."""


@dataclass(frozen=True, slots=True)
class Part:
    """One way to steer.

    Parameters
    ----------
    targeted : bool
        Whether it steers towards a country, which the condition must then name.
    paragraph : callable
        From condition, language and prompt texts to the paragraph it adds before the examples.
    """

    targeted: bool
    paragraph: Callable[[Condition, Language, Texts], str]


def _persona(condition: Condition, language: Language, texts: Texts) -> str:
    if condition.target not in language.countries:
        raise QuestionnaireError(
            f"no country {condition.target!r} in {language.path}: write an alpha-3 code such as "
            f"JPN, or add countries.{condition.target} with its name and people"
        )
    return texts.persona.format(people=language.countries[condition.target].people)


def _time(condition: Condition, language: Language, texts: Texts) -> str:  # noqa: ARG001
    first, last = WAVE_YEARS[condition.wave]
    return texts.time.format(first=first, last=last)


def _few_shot(condition: Condition, language: Language, texts: Texts) -> str:  # noqa: ARG001
    return texts.examples_people


PARTS: Final[Mapping[str, Part]] = {
    "persona": Part(targeted=True, paragraph=_persona),
    "time": Part(targeted=False, paragraph=_time),
    "few-shot": Part(targeted=True, paragraph=_few_shot),
}
"""The parts a steering can have, in the order in which they stand in its name and in a prompt."""


def parse_steering(steering: str) -> tuple[tuple[str, ...], int | None]:
    """Read the name of a steering.

    Parameters
    ----------
    steering : str
        ``"none"``, or parts joined by "_"; time carries its wave, as in ``"time-6"``.

    Returns
    -------
    parts : tuple of str
        Keys of `PARTS`.
    wave : int or None
        The wave that the time part names.

    Raises
    ------
    ExperimentError
        An unknown part or wave, or parts repeated or in another order.

    Examples
    --------
    >>> parse_steering("persona_time-6")
    (('persona', 'time'), 6)
    >>> parse_steering("none")
    ((), None)
    """
    if steering == "none":
        return (), None
    parts: list[str] = []
    wave = None
    for name in steering.split("_"):
        head, _, number = name.partition("-")
        if head == "time":
            if not number.isdecimal() or int(number) not in WAVE_YEARS:
                raise ExperimentError(
                    f"steering {steering!r}: {name!r} names no wave: write time-1 to time-7"
                )
            wave = int(number)
            name = head
        if name not in PARTS:
            raise ExperimentError(
                f"steering {steering!r}: no part {name!r}: write none, or some of persona, "
                'time-<wave>, few-shot, joined by "_"'
            )
        parts.append(name)
    ordered = [name for name in PARTS if name in parts]
    if parts != ordered:
        right = "_".join(f"time-{wave}" if name == "time" else name for name in ordered)
        raise ExperimentError(f"steering {steering!r}: write it as {right!r}")
    return tuple(parts), wave

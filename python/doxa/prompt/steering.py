"""Ways to steer a model: the parts of a steering.

A steering is named by its parts in the order of `PARTS`, joined by "_": ``"persona"``,
``"few-shot"``, ``"persona_few-shot"``, ``"persona_time-6"``. Without parts it is ``"none"``. The
language of a prompt is not part of the steering: the condition names it.

To add a part, add a row to `PARTS`, with a function if values are filled into its text, and add its
text to the ``[prompt]`` table of each language.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from doxa.errors import ExperimentError, QuestionnaireError
from doxa.questionnaire.group_words import group_words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from doxa.questionnaire import Language

__all__ = ["PARTS", "WAVE_YEARS", "Aim", "Part", "parse_steering", "read_steering"]

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


_CHARACTERISTICS: Final = "characteristics"


@dataclass(frozen=True, slots=True)
class Aim:
    """The values that the text of a part can use.

    Parameters
    ----------
    target : str
        Alpha-3 code of the country steered towards, or "".
    number : int
        The number in the part's name, such as 6 in ``"time-6"``; 0 if it has none.
    language : Language
        The language of the prompt.
    group : str
        The group of people steered towards, as `doxa.questionnaire.group` writes it, or "".
    """

    target: str
    number: int
    language: Language
    group: str = ""


def _nothing(_: Aim) -> Mapping[str, object]:
    return {}


@dataclass(frozen=True, slots=True)
class Part:
    """One way to steer.

    Parameters
    ----------
    text : str
        The key of its text in the ``[prompt]`` table of a language. The text becomes a paragraph
        of the prompt.
    names : tuple of str
        The names in braces that the text must hold.
    fill : callable
        Takes an `Aim` and returns a value for each name in braces of the text.
    group_text, group_people_text : str
        The keys of its texts for a group of people, of any country and of one; the first holds
        {characteristics}, the second `names` too. "" if `text` fits groups as well.
    targeted : bool
        Whether it steers towards a country, a group of people or both; the condition must then
        name one of them.
    shows_human_answers : bool
        Whether the examples in the prompt show how the target's people answered. Otherwise they
        show shares drawn at random.
    number : str
        What the number in the part's name means, such as "wave" in ``time-<wave>``; "" for a part
        without a number.
    numbers : collection of int
        The numbers allowed in its name, 1 or more.
    """

    text: str
    names: tuple[str, ...] = ()
    fill: Callable[[Aim], Mapping[str, object]] = _nothing
    group_text: str = ""
    group_people_text: str = ""
    targeted: bool = False
    shows_human_answers: bool = False
    number: str = ""
    numbers: Collection[int] = ()

    def texts(self) -> dict[str, frozenset[str]]:
        """Give the keys of its texts, each with the names in braces that it must hold."""
        held = {self.text: frozenset(self.names)}
        if self.group_text:
            held[self.group_text] = frozenset({_CHARACTERISTICS})
            held[self.group_people_text] = frozenset({*self.names, _CHARACTERISTICS})
        return held

    def text_for(self, aim: Aim) -> str:
        """Give the key of the text that fits an aim."""
        if not (aim.group and self.group_text):
            return self.text
        return self.group_people_text if aim.target else self.group_text


def _persona(aim: Aim) -> Mapping[str, object]:
    said = _people(aim) if aim.target else {}
    return said | {_CHARACTERISTICS: _characteristics(aim)} if aim.group else said


def _characteristics(aim: Aim) -> str:
    each, between = (
        str(aim.language.prompt[key]) for key in ("characteristic", "characteristics_between")
    )
    words = group_words(aim.language, aim.group)
    return between.join(each.format(name=name, value=value) for name, value in words)


def _people(aim: Aim) -> dict[str, object]:
    countries = aim.language.countries
    if aim.target not in countries:
        raise QuestionnaireError(
            f"no country {aim.target!r} in {aim.language.path}: write an alpha-3 code such as "
            f"JPN, or add countries.{aim.target} with its name and people"
        )
    return {"people": countries[aim.target].people}


def _years(aim: Aim) -> Mapping[str, object]:
    first, last = WAVE_YEARS[aim.number]
    return {"first": first, "last": last}


PARTS: Final[Mapping[str, Part]] = {
    "persona": Part(
        *("persona", ("people",), _persona, "persona_group", "persona_group_people"), targeted=True
    ),
    "time": Part("time", ("first", "last"), _years, number="wave", numbers=WAVE_YEARS),
    # Last, because its text introduces the examples that follow.
    "few-shot": Part("examples_people", targeted=True, shows_human_answers=True),
}
"""The parts of a steering, in the order of its name and of the prompt."""


def parse_steering(steering: str) -> tuple[tuple[str, ...], int | None]:
    """Read the parts of a steering, and the wave that it names.

    Parameters
    ----------
    steering : str
        ``"none"``, or parts joined by "_"; time carries its wave, as in ``"time-6"``.

    Returns
    -------
    parts : tuple of str
        Keys of `PARTS`.
    wave : int or None
        The wave that the time part names; None without one.

    Raises
    ------
    ExperimentError
        A part or its number is unknown, or parts are repeated or in another order.

    Examples
    --------
    >>> parse_steering("persona_time-6")
    (('persona', 'time'), 6)
    >>> parse_steering("none")
    ((), None)
    """
    named = read_steering(steering)
    wave = next((number for part, number in named if PARTS[part].number == "wave"), None)
    return tuple(part for part, _ in named), wave


@functools.lru_cache(maxsize=256)
def read_steering(steering: str) -> tuple[tuple[str, int], ...]:
    """Read the parts of a steering with their numbers.

    Parameters
    ----------
    steering : str
        As for `parse_steering`.

    Returns
    -------
    tuple of (str, int)
        Each part with the number in its name; 0 if it has none.

    Raises
    ------
    ExperimentError
        As from `parse_steering`.

    Examples
    --------
    >>> read_steering("persona_time-6")
    (('persona', 0), ('time', 6))
    """
    if steering == "none":
        return ()
    numbers: dict[str, int] = {}
    parts = []
    for name in steering.split("_"):
        part, numbers[part] = _read_part(name, steering)
        parts.append(part)
    ordered = [part for part in PARTS if part in parts]
    if parts != ordered:
        right = "_".join(f"{p}-{numbers[p]}" if numbers[p] else p for p in ordered)
        raise ExperimentError(f"steering {steering!r}: write it as {right!r}")
    return tuple((part, numbers[part]) for part in parts)


def _read_part(name: str, steering: str) -> tuple[str, int]:
    for key, part in PARTS.items():
        if not part.number:
            if name == key:
                return key, 0
        elif name == key or name.startswith(f"{key}-"):
            number = name.removeprefix(key).removeprefix("-")
            if number.isdecimal() and int(number) in part.numbers:
                return key, int(number)
            raise ExperimentError(
                f"steering {steering!r}: {name!r} does not name its {part.number}: write "
                f"{key}-{min(part.numbers)} to {key}-{max(part.numbers)}"
            )
    known = ", ".join(
        f"{key}-<{part.number}>" if part.number else key for key, part in PARTS.items()
    )
    raise ExperimentError(
        f'steering {steering!r}: no part {name!r}: write none, or some of {known}, joined by "_"'
    )

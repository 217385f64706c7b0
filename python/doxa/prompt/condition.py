"""A condition: how items are put to a model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from doxa.errors import ExperimentError
from doxa.prompt.order import LABEL_STYLES, parse_order
from doxa.prompt.steering import PARTS, parse_steering
from doxa.prompt.surface import SURFACES
from doxa.questionnaire.group import group_name, parse_group

__all__ = ["FORM", "LABELS", "OFF", "PEOPLE_SHOWN", "Condition", "parse_reasoning"]

FORM: Final = ("wording", "surface", "template", "option_order", "label_style")
"""The fields of a condition that make its form: the same question, put in another way."""

LABELS: Final = ("language", "steering", "target", "group", *FORM, "reasoning")
"""The fields of a condition that are columns of a reply."""

OFF: Final = "off"
"""The `reasoning` of a model that answers at once."""

PEOPLE_SHOWN: Final = 5
"""The number of examples that show people's answers, unless a condition names another."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How items are put to a model: language, steering, wording and order of options.

    Parameters
    ----------
    language : str
        Code of the prompt's language.
    steering : str
        ``"none"``, or parts of `PARTS` joined by "_", such as ``"persona_time-6"``.
    target : str
        Alpha-3 code of the country steered towards; "" if no part steers towards a country, or
        towards a group of people wherever they live.
    wave : int
        The wave whose human answers the examples show. If the steering names a wave, that wave
        replaces it.
    template : str
        The name of the paraphrase of the instruction, such as ``"a"``.
    option_order : str
        ``"listed"``, ``"reversed"``, ``"rotated:<n>"``, ``"reversed:<n>"`` or ``"seed:<n>"``.
    label_style : {"numbers", "letters"}
        How options are labelled.
    n_examples : int
        The number of examples shown: 0 or more, and 1 or more if they show human answers. By
        default `PEOPLE_SHOWN` if they do, and none otherwise.
    reasoning : str
        ``"off"`` if the model answers at once; else the most tokens of the thought that it writes
        first, such as ``"512"``.
    wording : str
        The wording of the question: ``"a"`` is the questionnaire's own.
    surface : str
        ``"plain"``, or another one of `doxa.prompt.SURFACES`: a change to how the question is
        written.
    group : str
        The group of people that the model is to answer as, such as ``"sex=female,age=60+"``, of
        the target or, without one, of any country; "" for none. Its text is put into the one form
        that stands for the group everywhere: see `doxa.questionnaire.group`.

    Raises
    ------
    ExperimentError
        A value is unknown or out of range, a target is missing, or no part uses the target or
        the group.

    Examples
    --------
    >>> Condition("ja", "persona_time-6", "JPN").wave
    6
    >>> Condition("ja").n_examples, Condition("ja", "few-shot", "JPN").n_examples
    (0, 5)
    >>> Condition("ja", target="JPN")
    Traceback (most recent call last):
        ...
    doxa.errors.ExperimentError: steering 'none' has no target: leave out 'JPN'
    """

    language: str
    steering: str = "none"
    target: str = ""
    wave: int = 7
    template: str = "a"
    option_order: str = "listed"
    label_style: str = "numbers"
    n_examples: int = None  # type: ignore[assignment]  # a number once it is made
    reasoning: str = "off"
    wording: str = "a"
    surface: str = "plain"
    group: str = ""

    def __post_init__(self) -> None:
        parts, wave = parse_steering(self.steering)
        object.__setattr__(self, "group", group_name(parse_group(self.group)))
        self._check_target(targeted=any(PARTS[part].targeted for part in parts))
        if wave is not None:
            object.__setattr__(self, "wave", wave)
        parse_order(self.option_order)
        if self.label_style not in LABEL_STYLES:
            raise ExperimentError(
                f"no label style {self.label_style!r}: write {' or '.join(LABEL_STYLES)}"
            )
        if self.surface not in SURFACES:
            raise ExperimentError(f"no surface {self.surface!r}: there are {', '.join(SURFACES)}")
        parse_reasoning(self.reasoning)
        people = self.shows_human_answers
        if self.n_examples is None:
            shown = PEOPLE_SHOWN if people else 0  # type: ignore[unreachable]
            object.__setattr__(self, "n_examples", shown)
        least = int(people)
        if self.n_examples < least:
            raise ExperimentError(
                f"{self.n_examples} examples with steering {self.steering!r}: write {least} or more"
            )

    def _check_target(self, *, targeted: bool) -> None:
        about = self.target or self.group
        if about and not targeted:
            raise ExperimentError(f"steering {self.steering!r} has no target: leave out {about!r}")
        if targeted and not about:
            raise ExperimentError(f"steering {self.steering!r} needs a target: name a country")
        if self.shows_human_answers and not self.target:
            raise ExperimentError(
                f"steering {self.steering!r} shows the answers of a country's people: name it"
            )

    @property
    def thought_tokens(self) -> int:
        """The most tokens of the thought before a reply, 0 for none."""
        return parse_reasoning(self.reasoning)

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the steering, without their numbers."""
        return parse_steering(self.steering)[0]

    @property
    def shows_human_answers(self) -> bool:
        """Whether the examples show how the target's people answered."""
        return any(PARTS[part].shows_human_answers for part in self.parts)


def parse_reasoning(text: str) -> int:
    """Return the most tokens of a thought, 0 for ``"off"``.

    Raises
    ------
    ExperimentError
        The text is something else.

    Examples
    --------
    >>> parse_reasoning("off"), parse_reasoning("512")
    (0, 512)
    """
    if text == OFF:
        return 0
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise ExperimentError(
            f"reasoning {text!r}: write {OFF}, or the most tokens of a thought, such as 512"
        )
    return int(text)

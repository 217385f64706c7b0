"""A condition: the way in which all items are put to a model."""

from __future__ import annotations

from dataclasses import dataclass

from doxa.errors import ExperimentError
from doxa.prompt.order import check_order
from doxa.prompt.steering import PARTS, parse_steering
from doxa.prompt.texts import LABEL_STYLES

__all__ = ["Condition"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A way of asking, the same for all items.

    Parameters
    ----------
    language : str
        Code of the prompt's language.
    steering : str
        ``"none"``, or parts joined by "_": ``persona``, ``time-<wave>``, ``few-shot``.
    target : str
        Alpha-3 code of the country steered towards; "" where no part steers towards one.
    wave : int
        The wave whose human answers few-shot examples show; with time steering it is the wave
        that the steering names.
    template : str
        Which paraphrase of the instruction.
    option_order : str
        ``"listed"``, ``"reversed"``, ``"rotated:<n>"`` or ``"seed:<n>"``.
    label_style : {"numbers", "letters"}
        How options are labelled.
    n_examples : int
        How many examples are shown, 0 or more.

    Raises
    ------
    ExperimentError
        The parts do not fit together; a target is missing, or named in vain.

    Examples
    --------
    >>> Condition("ja", "persona_time-6", "JPN").wave
    6
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
    n_examples: int = 5

    def __post_init__(self) -> None:
        parts, wave = parse_steering(self.steering)
        targeted = any(PARTS[part].targeted for part in parts)
        if targeted and not self.target:
            raise ExperimentError(f"steering {self.steering!r} needs a target: name a country")
        if self.target and not targeted:
            raise ExperimentError(
                f"steering {self.steering!r} has no target: leave out {self.target!r}"
            )
        if wave is not None:
            object.__setattr__(self, "wave", wave)
        check_order(self.option_order)
        if self.label_style not in LABEL_STYLES:
            raise ExperimentError(
                f"no label style {self.label_style!r}: write {' or '.join(LABEL_STYLES)}"
            )
        if self.n_examples < ("few-shot" in parts):
            raise ExperimentError(f"{self.n_examples} examples: few-shot needs 1, others 0 or more")

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the steering, without waves."""
        return parse_steering(self.steering)[0]

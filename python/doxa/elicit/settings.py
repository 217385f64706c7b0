"""The parameters of the elicitations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from doxa.errors import ExperimentError

__all__ = ["ElicitationSettings"]

_RANGES: Final = {
    "max_tokens": (1, 2**31 - 1),
    "draws": (1, 10_000),
    "seed": (0, 2**63 - 1),
    "retries": (0, 100),
}
_LOWEST: Final = 0.001
"""The lowest temperature; below it, logits divided by it leave the range of single precision."""


@dataclass(frozen=True, slots=True)
class ElicitationSettings:
    """The parameters for reading distributions out of a model.

    Parameters
    ----------
    verbalized : {"constrained", "free"}
        Whether a verbalised reply is constrained to a valid object of shares, or written freely and
        parsed.
    max_tokens : int
        The longest free reply, in tokens.
    draws : int
        The number of replies that `sampling` draws for each item, and the number of answers that
        `sequence` asks for in one reply; 1 to 10,000. A model that thinks first is asked so often
        by the other elicitations too, with a thought of its own each time.
    temperature : float
        The temperature of `sampling`, `sequence` and thoughts, in [0.001, 10]; or 0 for thoughts
        of the most likely tokens, one an item.
    seed : int
        The seed of `sampling`, `sequence` and thoughts, 0 or more.
    retries : int
        How many times a failed sampled reply is drawn again, at most 100. The default is 0, because
        a refusal is an answer too. Greedy replies are never asked for twice.

    Raises
    ------
    ExperimentError
        A value is out of its range.
    """

    verbalized: Literal["constrained", "free"] = "constrained"
    max_tokens: int = 256
    draws: int = 10
    temperature: float = 1.0
    seed: int = 0
    retries: int = 0

    def __post_init__(self) -> None:
        if self.verbalized not in ("constrained", "free"):
            raise ExperimentError(
                f"verbalized = {self.verbalized!r}: write 'constrained' or 'free'"
            )
        for name, (least, most) in _RANGES.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
                raise ExperimentError(
                    f"{name} = {value!r}: give a whole number from {least} to {most}"
                )
        if self.temperature != 0 and not _LOWEST <= self.temperature <= 10:
            raise ExperimentError(
                f"temperature = {self.temperature!r}: give 0, or a number from {_LOWEST} to 10"
            )

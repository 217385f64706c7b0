"""Elicitations: two pure functions each, one before and one after a backend's call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doxa.elicit import logprobs, sampling, sequence, verbalized

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from doxa.backend.request import Answer, Request
    from doxa.elicit.reading import Reading
    from doxa.elicit.settings import ElicitationSettings
    from doxa.prompt import Prompt

__all__ = ["ELICITATIONS", "Elicitation"]


@dataclass(frozen=True, slots=True)
class Elicitation:
    """A way of reading a distribution out of a model.

    Parameters
    ----------
    request : callable
        Makes the request, from (prompt, settings, draw, attempt).
    read : callable
        Reads a distribution or a failure, from (prompt, answer).
    asks : str
        The key of `Prompt.asks` whose words end the prompt.
    words : str
        Its name in a report.
    how : str
        How it reads answers, as the end of a sentence in a report.
    repeats : bool
        Whether each item is asked `ElicitationSettings.draws` times.
    """

    request: Callable[[Prompt, ElicitationSettings, int, int], Request]
    read: Callable[[Prompt, Answer], Reading]
    asks: str
    words: str
    how: str = ""
    repeats: bool = False


ELICITATIONS: Mapping[str, Elicitation] = {
    "verbalized": Elicitation(
        verbalized.request,
        verbalized.read,
        "verbalized",
        "stated percentages",
        "the model writes the share of every option",
    ),
    "logprobs": Elicitation(
        logprobs.request,
        logprobs.read,
        "logprobs",
        "option probabilities",
        "the probabilities with which the model goes on with each option’s label, divided by "
        "their sum",
    ),
    "logprobs-calibrated": Elicitation(
        logprobs.request_calibrated,
        logprobs.read,
        "logprobs",
        "calibrated option probabilities",
        "the probabilities of the options’ labels, each divided by its probability where the "
        "question says nothing, then by their sum",
    ),
    "sampling": Elicitation(
        sampling.request,
        sampling.read,
        "sampling",
        "repeated answers",
        "the model answers many times as one respondent, and its answers are counted",
        repeats=True,
    ),
    "sequence": Elicitation(
        sequence.request,
        sequence.read,
        "sequence",
        "answers listed at once",
        "the model writes the answers of many people in one reply, and they are counted",
    ),
}
"""Every elicitation by its name, in the order in which a report shows them."""

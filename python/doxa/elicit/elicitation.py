"""An elicitation: two pure functions around a backend's call, and the list of all of them."""

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
    """A way of reading a distribution.

    Parameters
    ----------
    request : callable
        Makes the request, from (prompt, settings, draw, attempt).
    read : callable
        Reads a distribution or a named failure, from (prompt, answer).
    repeats : bool
        Whether each item is asked `ElicitationSettings.draws` times.
    calibrated : bool
        Whether the request has a baseline: the same prompt without content.
    """

    request: Callable[[Prompt, ElicitationSettings, int, int], Request]
    read: Callable[[Prompt, Answer], Reading]
    repeats: bool = False
    calibrated: bool = False


ELICITATIONS: Mapping[str, Elicitation] = {
    "logprobs": Elicitation(logprobs.request, logprobs.read),
    "logprobs-calibrated": Elicitation(logprobs.request, logprobs.read, calibrated=True),
    "verbalized": Elicitation(verbalized.request, verbalized.read),
    "sampling": Elicitation(sampling.request, sampling.read, repeats=True),
    "sequence": Elicitation(sequence.request, sequence.read),
}
"""Every elicitation by its name, as experiments and replies name it."""

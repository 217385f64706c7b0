"""Elicitations: two pure functions each, one before and one after a backend's call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from doxa.backend.request import Thought
from doxa.elicit import logprobs, sampling, sequence, verbalized
from doxa.elicit.sampling import seed_of

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
    lists : bool
        Whether one reply gives that many answers.
    """

    request: Callable[[Prompt, ElicitationSettings, int, int], Request]
    read: Callable[[Prompt, Answer], Reading]
    asks: str
    words: str
    how: str = ""
    repeats: bool = False
    lists: bool = False

    def draws(self, settings: ElicitationSettings, reasoning: int) -> int:
        """Return how often each item is asked.

        Parameters
        ----------
        settings : ElicitationSettings
            Its draws, and its temperature: thoughts that are not drawn would all be the same.
        reasoning : int
            The most tokens of the thought before each reply, 0 for none.
        """
        thoughts = reasoning > 0 and settings.temperature > 0 and not self.lists
        return settings.draws if self.repeats or thoughts else 1

    def ask(
        self,
        prompt: Prompt,
        settings: ElicitationSettings,
        draw: int,
        attempt: int,
        *,
        reasoning: int = 0,
    ) -> Request:
        """Make the request, with the thought before its reply.

        Parameters
        ----------
        prompt, settings, draw, attempt
            As for `request`.
        reasoning : int
            The most tokens of the thought, 0 for none.
        """
        found = self.request(prompt, settings, draw, attempt)
        if not reasoning:
            return found
        seed = seed_of(found.turn, settings, draw, attempt, "thought")
        return replace(found, thought=Thought(reasoning, settings.temperature, seed))


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
        lists=True,
    ),
}
"""Every elicitation by its name, in the order in which a report shows them."""

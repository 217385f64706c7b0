"""Option log-probabilities: how likely each option's label is as the answer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from doxa.backend.request import Request, Turn
from doxa.elicit.reading import Reading

if TYPE_CHECKING:
    from doxa.backend.request import Answer
    from doxa.elicit.settings import Settings
    from doxa.prompt import Prompt

__all__ = ["read", "request"]


def request(prompt: Prompt, settings: Settings, draw: int, attempt: int) -> Request:
    """Return what to ask a backend; neither settings nor draws change it."""
    del settings, draw, attempt
    return Request(Turn.of(prompt, "logprobs"), "options", prompt.labels)


def read(prompt: Prompt, answer: Answer) -> Reading:
    """Normalise the options' probabilities; what they lack to 1 is the off-option mass.

    Parameters
    ----------
    prompt : Prompt
        The prompt that was answered.
    answer : Answer
        With one natural log-probability per label.

    Examples
    --------
    >>> from doxa.backend.request import Answer
    >>> from doxa.prompt import Condition, render
    >>> from doxa.question import QuestionBank
    >>> prompt = render("Q57", Condition("en", n_examples=0), bank=QuestionBank.load())
    >>> reading = read(prompt, Answer("1", log_probabilities=(math.log(0.6), math.log(0.2))))
    >>> {code: round(p, 3) for code, p in reading.probabilities.items()}
    {1: 0.75, 2: 0.25}
    >>> round(reading.off_option_mass, 3)
    0.2
    """
    scores = answer.log_probabilities
    if len(scores) != len(prompt.labels):
        return Reading("error", f"{len(scores)} log-probabilities for {len(prompt.labels)} options")
    best = max(scores)
    if not math.isfinite(best):
        return Reading("error", "no option has a probability above 0")
    weights = [math.exp(score - best) for score in scores]
    total = math.fsum(weights)
    probabilities = {
        code: weight / total for code, weight in zip(prompt.codes, weights, strict=True)
    }
    off_option = min(max(1.0 - math.exp(best) * total, 0.0), 1.0)
    return Reading("ok", "", probabilities, off_option)

"""Option log-probabilities: the probability of each option's label as the answer.

Calibration divides each option's probability by its probability after a content-free prompt, and
normalises again. This removes the model's preference for a label whatever the question (contextual
calibration, Zhao et al. 2021, arXiv:2102.09690).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from doxa.backend.request import Request
from doxa.elicit.bounds import bounded
from doxa.elicit.reading import Reading
from doxa.elicit.turn import turn_of

if TYPE_CHECKING:
    from doxa.backend.request import Answer
    from doxa.elicit.settings import ElicitationSettings
    from doxa.prompt import Prompt

__all__ = ["read", "request", "request_calibrated"]


def request(prompt: Prompt, settings: ElicitationSettings, draw: int, attempt: int) -> Request:
    """Make the request; settings and draws do not change it."""
    del settings, draw, attempt
    return Request(turn_of(prompt, "logprobs"), "options", prompt.labels)


def request_calibrated(
    prompt: Prompt, settings: ElicitationSettings, draw: int, attempt: int
) -> Request:
    """Make the same request with a baseline: the prompt with a content-free question."""
    plain = request(prompt, settings, draw, attempt)
    blank = replace(plain.turn, user=prompt.user_without_content)
    return replace(plain, baseline=blank)


def read(prompt: Prompt, answer: Answer) -> Reading:
    """Normalise the options' probabilities; 1 minus their sum is the off-option mass.

    Where a server did not list all options, the shares lie within bounds: see `doxa.elicit.bounds`.

    Parameters
    ----------
    prompt : Prompt
        The prompt that was answered.
    answer : Answer
        The answer, with one natural log-probability per label. If it also has a baseline of the
        same length, the probabilities are calibrated.

    Examples
    --------
    >>> from doxa.backend.request import Answer
    >>> from doxa.prompt import Condition, render
    >>> from doxa.questionnaire import QuestionBank
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
    mass = math.exp(best) * math.fsum(math.exp(score - best) for score in scores)
    if answer.baseline:
        if not all(map(math.isfinite, answer.baseline)):
            return Reading(
                "error", "an option has probability 0, or an unknown one, without a question"
            )
        scores = tuple(a - b for a, b in zip(scores, answer.baseline, strict=True))
        best = max(scores)
    if answer.ceilings:
        return _within_bounds(prompt, answer)
    weights = [math.exp(score - best) for score in scores]
    total = math.fsum(weights)
    probabilities = {
        code: weight / total for code, weight in zip(prompt.codes, weights, strict=True)
    }
    off_option = min(max(1.0 - mass, 0.0), 1.0)
    return Reading("ok", "", probabilities, off_option)


def _within_bounds(prompt: Prompt, answer: Answer) -> Reading:
    found = bounded(answer.log_probabilities, answer.ceilings, answer.unseen, answer.baseline)
    by_code = (
        dict(zip(prompt.codes, values, strict=True))
        for values in (found.shares, found.lower, found.upper)
    )
    shares, lower, upper = by_code
    off_option = min(max(1.0 - found.mass, 0.0), 1.0)
    return Reading("ok", "", shares, off_option, lower=lower, upper=upper)

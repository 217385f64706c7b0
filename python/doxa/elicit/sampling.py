"""Sampling: the model answers as one respondent, many times."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from doxa.backend.request import Request, Turn
from doxa.elicit.parse import parse_choice
from doxa.elicit.reading import Reading
from doxa.elicit.turn import turn_of

if TYPE_CHECKING:
    from doxa.backend.request import Answer
    from doxa.elicit.settings import ElicitationSettings
    from doxa.prompt import Prompt

__all__ = ["read", "request", "seed_of"]

_LONGEST = 16


def request(prompt: Prompt, settings: ElicitationSettings, draw: int, attempt: int) -> Request:
    """Make the request for one draw."""
    turn = turn_of(prompt, "sampling")
    return Request(
        turn,
        "text",
        max_tokens=_LONGEST,
        stop="\n",
        temperature=settings.temperature,
        seed=seed_of(turn, settings, draw, attempt),
    )


def seed_of(turn: Turn, settings: ElicitationSettings, draw: int, attempt: int, *what: str) -> int:
    """Return the seed of a draw: a hash of the settings' seed, draw, attempt and text.

    So draws of different items, prompts and attempts have different seeds; so has what is drawn
    besides the reply, under a name of its own.
    """
    numbers = (str(settings.seed), str(draw), str(attempt))
    line = "\x1f".join((*numbers, turn.system, turn.user, turn.ask, *what))
    return int.from_bytes(hashlib.sha256(line.encode()).digest()[:8], "big")


def read(prompt: Prompt, answer: Answer) -> Reading:
    """Give all probability to the option that the model chose.

    Parameters
    ----------
    prompt : Prompt
        The prompt that was answered.
    answer : Answer
        The answer; its text is read.

    Examples
    --------
    >>> from doxa.backend.request import Answer
    >>> from doxa.prompt import Condition, render
    >>> from doxa.questionnaire import QuestionBank
    >>> prompt = render("Q57", Condition("en", n_examples=0), bank=QuestionBank.load())
    >>> read(prompt, Answer("2")).probabilities
    {1: 0.0, 2: 1.0}
    """
    status, reason, label = parse_choice(
        answer.text, prompt.labels, complete=answer.finish == "stop"
    )
    if status != "ok":
        return Reading(status, reason)
    return Reading(
        "ok",
        reason,
        {
            code: float(shown == label)
            for shown, code in zip(prompt.labels, prompt.codes, strict=True)
        },
    )

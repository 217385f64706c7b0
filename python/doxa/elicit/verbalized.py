"""Verbalised distributions: the model writes the share of each option."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from doxa.backend.request import Request
from doxa.elicit.parse import parse_shares
from doxa.elicit.reading import Reading
from doxa.elicit.turn import turn_of

if TYPE_CHECKING:
    from doxa.backend.request import Answer
    from doxa.elicit.settings import ElicitationSettings
    from doxa.prompt import Prompt

__all__ = ["read", "request"]

_PAIR: Final = re.compile(r"""\s*(?:"[^"]*"|'[^']*'|\w+)\s*+:""")


def request(prompt: Prompt, settings: ElicitationSettings, draw: int, attempt: int) -> Request:
    """Make the request: for shares constrained to a valid object, or for free text."""
    del draw, attempt
    turn = turn_of(prompt, "verbalized")
    if settings.verbalized == "constrained":
        return Request(turn, "shares", prompt.labels)
    return Request(turn, "text", max_tokens=settings.max_tokens, stop="}")


def read(prompt: Prompt, answer: Answer) -> Reading:
    """Read the object of shares; the rules are those of `doxa.elicit.parse`.

    Parameters
    ----------
    prompt : Prompt
        The prompt that was answered.
    answer : Answer
        The answer; its text is read. A model whose reply was made to begin with ``{`` goes on from
        there, or writes the whole object all the same, or words.

    Examples
    --------
    >>> from doxa.backend.request import Answer
    >>> from doxa.prompt import Condition, render
    >>> from doxa.questionnaire import QuestionBank
    >>> prompt = render("Q57", Condition("en", n_examples=0), bank=QuestionBank.load())
    >>> read(prompt, Answer('"1": 70, "2": 30}')).probabilities
    {1: 0.7, 2: 0.3}
    """
    goes_on = answer.begun and (answer.finish == "length" or _goes_on(answer.text))
    start = prompt.reply_starts.get("verbalized", "") if goes_on else ""
    text = start + answer.text
    if answer.finish == "length" and "}" not in text:
        return Reading("truncated", "cut off before an object of shares was closed")
    status, reason, shares = parse_shares(text, prompt.labels)
    if status != "ok":
        return Reading(status, reason)
    code_of = dict(zip(prompt.labels, prompt.codes, strict=True))
    return Reading("ok", reason, {code_of[label]: share for label, share in shares.items()})


def _goes_on(text: str) -> bool:
    """Tell whether a reply goes on with an object that was begun for it."""
    return _PAIR.match(text) is not None or ("}" in text and "{" not in text)

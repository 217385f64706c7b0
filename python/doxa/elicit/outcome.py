"""From whatever a backend answered to a reading: the one place where a reply gets its status."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from doxa.backend.request import Answer
from doxa.elicit.elicitation import ELICITATIONS
from doxa.elicit.reading import Reading
from doxa.files import reason
from doxa.outside.numbers import MOST_TOKENS, BadNumberError, log_probability, number, whole

if TYPE_CHECKING:
    from doxa.prompt import Prompt

__all__ = ["outcome"]

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_ROUNDING: Final = 1e-6


def outcome(elicitation: str, prompt: Prompt, answer: Answer) -> tuple[Reading, Answer]:
    r"""Read an answer, whatever it holds, and return the reading and the answer to keep.

    Parameters
    ----------
    elicitation : str
        A key of `doxa.elicit.ELICITATIONS`.
    prompt : Prompt
        The prompt that was answered.
    answer : Answer
        The answer of a backend; its text may be any text, and its numbers any numbers.

    Returns
    -------
    Reading, Answer
        The reading; its reason also says what was odd about the answer. The answer, with numbers
        in their ranges and a text that can be stored.

    Examples
    --------
    >>> from doxa.prompt import Condition, render
    >>> from doxa.questionnaire import QuestionBank
    >>> prompt = render("Q57", Condition("en", n_examples=0), bank=QuestionBank.load())
    >>> outcome("sampling", prompt, Answer("2", prompt_tokens=10**30))[0].reason
    'not counted: prompt_tokens is 1000000000000000000000000000000: not from 0 to 2147483647'
    >>> outcome("logprobs", prompt, Answer("1", log_probabilities=(0.5, -1.0)))[0].status
    'error'
    """
    answer = _sound(answer)
    if answer.finish == "error":
        return Reading("error", answer.text.strip() or "no reason was given"), answer
    if answer.finish == "length" and not answer.text.strip():
        return Reading("truncated", "cut off before anything was written"), answer
    try:
        reading = ELICITATIONS[elicitation].read(prompt, answer)
        _check(reading, prompt)
    except Exception as error:
        return Reading("error", f"cannot be read: {reason(error)}"), answer
    notes = filter(None, (reading.reason, answer.note))
    return replace(reading, reason="; ".join(notes)), answer


def _sound(answer: Answer) -> Answer:
    """Check everything in an answer; one that is impossible becomes an error."""
    notes = [answer.note] if answer.note else []
    text, n = _SURROGATE.subn("\ufffd", answer.text)
    thought, m = _SURROGATE.subn("\ufffd", answer.thought)
    if n + m:
        notes.append(f"{n + m} characters that are no Unicode replaced")
    tokens: dict[str, Any] = {
        name: _tokens(getattr(answer, name), name, notes)
        for name in ("prompt_tokens", "completion_tokens", "thought_tokens")
    }
    try:
        seconds = number(answer.seconds, "seconds", least=0)
        scores, baseline, ceilings = (
            tuple(log_probability(score, "a log-probability") for score in found)
            for found in (answer.log_probabilities, answer.baseline, answer.ceilings)
        )
        unseen = number(answer.unseen, "the unseen probability", least=0, most=1)
        if ceilings and not all(map(_below, scores, ceilings)):
            raise BadNumberError("a log-probability is above its ceiling")
        if math.fsum(map(math.exp, scores)) > 1 + 1e-3:
            raise BadNumberError("the probabilities of the options add up to more than 1")
    except BadNumberError as error:
        return Answer(
            f"an impossible number: {error}",
            "error",
            note="; ".join(notes),
            thought=thought,
            thought_status=answer.thought_status,
            **tokens,
        )
    return replace(
        answer,
        text=text,
        log_probabilities=scores,
        seconds=seconds,
        baseline=baseline,
        note="; ".join(notes),
        ceilings=ceilings,
        unseen=unseen,
        thought=thought,
        **tokens,
    )


def _below(score: float, ceiling: float) -> bool:
    return score == ceiling or score == -math.inf


def _tokens(value: object, name: str, notes: list[str]) -> int | None:
    """Return a number of tokens, None if it is unknown; note why one is not believed."""
    try:
        return None if value is None else whole(value, name, most=MOST_TOKENS)
    except BadNumberError as error:
        notes.append(f"not counted: {error}")
        return None


def _check(reading: Reading, prompt: Prompt) -> None:
    """Raise unless a reading of the status ok is a distribution over the prompt's options."""
    if reading.status != "ok":
        return
    shares = [
        number(share, f"the share of code {code}", least=0, most=1 + _ROUNDING)
        for code, share in reading.probabilities.items()
    ]
    if set(reading.probabilities) != set(prompt.codes) or abs(math.fsum(shares) - 1) > _ROUNDING:
        raise BadNumberError(f"the shares add up to {math.fsum(shares):.6g}, or lack an option")
    if reading.off_option_mass is not None:
        number(reading.off_option_mass, "the off-option mass", least=0, most=1)

"""Sequences: in one reply, the model gives the answers of many people picked at random.

Rules for reading the reply, in the order in which they are applied:

1. The sequence is the first line that does not end in a colon. Text before the line's last colon is
   ignored, and so are quotes, brackets and full stops around the line or an answer.
2. Answers are separated by commas or semicolons, including the Chinese and Japanese ones; a line
   without them is separated by spaces. An answer that is an option's label is a draw; any other
   answer is off-option mass.
3. Answers beyond the number asked for are left out. A reply that was cut off before that number is
   truncated.
4. At least half of the number asked for must name an option. Their counts are then the
   distribution, and the reason gives their number. With fewer, the reply is unparsable; words
   without any label or digit are a refusal.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from doxa.backend.request import Request
from doxa.elicit.parse import names_something
from doxa.elicit.reading import Reading
from doxa.elicit.sampling import seed_of
from doxa.elicit.turn import turn_of

if TYPE_CHECKING:
    from doxa.backend.request import Answer
    from doxa.elicit.settings import ElicitationSettings
    from doxa.prompt import Prompt

__all__ = ["read", "request"]

_SEPARATOR = re.compile("[,;\uff0c\u3001\uff1b]")
_COLON = re.compile("[:\uff1a]")
_AROUND = " \t\r\"'`*.()[]\u3002"


def request(prompt: Prompt, settings: ElicitationSettings, draw: int, attempt: int) -> Request:
    """Make the request, with a token for each character of a label and of its separator."""
    turn = turn_of(prompt, "sequence")
    return Request(
        turn,
        "text",
        max_tokens=prompt.draws * (max(map(len, prompt.labels)) + 2),
        stop="\n",
        temperature=settings.temperature,
        seed=seed_of(turn, settings, draw, attempt),
    )


def read(prompt: Prompt, answer: Answer) -> Reading:
    """Count the options among the answers, by the rules at the top of this module.

    Parameters
    ----------
    prompt : Prompt
        The prompt that was answered; its `draws` is the number of answers asked for.
    answer : Answer
        The answer; its text is read.

    Examples
    --------
    >>> from doxa.backend.request import Answer
    >>> from doxa.prompt import Condition, render
    >>> from doxa.questionnaire import QuestionBank
    >>> condition = Condition("en", n_examples=0)
    >>> prompt = render("Q57", condition, bank=QuestionBank.load(), draws=5)
    >>> reading = read(prompt, Answer("1, 2, 2, 7, 2"))
    >>> reading.probabilities, reading.n_draws, reading.off_option_mass
    ({1: 0.25, 2: 0.75}, 4, 0.2)
    """
    if not answer.text.strip():
        return Reading("refused", "an empty reply")
    answers = _answers(answer.text)
    if answer.finish == "length" and len(answers) <= prompt.draws:
        # the last answer may be incomplete
        return Reading("truncated", f"cut off after {len(answers)} of {prompt.draws} answers")
    notes = []
    if len(answers) > prompt.draws:
        notes.append(f"{len(answers)} answers, the first {prompt.draws} taken")
        answers = answers[: prompt.draws]
    counts = Counter(answers)
    valid = sum(counts[label] for label in prompt.labels)
    if valid == 0 and not names_something(answer.text, prompt.labels):
        return Reading("refused", "words without an option")
    if 2 * valid < prompt.draws:
        return Reading(
            "unparsable", f"{valid} answers that name an option; {prompt.draws} were asked for"
        )
    if valid < prompt.draws:
        notes.append(f"{valid} of {prompt.draws} answers name an option")
    return Reading(
        "ok",
        "; ".join(notes),
        {
            code: counts[label] / valid
            for label, code in zip(prompt.labels, prompt.codes, strict=True)
        },
        off_option_mass=(len(answers) - valid) / len(answers),
        n_draws=valid,
    )


def _answers(text: str) -> list[str]:
    lines = [line.strip() for line in text.strip().splitlines()]
    line = next((line for line in lines if line and not _COLON.match(line[-1])), "")
    line = _COLON.split(line)[-1].strip(_AROUND)
    pieces = _SEPARATOR.split(line) if _SEPARATOR.search(line) else line.split()
    return [answer for piece in pieces if (answer := piece.strip(_AROUND))]

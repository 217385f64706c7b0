from __future__ import annotations

from typing import Literal

import pytest

from doxa.backend import Answer
from doxa.elicit import ELICITATIONS
from doxa.prompt import Condition, render
from doxa.questionnaire import QuestionBank

BANK = QuestionBank.load()


@pytest.mark.parametrize(
    ("text", "finish", "status", "counts", "off"),
    [
        ("1, 2, 2, 4, 3, 1", "stop", "ok", (2, 2, 1, 1), 0),
        ("1、2，2; 4, 3, 1。", "stop", "ok", (2, 2, 1, 1), 0),
        ("Here they are:\n[1 1 1 2 2 2]", "stop", "ok", (3, 3, 0, 0), 0),
        ("Answers: 1, 2, 9, 3.", "stop", "ok", (1, 1, 1, 0), 0.25),
        ("1,1,1,1,1,1,2,2", "length", "ok", (6, 0, 0, 0), 0),
        ("1,1,1,1,1,1", "length", "truncated", None, None),
        ("1, 2", "stop", "unparsable", None, None),
        ("9, 9, 9, 9, 9, 9", "stop", "unparsable", None, None),
        ("Nobody can know that, sorry.", "stop", "refused", None, None),
        (" ", "stop", "refused", None, None),
    ],
)
def test_sequences_are_counted(
    text: str,
    finish: Literal["stop", "length"],
    status: str,
    counts: tuple[int, ...] | None,
    off: float | None,
) -> None:
    prompt = render(
        "Q1", Condition("en", option_order="reversed", n_examples=0), bank=BANK, draws=6
    )
    assert " 6 times" in prompt.asks["sequence"]
    reading = ELICITATIONS["sequence"].read(prompt, Answer(text, finish))
    assert (reading.status, reading.off_option_mass) == (status, off)
    if counts is not None:
        valid = sum(counts)
        shares = [reading.probabilities[code] for code in (4, 3, 2, 1)]
        assert shares == [count / valid for count in counts]
        assert reading.n_draws == valid
        assert bool(reading.reason) == (valid < 6 or (len(text) > 14 and finish == "length"))

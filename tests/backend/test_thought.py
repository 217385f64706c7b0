"""The writing of a thought, from scripted scores instead of a model's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from doxa.backend import Thought
from doxa.backend.thought import WrittenThought, write_thought

if TYPE_CHECKING:
    from doxa.backend.vocabulary import Tokens

PIECES = (
    b"so ",
    b"be it",
    b"</",
    b"think",
    b">",
    b"it</",
    b"</think>",
    b"<end>",
    "\u00e9".encode(),
)
END = PIECES.index(b"<end>")


class Scripted:
    """A vocabulary whose tokens are `PIECES`."""

    def spell(self, tokens: Tokens, *, special: bool = False) -> bytes:
        assert special
        return b"".join(PIECES[token] for token in tokens)

    def ends(self, token: int) -> bool:
        return token == END


def written(*tokens: int, budget: int = 8) -> tuple[WrittenThought, list[Tokens]]:
    """Write what the scores say; return it, and what was evaluated."""
    scores = [np.eye(len(PIECES), dtype=np.float32)[token] for token in tokens]
    vocabulary: Any = Scripted()
    steps = write_thought(scores[0], 10, Thought(budget, end="</think>"), vocabulary)
    evaluated: list[Tokens] = []
    try:
        step = next(steps)
        while True:
            assert step.keep == 10 + len(evaluated)
            evaluated.append(step.tokens)
            step = steps.send(scores[len(evaluated)])
    except StopIteration as stop:
        return stop.value, evaluated


def test_the_model_closes_its_thought() -> None:
    thought, evaluated = written(0, 1, 6)
    assert thought == WrittenThought(b"so be it", (0, 1), "closed", 3, 2)
    assert evaluated == [(0,), (1,)]
    assert thought.closing("\n</think>\n\nAnswer: ") == "</think>\n\nAnswer: "


def test_what_closes_it_may_begin_inside_a_token() -> None:
    thought, _ = written(0, 5, 3, 4)
    assert (thought.text, thought.tokens, thought.status) == ("so it", (0,), "closed")
    assert thought.closing("\n</think>") == "it</think>"
    assert thought.evaluated == 1


def test_a_thought_may_be_empty() -> None:
    thought, evaluated = written(6)
    assert thought == WrittenThought(b"", (), "closed", 1, 0)
    assert evaluated == []


@pytest.mark.parametrize("budget", [1, 2, 3])
def test_a_thought_is_cut_at_its_budget(budget: int) -> None:
    thought, evaluated = written(0, 1, 0, 6, budget=budget)
    assert (thought.status, len(thought.tokens), thought.written) == ("cut", budget, budget)
    # the last token is evaluated together with what closes the thought
    assert len(evaluated) == thought.evaluated == budget - 1
    assert thought.closing("\n</think>") == "\n</think>"


def test_a_reply_that_ends_inside_the_thought_is_told() -> None:
    thought, _ = written(0, 8, END)
    assert (thought.text, thought.status, thought.written) == ("so \u00e9", "left", 3)


def test_a_line_is_not_broken_twice() -> None:
    assert WrittenThought(b"so\n", (0,), "cut", 1, 0).closing("\n</think>") == "</think>"

"""Writing a thought, token by token, until the model closes it or its budget is used up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from doxa.backend.decoder import Step
from doxa.backend.drawing import draw

if TYPE_CHECKING:
    from collections.abc import Generator

    from doxa.backend.decoder import Logits
    from doxa.backend.request import Thought, ThoughtStatus
    from doxa.backend.vocabulary import Tokens, Vocabulary

__all__ = ["WrittenThought", "write_thought"]


@dataclass(frozen=True, slots=True)
class WrittenThought:
    """A thought, without what closes it.

    Parameters
    ----------
    data : bytes
        Its text, as the tokens spell it.
    tokens : tuple of int
        The tokens that belong to it wholly.
    status : {"closed", "cut", "left"}
        As in `doxa.backend.Answer`.
    written : int
        Tokens written, those that closed it among them.
    evaluated : int
        How many of `tokens` were evaluated.
    rest : bytes
        The end of `data` that shares a token with what closed the thought.
    """

    data: bytes
    tokens: Tokens
    status: ThoughtStatus
    written: int
    evaluated: int
    rest: bytes = b""

    @property
    def text(self) -> str:
        """The thought as text."""
        return self.data.decode("utf-8", "replace").strip()

    def closing(self, after: str) -> str:
        """Return what follows `tokens`: the rest of the thought, and what closes it."""
        if self.status == "closed" or self.data.endswith(b"\n"):
            after = after.lstrip("\n")  # it stands where the model put it
        return self.rest.decode("utf-8", "replace") + after


def write_thought(
    logits: Logits, held: int, thought: Thought, vocabulary: Vocabulary
) -> Generator[Step, Logits, WrittenThought]:
    """Write a thought; the steps are those of `doxa.backend.plan`.

    Parameters
    ----------
    logits : numpy.ndarray, shape (n_vocab,), float32
        The scores after the text that opens the thought.
    held : int
        The number of tokens of that text.
    thought : Thought
        Its budget, temperature, seed and end.
    vocabulary : Vocabulary
        The tokenizer.
    """
    generator = np.random.Generator(np.random.Philox(key=thought.seed))
    end = thought.end.encode()
    tokens: list[int] = []
    lengths: list[int] = []
    data = b""
    while len(tokens) < thought.budget:
        token = draw(logits, thought.temperature, generator)
        piece = vocabulary.spell((token,), special=True)
        found = (data + piece).find(end, max(0, len(data) - len(end)))
        if found >= 0:
            # the marker may begin in the middle of a token
            whole = sum(length <= found for length in lengths)
            start = lengths[whole - 1] if whole else 0
            text = (data + piece)[:found]
            kept = tuple(tokens[:whole])
            return WrittenThought(text, kept, "closed", len(tokens) + 1, whole, text[start:])
        if vocabulary.ends(token):
            return WrittenThought(data, tuple(tokens), "left", len(tokens) + 1, len(tokens))
        tokens.append(token)
        data += piece
        lengths.append(len(data))
        if len(tokens) < thought.budget:
            logits = yield Step(held, (token,))
            held += 1
    return WrittenThought(data, tuple(tokens), "cut", len(tokens), max(0, len(tokens) - 1))

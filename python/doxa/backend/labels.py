"""How labels are spelled after a prompt, and the probability of a label from those of its tokens.

A label may merge with the space before it, may take several tokens, and may begin another label.
So the space that ends a prompt is scored with the label, whether it is a token of its own or not:
the probability of a label is that of the space and the label after the prompt without the space.
The model in process and the servers that give the probabilities of tokens follow the same rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Token = Any
    Tail = tuple[Token, ...]
    Logs = Mapping[Token, float] | NDArray[np.float64]

__all__ = ["Spelling", "before_labels", "common_prefix", "spelling"]


class Spelling(NamedTuple):
    """Where labels begin after a prompt, and their tokens from there.

    Attributes
    ----------
    start : int
        The number of the prompt's tokens that all labels leave as they are.
    tails : tuple of tuple
        The tokens of each label from there on.
    """

    start: int
    tails: tuple[Tail, ...]

    @property
    def inner(self) -> list[Tail]:
        """The beginnings of labels after which a further token is needed, shortest first."""
        return sorted({tail[:depth] for tail in self.tails for depth in range(len(tail))})

    @property
    def lead(self) -> int:
        """The number of tokens with which all labels begin, and after which each has another."""
        shortest = min(self.tails, key=len)
        return min(common_prefix(shortest[:-1], tail) for tail in self.tails)

    @property
    def scored(self) -> int:
        """The number of tokens of all labels, without the `lead`."""
        return sum(len(tail) - self.lead for tail in self.tails)

    def scores(self, after: Mapping[Tail, Logs]) -> tuple[float, ...]:
        """Return the log-probability that a reply is each label, and not a longer one.

        "10" begins with "1", so the probability of the reply "1" is that of "1" minus that of "10".
        If "100" is a label too, "10" already includes it, and it is not subtracted again.

        Parameters
        ----------
        after : Mapping
            For each of `inner`, the natural log-probabilities of the tokens after it.

        Examples
        --------
        >>> tens = spelling("= ", ["= 1", "= 10"])
        >>> after = {(): {"1": np.log(0.5)}, ("1",): {"0": np.log(0.4)}}
        >>> [round(float(np.exp(score)), 3) for score in tens.scores(after)]
        [0.3, 0.2]
        """
        begins = [
            float(sum(after[tail[:depth]][token] for depth, token in enumerate(tail)))
            for tail in self.tails
        ]
        return tuple(_exclusive(index, begins, self.tails) for index in range(len(begins)))


def before_labels(text: str) -> str:
    """Return the part of a prompt after which labels are scored: all but the space at its end.

    Examples
    --------
    >>> before_labels("Which one? Answer: ")
    'Which one? Answer:'
    """
    return text.rstrip(" ")


def common_prefix(a: Sequence[Token], b: Sequence[Token]) -> int:
    """Count the tokens that two sequences begin with alike.

    Examples
    --------
    >>> common_prefix((1, 2, 3), (1, 2, 4))
    2
    """
    count = 0
    for one, other in zip(a, b, strict=False):
        if one != other:
            break
        count += 1
    return count


def spelling(whole: Sequence[Token], spelled: Sequence[Sequence[Token]]) -> Spelling:
    """Cut spelled prompts where they differ from the prompt alone.

    Parameters
    ----------
    whole : sequence
        The tokens of the prompt.
    spelled : sequence of sequence
        The tokens of the prompt with each label at its end.

    Examples
    --------
    >>> spelling("ab ", ["ab 1", "ab 10"])
    Spelling(start=3, tails=(('1',), ('1', '0')))
    """
    start = min(common_prefix(whole, tokens) for tokens in spelled)
    return Spelling(start, tuple(tuple(tokens[start:]) for tokens in spelled))


def _exclusive(index: int, begins: Sequence[float], tails: Sequence[Tail]) -> float:
    tail = tails[index]
    longer = [
        other
        for other in range(len(tails))
        if len(tails[other]) > len(tail) and tails[other][: len(tail)] == tail
    ]
    shortest = [
        other
        for other in longer
        if not any(
            len(tails[middle]) < len(tails[other])
            and tails[other][: len(tails[middle])] == tails[middle]
            for middle in longer
        )
    ]
    if not shortest or begins[index] == -np.inf:
        return float(begins[index])
    taken = sum(np.exp(begins[other] - begins[index]) for other in shortest)
    return float(begins[index] + np.log1p(-min(taken, 1.0))) if taken < 1 else -np.inf

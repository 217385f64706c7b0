"""Blocks of tasks that belong together: one model, one condition, some items in a row.

The text that all items of a condition share is evaluated once a block. How tasks are cut depends
on the tasks and on the size asked for, and on nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from doxa.backend import Request
    from doxa.prompt import Condition
    from doxa.run.task import Task

__all__ = ["Block", "cut", "shares", "work", "works"]

_BYTES_PER_TOKEN: Final = 4
_WRITTEN: Final = 8
"""A token that is written takes about as long as so many tokens of a prompt."""
_SHARE_TOKENS: Final = 5
"""The tokens of one option in an object of shares: a label, a number, what is around them."""


@dataclass(frozen=True, slots=True)
class Block:
    """Tasks of one model under one condition, for items that follow each other.

    Parameters
    ----------
    tasks : tuple of Task
        At least one task; all tasks of an item that were there to be cut.
    """

    tasks: tuple[Task, ...]

    @property
    def model(self) -> str:
        """The model's name."""
        return self.tasks[0].cell.model

    @property
    def condition(self) -> Condition:
        """How the items are asked."""
        return self.tasks[0].prompt.condition

    @property
    def items(self) -> tuple[str, ...]:
        """The items, in order."""
        return tuple(dict.fromkeys(task.cell.question for task in self.tasks))

    @property
    def work(self) -> float:
        """The estimated work; see `work`."""
        return work(task.request for task in self.tasks)


def cut(tasks: Iterable[Task], size: int) -> Iterator[Block]:
    """Cut tasks into blocks, in order.

    Parameters
    ----------
    tasks : iterable of Task
        Tasks in the order of `doxa.run.tasks_of`: some or all of them, of one or more models.
    size : int
        The most items in a block, 1 or more.

    Yields
    ------
    Block
        Every task is in one block, in its order.

    Raises
    ------
    ValueError
        `size` is below 1.

    Examples
    --------
    >>> from doxa.backend import ModelCard
    >>> from doxa.prompt import Condition
    >>> from doxa.questionnaire import QuestionBank
    >>> from doxa.run import Experiment, tasks_of
    >>> conditions = (Condition("en", n_examples=0), Condition("ja", n_examples=0))
    >>> experiment = Experiment(("m.gguf",), conditions, ("Q1", "Q2", "Q3"))
    >>> tasks = tasks_of(experiment, ModelCard("replay", "m", ""), bank=QuestionBank.load())
    >>> [(block.condition.language, block.items) for block in cut(tasks, 2)]
    [('en', ('Q1', 'Q2')), ('en', ('Q3',)), ('ja', ('Q1', 'Q2')), ('ja', ('Q3',))]
    """
    if size < 1:
        raise ValueError(f"size = {size}: a block has at least one item")
    for _, alike in groupby(tasks, key=lambda task: (task.cell.model, task.prompt.condition)):
        held: list[Task] = []
        items: set[str] = set()
        for _, together in groupby(alike, key=lambda task: task.cell.question):
            if len(items) == size:
                yield Block(tuple(held))
                held, items = [], set()
            held += together
            items.add(held[-1].cell.question)
        yield Block(tuple(held))


def work(requests: Iterable[Request]) -> float:
    """Estimate the work of requests that are asked one after the other.

    Parameters
    ----------
    requests : iterable of Request
        The requests; a text at the start of a prompt is evaluated once for all that share it.

    Returns
    -------
    float
        In tokens of a prompt, at four bytes of UTF-8 each. A token that is written counts for
        eight, and a free text or a thought is as long as it may be. No model is asked, so this
        compares blocks of one model, and says nothing about seconds.
    """
    return sum(works(requests))


def works(requests: Iterable[Request]) -> Iterator[float]:
    """Yield the work of each of such requests, after those before it; see `work`."""
    seen: set[tuple[str, ...]] = set()
    for request in requests:
        written = _written(request) + (request.thought.budget if request.thought else 0)
        read = 0
        for turn in filter(None, (request.turn, request.baseline)):
            parts = (turn.system, turn.user, turn.ask + turn.reply_start)
            for end, part in enumerate(parts, 1):
                if parts[:end] not in seen:
                    seen.add(parts[:end])
                    read += len(part.encode())
        yield read / _BYTES_PER_TOKEN + _WRITTEN * written


def shares(costs: Sequence[float], n: int) -> list[range]:
    """Divide a row of pieces of work among n, in order, as evenly as whole pieces allow.

    Parameters
    ----------
    costs : sequence of float
        The cost of each piece, above 0.
    n : int
        The number of shares, 1 or more.

    Returns
    -------
    list of range
        For each share the positions of its pieces. Every piece is in one share, and no share is
        empty unless there are fewer pieces than shares. A share costs at most an nth of all, and
        one piece.

    Examples
    --------
    >>> shares([1.0, 1.0, 2.0, 1.0, 1.0], 3)
    [range(0, 2), range(2, 3), range(3, 5)]
    """
    total, past, starts = sum(costs), 0.0, [0]
    for position, cost in enumerate(costs):
        # a piece belongs to the share in which its middle lies, if none before it stays empty
        wanted = int((past + cost / 2) * n / total)
        left = n - (len(costs) - position)
        if position and len(starts) < n and max(wanted, left) >= len(starts):
            starts.append(position)
        past += cost
    starts += [len(costs)] * (n + 1 - len(starts))
    return [range(start, end) for start, end in pairwise(starts)]


def _written(request: Request) -> int:
    """Return the most tokens that are written or scored for a request, about."""
    if request.kind == "text":
        return request.max_tokens
    return len(request.choices) * (_SHARE_TOKENS if request.kind == "shares" else 1)

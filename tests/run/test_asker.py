from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.backend import Answer, ModelCard, Workload
from doxa.errors import ModelError
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.run import Experiment, tasks_of
from doxa.run.asker import Alone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from doxa.backend import Request
    from doxa.run.task import Task

BANK = QuestionBank.load()
EXPERIMENT = Experiment(("m",), (Condition("en", n_examples=0),), ("Q1", "Q57"))


class Scripted:
    """A backend that answers "1", until it is told to stop, and stumbles over one item."""

    free = True
    card = ModelCard("llama_cpp", "m", "ab")

    def __init__(self, stumbles: str = "", ends_after: int = 100) -> None:
        self.prepared: list[Request] = []
        self._stumbles, self._ends_after = stumbles, ends_after

    def prepare(self, requests: Sequence[Request]) -> Workload:
        self.prepared += requests
        return Workload()

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
        for request in requests:
            if self._stumbles and self._stumbles in request.turn.user:
                raise KeyError("no such token")
            self._ends_after -= 1
            if self._ends_after < 0:
                raise ModelError("the model is gone")
            scores = tuple(-1.0 - i for i in range(len(request.choices)))
            yield request, Answer("1", log_probabilities=scores, seconds=0.25)

    def close(self) -> None:
        pass


def tasks() -> list[Task]:
    return list(tasks_of(EXPERIMENT, Scripted.card, bank=BANK))


def test_replies_come_as_rows_one_by_one_and_items_are_claimed_together() -> None:
    backend, claims = Scripted(), []

    def claim(some: Sequence[Task]) -> Sequence[Task]:
        claims.append([task.cell.question for task in some])
        return some[:1]  # another process has the rest

    alone = Alone(backend)
    alone.prepare(tasks())
    assert backend.prepared == [task.request for task in tasks()]
    batches = list(alone.ask(tasks(), claim))
    assert claims == [["Q1", "Q1"], ["Q57", "Q57"]]
    assert [len(batch.rows) for batch in batches] == [1, 1]
    assert {(batch.worker, batch.seconds) for batch in batches} == {("", 0.25)}
    wanted = {task.key for task in tasks() if task.cell.elicitation == "logprobs"}
    assert {batch.rows[0][0] for batch in batches} == wanted


def test_what_one_request_raises_is_its_reply_and_what_the_model_raises_ends_it() -> None:
    first = tasks()[0].request.turn.user
    rows = [row for batch in Alone(Scripted(first)).ask(tasks(), list) for row in batch.rows]
    assert [row[1] for row in rows].count("error") == 2
    assert len(rows) == 4
    with pytest.raises(ModelError, match="the model is gone"):
        list(Alone(Scripted(ends_after=3)).ask(tasks(), list))

"""Who answers the tasks of one model: a backend in this process, or something with many of them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, Protocol

from doxa.backend.guarded import guarded
from doxa.store.record import row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from doxa.backend import Backend, ModelCard, Request
    from doxa.run.task import Task
    from doxa.store.seal import Row

    Claim = Callable[[Sequence[Task]], Sequence[Task]]

__all__ = ["Alone", "Asker", "Batch"]


class Batch(NamedTuple):
    """Replies that came together.

    Attributes
    ----------
    rows : list of tuple
        Rows of the table of replies, as `doxa.store.record.row_of` makes them.
    worker : str
        The name of the worker that brought them; empty if this process asked itself.
    seconds : float
        The time that they took.
    """

    rows: list[Row]
    worker: str = ""
    seconds: float = 0.0


class Asker(Protocol):
    """What the loop of a run needs, whoever answers."""

    @property
    def card(self) -> ModelCard:
        """The model that is asked."""
        ...

    def prepare(self, tasks: Sequence[Task]) -> None:
        """Get ready for tasks."""
        ...

    def ask(self, tasks: Sequence[Task], claim: Claim) -> Iterator[Batch]:
        """Yield replies, as the answers come.

        Parameters
        ----------
        tasks : sequence of Task
            The tasks, each once.
        claim : callable
            Reserves tasks just before they are asked, and returns those it got.

        Raises
        ------
        DoxaError
            No further task can be asked.
        """
        ...


class Alone:
    """One backend, in this process.

    Parameters
    ----------
    backend : Backend
        A loaded model.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def card(self) -> ModelCard:
        """The model that is asked."""
        return self._backend.card

    def prepare(self, tasks: Sequence[Task]) -> None:
        """Get ready for tasks.

        Raises
        ------
        ModelError
            A prompt is longer than the model's limit.
        """
        self._backend.prepare([task.request for task in tasks])

    def ask(self, tasks: Sequence[Task], claim: Claim) -> Iterator[Batch]:
        """Yield each reply by itself, as the answers come; see `Asker.ask`.

        Tasks are claimed one item at a time: the elicitations of an item share its evaluation.
        """
        by_request = {task.request: task for task in tasks}

        def claimed() -> Iterator[Request]:
            for _, together in groupby(tasks, key=lambda task: id(task.prompt)):
                for task in claim(list(together)):
                    yield task.request

        for request, answer in guarded(self._backend, claimed()):
            rows = [row_of(self.card, by_request[request].read(answer))]
            # of several servers, each is a worker
            yield Batch(rows, worker=answer.server, seconds=answer.seconds)

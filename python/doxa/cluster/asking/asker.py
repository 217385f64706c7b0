"""The tasks of one model, asked block by block, whatever happens to the workers."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from doxa.backend import Answer, ModelCard
from doxa.cluster.asking.batch import packed_tasks, unpacked
from doxa.cluster.asking.crew import Lost
from doxa.cluster.asking.files import offer_of
from doxa.cluster.asking.pace import Pace
from doxa.cluster.asking.queue import Queue
from doxa.errors import ModelError
from doxa.run.asker import Batch
from doxa.store.record import row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from doxa.backend.named import Located
    from doxa.cluster.asking.crew import Crew, Event, Member
    from doxa.cluster.asking.handshake import Handshake
    from doxa.run import Experiment
    from doxa.run.asker import Claim
    from doxa.run.cluster import Cluster
    from doxa.run.task import Task
    from doxa.store.seal import Row

    Block = tuple[Sequence[Task], int]

__all__ = ["OnCluster"]

_KILLS: Final = 2
"""A block that has cost so many workers is taken apart; a single task becomes an error."""
_PARTS: Final = 8
"""So many parts: the one task that costs workers is found soon."""
_NEVER_LOADED: Final = 3
"""Workers in a row that end while they load the model end the run."""
_FAILURES: Final = 3
"""Blocks in a row that a model's error ended end the run, as do many lost workers in a row."""
_LOADING: Final = 3600.0
"""Seconds that loading may take, with fetching the file."""


class OnCluster:
    """One model on all workers; what a lost worker had is asked again.

    Parameters
    ----------
    crew : Crew
        The workers.
    handshake : Handshake
        Which of them may answer.
    experiment : Experiment
        Its engine says how models are loaded.
    model : str
        The model.
    here : Located, optional
        Where it is on this machine, if nodes may get it from here.
    cluster : Cluster
        What was asked for.
    source : callable
        Starts a `doxa.cluster.asking.files.Source` of a file on this machine.
    told : callable
        Called with lines for the user.

    Raises
    ------
    ModelError
        A node cannot load the model, or not the same; the message names it.
    """

    def __init__(
        self,
        crew: Crew,
        handshake: Handshake,
        experiment: Experiment,
        model: str,
        *,
        here: Located | None,
        cluster: Cluster,
        source: Callable[[Path], Any],
        told: Callable[[str], object],
    ) -> None:
        self._crew = crew
        self._handshake = handshake
        self._experiment = experiment
        self._model = model
        self._cluster = cluster
        self._new_source = source
        self._told = told
        self._offer = None if here is None else offer_of(here)
        self._source: Any = None
        self._never_loaded = self._failures = self._losses = 0
        self._slow: set[str] = set()
        self._again: deque[Block] = deque()
        self._paces: dict[int, float] = {}
        while model not in handshake.cards:
            for member in crew.idle():
                self._open(member)
            for event in crew.wait():
                self._settle(event)

    @property
    def card(self) -> ModelCard:
        """The model that is asked."""
        return self._handshake.cards[self._model]

    def prepare(self, tasks: Sequence[Task]) -> None:
        """Do nothing: each worker gets ready for its block."""

    def ask(self, tasks: Sequence[Task], claim: Claim) -> Iterator[Batch]:
        """Yield the replies of each block as it comes back; see `doxa.run.asker.Asker.ask`."""
        queue = Queue(tasks)
        while queue or self._again or self._crew.answering():
            for member in self._crew.idle():
                self._give(member, queue, claim)
            for event in self._crew.wait():
                if isinstance(event.result, Lost):
                    queue.left_by(event.member)
                if event.doing != "answer":
                    self._settle(event)
                elif isinstance(event.result, Lost):
                    yield from self._lost(event)
                else:
                    rows = self._answered(event)
                    # it works on while this process commits what it has brought
                    self._give(event.member, queue, claim)
                    yield Batch(rows, event.member.name, event.seconds)

    def _give(self, member: Member, queue: Queue, claim: Claim) -> None:
        """Give an idle worker the next block, if there is one."""
        if member.model != self._model:
            self._open(member)
            return
        tasks: Sequence[Task] = ()
        kills = 0
        if self._again:
            tasks, kills = self._again.popleft()
        while not tasks:
            size = member.pace.block(len(queue), len(self._crew.members))
            taken = queue.take(member, size)
            if not taken:
                return
            tasks = claim(taken)
        member.tasks, member.kills = tasks, kills
        others = self._paces.values()
        limit = member.pace.limit(len(tasks), self._cluster.patience, others)
        self._crew.call(member, "answer", packed_tasks(tasks), limit=limit)

    def _answered(self, event: Event) -> list[Row]:
        """Return the replies of a block; what it lacks is asked again."""
        member, (batch, error, hopeless) = event.member, event.result
        rows = unpacked(batch)
        if rows:
            self._paces[member.number] = member.pace.took(event.seconds, len(rows))
            self._failures = self._losses = 0
        if error:
            self._failures += 1
            if hopeless or self._failures == _FAILURES:
                raise ModelError(f"node {member.host}: {error}")
            member.model = ""  # it loads the model anew
            done = {row[0] for row in rows}
            self._again.append(([t for t in member.tasks if t.key not in done], member.kills))
        return rows

    def _lost(self, event: Event) -> Iterator[Batch]:
        """Ask again what a lost worker had, in parts if it is not the first one."""
        member, why = event.member, event.result.why
        self._losses += 1
        if self._losses > 16 + 2 * len(self._crew.members):
            raise ModelError(
                f"{self._losses} workers in a row were lost, the last on node {member.host} "
                f"({why}); replies so far are kept"
            )
        kills = member.kills + 1
        if kills < _KILLS:
            self._again.append((member.tasks, kills))
        elif len(member.tasks) > 1:
            size = -(-len(member.tasks) // _PARTS)
            parts = range(0, len(member.tasks), size)
            self._again.extend((member.tasks[start : start + size], 0) for start in parts)
        else:
            [task] = member.tasks
            answer = Answer(f"{_KILLS} workers were lost while they answered it ({why})", "error")
            yield Batch([row_of(self.card, task.read(answer))], member.name, event.seconds)
            return
        self._told(
            f"a worker on node {member.host} is lost ({why}): its block of {len(member.tasks)} is "
            "asked again"
        )

    def _open(self, member: Member) -> None:
        """Have a worker load the model."""
        values = (self._experiment, self._model, self._offer, self._source)
        self._crew.call(member, "open", *values, limit=_LOADING)

    def _settle(self, event: Event) -> None:
        """Take note of a worker that has started, or has loaded a model, or failed to."""
        member, result = event.member, event.result
        if isinstance(result, Lost):
            if result.with_node and event.doing == "greet":
                # several may have been about to start there, which says nothing about the model
                return
            self._never_loaded += 1
            if self._never_loaded == _NEVER_LOADED:
                where = f"on node {member.host}" if member.host else "before it said where"
                raise ModelError(
                    f"{_NEVER_LOADED} workers in a row ended before they had loaded "
                    f"{self._model}, the last {where} ({result.why})"
                )
        elif event.doing == "greet":
            member.host = result.host
            self._handshake.greeted(result)
        elif result.lacks:
            if self._source is None:
                assert self._offer is not None
                self._source = self._new_source(self._offer.located.file)
            self._open(member)
        elif result.error:
            raise ModelError(f"node {member.host}: {result.error}")
        else:
            self._never_loaded = 0
            card = ModelCard.from_json(result.card)
            self._handshake.opened(self._model, member.host, card)
            if result.notice and member.host not in self._slow:
                self._slow.add(member.host)
                self._told(f"node {member.host}: {result.notice}")
            member.model, member.pace = self._model, Pace()

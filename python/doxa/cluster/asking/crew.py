"""The workers: started, called, watched, replaced."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from doxa.cluster.asking.pace import Pace
from doxa.cluster.asking.shape import room_for, shape_of
from doxa.cluster.asking.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from doxa.cluster.asking.worker import Load
    from doxa.run.cluster import Cluster
    from doxa.run.task import Task

__all__ = ["Crew", "Event", "Lost", "Member"]

_TICK: Final = 0.2
"""Seconds after which a wait looks at time limits, and for Ctrl-C."""
_LOOK: Final = 1.0
"""Seconds between looks for nodes that joined."""
_NOTICE: Final = 10.0
"""Seconds that a worker waits for room before it is told."""
_NODE_GONE: Final = "its node is gone"


@dataclass(eq=False)
class Member:
    """A worker, as the process that runs the experiment sees it.

    Parameters
    ----------
    number : int
        Which one it is, from 1.
    actor : actor handle
        The worker.
    host : str
        Its node's name, once it has said it; ``""`` while it waits for room.
    doing : str
        The method that it carries out; ``""`` if none.
    ref : object reference
        What that returns.
    model : str
        The model that it has loaded.
    tasks : sequence of Task
        The block that it is asked.
    kills : int
        How many workers that block has cost.
    """

    number: int
    actor: Any
    host: str = ""
    doing: str = ""
    ref: Any = None
    since: float = 0.0
    limit: float | None = None
    model: str = ""
    pace: Pace = field(default_factory=Pace)
    tasks: Sequence[Task] = ()
    kills: int = 0

    @property
    def name(self) -> str:
        """The worker's name, for people."""
        return f"{self.host}-{self.number}"


class Lost(NamedTuple):
    """A worker that is no more.

    Attributes
    ----------
    why : str
        Why, in a few words.
    with_node : bool
        Whether its node is gone, too.
    """

    why: str
    with_node: bool = False


class Event(NamedTuple):
    """What a worker's method returned, or that the worker is lost."""

    member: Member
    doing: str
    result: Any
    seconds: float


class Crew:
    """All workers of a run.

    Parameters
    ----------
    ray : module
        Ray, connected.
    cluster : Cluster
        How many workers, and what each takes.
    load : callable
        Loads a model, as `doxa.run.load_model` does.
    told : callable
        Called with lines for the user.

    Attributes
    ----------
    members : list of Member
        The workers that live, as far as is known.
    shape : Shape
        What each takes of its node.
    """

    def __init__(
        self, ray: Any, cluster: Cluster, load: Load, told: Callable[[str], object]
    ) -> None:
        self._ray = ray
        self._cluster = cluster
        self._load = load
        self._told = told
        self._numbers = count(1)
        self._looked = 0.0
        self._waiting_told = False
        self.members: list[Member] = []
        self.shape = shape_of(cluster, ray.nodes())
        self._class = ray.remote(
            num_cpus=self.shape.cpus, num_gpus=self.shape.gpus, max_restarts=0, max_task_retries=0
        )(Worker)
        self.hire()

    def hire(self) -> None:
        """Start workers for which there is room now, or as many as were asked for."""
        if time.monotonic() < self._looked + _LOOK:
            return
        self._looked = time.monotonic()
        wanted = self._cluster.workers or max(1, room_for(self.shape, self._ray.nodes()))
        while len(self.members) < wanted:
            member = Member(next(self._numbers), self._class.remote(self._load))
            self.members.append(member)
            self.call(member, "greet")
        waiting = [
            one for one in self.members if not one.host and self._looked > one.since + _NOTICE
        ]
        if waiting and not self._waiting_told:
            self._waiting_told = True
            self._told(
                f"{len(waiting)} of {len(self.members)} workers wait for a node with "
                f"{self.shape.cpus} free CPUs and {self.shape.gpus:g} free GPUs"
            )

    def call(self, member: Member, doing: str, *values: Any, limit: float | None = None) -> None:
        """Have a worker carry out one of its methods, within so many seconds."""
        member.doing, member.limit, member.since = doing, limit, time.monotonic()
        member.ref = getattr(member.actor, doing).remote(*values)

    def idle(self) -> list[Member]:
        """Return the workers that have nothing to do."""
        return [member for member in self.members if not member.doing]

    def answering(self) -> bool:
        """Tell whether any worker has a block."""
        return any(member.doing == "answer" for member in self.members)

    def wait(self) -> list[Event]:
        """Wait a moment, and return what has come of calls meanwhile."""
        self.hire()
        busy = {member.ref: member for member in self.members if member.doing}
        if not busy:
            time.sleep(_TICK)
            return []
        ready, _ = self._ray.wait(list(busy), timeout=_TICK)
        if ready:
            ready, _ = self._ray.wait(list(busy), num_returns=len(busy), timeout=0)
        now = time.monotonic()
        events = []
        for ref in ready:
            member = busy.pop(ref)
            result = self._result(ref)
            if isinstance(result, Lost):
                self.dismiss(member)
            events.append(Event(member, member.doing, result, now - member.since))
            member.doing = ""
        for member in busy.values():
            if member.limit is not None and now > member.since + member.limit:
                self.dismiss(member)
                why = f"it did not answer within {member.limit:.0f} s"
                events.append(Event(member, member.doing, Lost(why), now - member.since))
        return events

    def dismiss(self, member: Member) -> None:
        """End a worker; another one takes its place soon."""
        self.members.remove(member)
        self._looked = 0.0
        self._ray.kill(member.actor)

    def close(self) -> None:
        """End all workers."""
        for member in list(self.members):
            self.dismiss(member)

    def _result(self, ref: Any) -> Any:
        errors = self._ray.exceptions
        try:
            return self._ray.get(ref)
        except errors.RayTaskError as error:  # the worker lives, but cannot be relied on
            return Lost(f"{type(error.cause).__name__}: {error.cause}")
        except errors.RayError as error:
            why = _why(str(error))
            return Lost(why, with_node=why == _NODE_GONE)


def _why(text: str) -> str:
    """Say in a few words what Ray says in many."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if "creation task" in text:
        return lines[-1]
    if "memory" in text and "OOM killer due to" not in text:
        return "memory ran out on its node"
    if "node has died" in text or "node was" in text:
        return _NODE_GONE
    return "its process ended"

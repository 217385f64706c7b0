"""The workers of a stand-in for Ray, whose calls end as the test says."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from fake_models import load

from doxa.cluster.asking import crew as module
from doxa.cluster.asking.crew import Crew, Lost
from doxa.run import Cluster


class RayError(Exception):
    pass


class RayTaskError(RayError):
    def __init__(self, cause: Exception) -> None:
        self.cause = cause


class Actor:
    """An actor whose every method returns itself and the method's name as a reference."""

    def __init__(self, ray: Ray) -> None:
        self._ray = ray

    def __getattr__(self, name: str) -> Any:
        return SimpleNamespace(remote=lambda *_: (self, name))


class Ray:
    exceptions = SimpleNamespace(RayError=RayError, RayTaskError=RayTaskError)

    def __init__(self, *cpus: float) -> None:
        self.cpus = list(cpus)
        self.ends: dict[Any, Any] = {}
        self.killed: list[Actor] = []

    def nodes(self) -> list[dict[str, Any]]:
        return [{"Alive": True, "Resources": {"CPU": cpus}} for cpus in self.cpus]

    def remote(self, **_: object) -> Any:
        return lambda _: SimpleNamespace(remote=lambda _: Actor(self))

    def wait(self, refs: list[Any], num_returns: int = 1, timeout: float = 0) -> Any:
        return [ref for ref in refs if ref in self.ends][:num_returns], timeout

    def get(self, ref: Any) -> Any:
        end = self.ends.pop(ref)
        if isinstance(end, Exception):
            raise end
        return end

    def kill(self, actor: Actor) -> None:
        self.killed.append(actor)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    now = SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(module.time, "monotonic", lambda: now.seconds)
    return now


def test_workers_come_with_nodes_and_wait_for_room(clock: SimpleNamespace) -> None:
    ray, told = Ray(2, 2), list[str]()
    crew = Crew(ray, Cluster("auto"), load, told.append)
    assert len(crew.members) == 2
    ray.cpus.append(4)
    crew.hire()
    assert len(crew.members) == 2
    clock.seconds += 2
    crew.hire()
    assert len(crew.members) == 4
    assert [member.doing for member in crew.members] == ["greet"] * 4
    assert not crew.idle()
    clock.seconds += 20
    crew.hire()
    crew.hire()
    assert told == ["4 of 4 workers wait for a node with 2 free CPUs and 0 free GPUs"]
    crew.close()
    assert len(ray.killed) == 4
    assert not crew.members


def test_the_number_that_was_asked_for_is_kept_up(clock: SimpleNamespace) -> None:
    ray = Ray(2)
    crew = Crew(ray, Cluster("auto", workers=3), load, lambda _: None)
    [gone, *others] = crew.members
    ray.ends[gone.ref] = RayError("...\nThe actor died because its node has died.")
    [event] = crew.wait()
    assert (event.member, event.doing, event.result) == (
        gone,
        "greet",
        Lost("its node is gone", with_node=True),
    )
    assert crew.members == others
    crew.wait()
    assert len(crew.members) == 3
    assert crew.members[-1].number == 4
    assert clock.seconds == 100


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (RayTaskError(KeyError("x")), "KeyError: 'x'"),
        (RayError("The actor is dead. Worker exit detail: End of file."), "its process ended"),
        (RayError("killed by the OOM killer due to high memory usage"), "its process ended"),
        (RayError("Task was killed due to the node running low on memory."), "memory ran out"),
        (
            RayError("an error raised in its creation task\n  x\nModuleNotFoundError: no doxa\n"),
            "ModuleNotFoundError: no doxa",
        ),
    ],
)
def test_why_a_worker_was_lost(error: Exception, why: str) -> None:
    ray = Ray(1)
    crew = Crew(ray, Cluster("auto"), load, lambda _: None)
    ray.ends[crew.members[0].ref] = error
    [event] = crew.wait()
    assert event.result.why.startswith(why)
    assert len(ray.killed) == 1


def test_a_worker_that_takes_too_long_is_lost(clock: SimpleNamespace) -> None:
    ray = Ray(2, 2)
    crew = Crew(ray, Cluster("auto"), load, lambda _: None)
    first, second = crew.members
    for member in (first, second):
        ray.ends[member.ref] = "hello"
    assert [event.result for event in crew.wait()] == ["hello", "hello"]
    assert crew.idle() == [first, second]
    crew.call(first, "answer", (), limit=7)
    crew.call(second, "answer", (), limit=8)
    assert crew.answering()
    clock.seconds += 7.5
    [event] = crew.wait()
    assert event.member is first
    assert event.result == Lost("it did not answer within 7 s")
    assert event.seconds == 7.5
    ray.ends[second.ref] = "late, and in time"
    [event] = crew.wait()
    assert event.result == "late, and in time"
    assert not crew.answering()

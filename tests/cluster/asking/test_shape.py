from __future__ import annotations

from typing import Any

import pytest

from doxa.cluster.asking.shape import Shape, room_for, shape_of
from doxa.errors import ExperimentError
from doxa.run import Cluster


def node(cpus: float, gpus: float = 0, *, alive: bool = True) -> dict[str, Any]:
    return {"Alive": alive, "Resources": {"CPU": cpus, **({"GPU": gpus} if gpus else {})}}


@pytest.mark.parametrize(
    ("cluster", "nodes", "expected", "room"),
    [
        # a few cores a worker; dead nodes and nodes without cores do not count
        (Cluster("auto"), [node(32), node(16), node(2, alive=False), node(0)], Shape(8, 0), 6),
        (Cluster("auto"), [node(32), node(4)], Shape(4, 0), 9),
        # one for each GPU, with its share of the cores; nodes without GPUs are left out
        (Cluster("auto"), [node(32, 8), node(64, 8), node(2)], Shape(4, 1), 16),
        (Cluster("auto", gpus_per_worker=0.5), [node(32, 4)], Shape(4, 0.5), 8),
        (Cluster("auto", gpus_per_worker=2), [node(32, 4)], Shape(8, 2), 2),
        (Cluster("auto", gpus_per_worker=0), [node(32, 4)], Shape(8, 0), 4),
        (Cluster("auto", cpus_per_worker=3), [node(32), node(2)], Shape(3, 0), 10),
        # so many that each gets less
        (Cluster("local", workers=2), [node(2)], Shape(1, 0), 2),
        (Cluster("auto"), [], Shape(8, 0), 0),
    ],
)
def test_what_a_worker_takes(
    cluster: Cluster, nodes: list[dict[str, Any]], expected: Shape, room: int
) -> None:
    assert shape_of(cluster, nodes) == expected
    assert room_for(expected, nodes) == room


def test_more_than_this_machine_has_is_refused() -> None:
    with pytest.raises(ExperimentError, match="a worker with 64 CPUs and 0 GPUs finds no room"):
        shape_of(Cluster("local", cpus_per_worker=64), [node(2)])
    assert shape_of(Cluster("auto", cpus_per_worker=64), [node(2)]) == Shape(64, 0)

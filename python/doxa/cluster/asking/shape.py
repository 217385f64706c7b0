"""What each worker takes of its node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from doxa.errors import ExperimentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.run.cluster import Cluster

__all__ = ["Shape", "room_for", "shape_of"]

_MOST_CPUS: Final = 8
"""More cores a worker gain little: several workers use them better."""


class Shape(NamedTuple):
    """What each worker takes of its node."""

    cpus: int
    gpus: float


def shape_of(cluster: Cluster, nodes: Sequence[dict[str, Any]]) -> Shape:
    """Return what each worker takes, from what was asked for and what the nodes have.

    Parameters
    ----------
    cluster : Cluster
        What was asked for.
    nodes : sequence of dict
        What ``ray.nodes()`` returns.

    Raises
    ------
    ExperimentError
        This machine alone is to be used, and has not as much.
    """
    alive = [node["Resources"] for node in nodes if node["Alive"]]
    able = [one for one in alive if one.get("CPU", 0) >= 1]
    some_gpus = any(one.get("GPU", 0) >= 1 for one in able)
    gpus = cluster.gpus_per_worker
    if gpus is None:
        gpus = 1.0 if some_gpus else 0.0
    cpus = cluster.cpus_per_worker
    if cpus is None:
        mine = [one for one in able if not gpus or one.get("GPU", 0) >= gpus]
        each = [int(one["CPU"] / max(1, one.get("GPU", 0) / gpus if gpus else 1)) for one in mine]
        cpus = max(1, min([*each, _MOST_CPUS]))
        if not gpus and cluster.workers is not None:
            # so many workers were asked for that each gets fewer cores
            total = int(sum(one["CPU"] for one in able))
            cpus = max(1, min(cpus, total // cluster.workers))
    shape = Shape(cpus, gpus)
    if cluster.address == "local" and not room_for(shape, nodes):
        raise ExperimentError(
            f"a worker with {cpus} CPUs and {gpus:g} GPUs finds no room on this machine: lower "
            "--cpus-per-worker or --gpus-per-worker"
        )
    return shape


def room_for(shape: Shape, nodes: Sequence[dict[str, Any]]) -> int:
    """Count the workers for which the nodes that are there have room.

    Examples
    --------
    >>> nodes = [{"Alive": True, "Resources": {"CPU": 16.0, "GPU": 4.0}}]
    >>> room_for(Shape(2, 0.5), nodes), room_for(Shape(2, 0), nodes), room_for(Shape(8, 1), nodes)
    (8, 8, 2)
    """
    found = 0
    for node in nodes:
        if node["Alive"]:
            cpus, gpus = (node["Resources"].get(name, 0.0) for name in ("CPU", "GPU"))
            rooms = [cpus // shape.cpus]
            if shape.gpus:
                # fractions of one GPU, or whole GPUs
                rooms.append(
                    int(gpus) * (1 // shape.gpus) if shape.gpus <= 1 else gpus // shape.gpus
                )
            found += int(min(rooms))
    return found

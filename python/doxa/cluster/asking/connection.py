"""Ray, imported on first use, and started without a word."""

from __future__ import annotations

import logging
import os
import socket
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from doxa.backend.library import cores
from doxa.errors import ExperimentError, MissingExtraError, ModelError
from doxa.files import reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from doxa.run.cluster import Cluster

__all__ = ["Shape", "connected", "room_for", "shape_of"]

_STORE_BYTES: Final = 100 * 2**20
"""Ray's object store on this machine alone: batches of replies are small."""
_PATIENCE: Final = 10.0
"""Seconds that the cluster's head has to accept a connection."""
_MOST_CPUS: Final = 8
"""More cores a worker gain little: several workers use them better."""


class Shape(NamedTuple):
    """What each worker takes of its node."""

    cpus: int
    gpus: float


@contextmanager
def connected(cluster: Cluster) -> Iterator[Any]:
    """Connect to a cluster, or start one; yield the module ``ray``.

    A connection that this process has already is used, and stays.

    Raises
    ------
    MissingExtraError
        Ray is not installed.
    ModelError
        There is no cluster at the address.
    """
    # nothing is reported to Ray's makers
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if find_spec("ray") is None:
        raise MissingExtraError("Ray", "cluster")
    import ray

    if ray.is_initialized():
        yield ray
        return
    _probe(cluster.address)
    # Ray prints what happens to workers to standard output, which is for data
    ray._private.worker._worker_logs_enabled = False
    logging.getLogger("ray").setLevel(logging.CRITICAL)
    here: dict[str, Any] = {
        "num_cpus": cores(),
        "object_store_memory": _STORE_BYTES,
        "include_dashboard": False,
    }
    try:
        ray.init(
            address=cluster.address,
            configure_logging=False,
            log_to_driver=False,
            **(here if cluster.address == "local" else {}),
        )
    except (ConnectionError, ValueError, RuntimeError) as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise _none_there(cluster.address, why) from None
    try:
        yield ray
    finally:
        ray.shutdown()


def _probe(address: str) -> None:
    """Fail at once where nothing listens: Ray itself would try for minutes, and print it."""
    host, _, port = address.rpartition(":")
    if address in ("local", "auto"):
        return
    if not host or not port.isdecimal():
        raise _none_there(address, "that is no host and port")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE).close()
    except (OSError, OverflowError, UnicodeError) as error:
        raise _none_there(address, reason(error)) from None


def _none_there(address: str, why: str) -> ModelError:
    return ModelError(
        f"no Ray cluster at {address} ({why}): start one with  ray start --head, or give "
        "--cluster local"
    )


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

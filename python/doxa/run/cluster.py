"""On which machines an experiment's models are asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doxa.errors import ExperimentError

if TYPE_CHECKING:
    from typing import Final

__all__ = ["Cluster"]

_MOST: Final = 100_000


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Ray cluster, and the workers to start on it; each holds a model of its own.

    Parameters
    ----------
    address : str
        ``"local"``: Ray is started on this machine and ended with the run. ``"auto"``: the cluster
        that this machine belongs to. Otherwise host and port of the cluster's head.
    workers : int, optional
        The number of workers. Default: as many as find room, also on nodes that join later.
    gpus_per_worker : float, optional
        GPUs of each worker; 0.5 lets two share one. Default: 1 where a node has any, else 0.
    cpus_per_worker : int, optional
        Cores of each worker, and threads of its llama.cpp unless the engine says how many. Default:
        the cores of the smallest node, divided among its GPUs, and at most 8.
    mixed : bool
        Whether workers may have other versions of doxa and of the backend's library than this
        process. Each reply is recorded with the versions that gave it.
    patience : float
        Seconds that a block of questions may take at least. It may take ten times as long as the
        measured pace says, and thirty times `patience` before a pace is known; then its worker is
        replaced.

    Raises
    ------
    ExperimentError
        A value is out of its range.

    Examples
    --------
    >>> Cluster("local", workers=2).mixed
    False
    >>> Cluster("head:6379", gpus_per_worker=-1)
    Traceback (most recent call last):
        ...
    doxa.errors.ExperimentError: gpus_per_worker = -1: give a number from 0 to 100000
    """

    address: str
    workers: int | None = None
    gpus_per_worker: float | None = None
    cpus_per_worker: int | None = None
    mixed: bool = False
    patience: float = 60.0

    def __post_init__(self) -> None:
        if not self.address.strip() or self.address.startswith("ray://"):
            raise ExperimentError(
                f"cluster address {self.address!r}: give local, auto, or host and port of the "
                "head, and start the run on a machine of the cluster"
            )
        for name, least in (("workers", 1), ("gpus_per_worker", 0), ("cpus_per_worker", 1)):
            value = getattr(self, name)
            if value is not None and not least <= value <= _MOST:
                raise ExperimentError(f"{name} = {value}: give a number from {least} to {_MOST}")
        if not 0 < self.patience <= _MOST:
            raise ExperimentError(f"patience = {self.patience}: give seconds above 0")

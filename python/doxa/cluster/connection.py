"""Ray, imported on first use, and started without a word."""

from __future__ import annotations

import logging
import os
import socket
from contextlib import contextmanager, nullcontext, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from doxa.errors import ModelError
from doxa.files.reasons import reason
from doxa.outside.ending import due_at_the_end
from doxa.outside.extras import require

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["connected"]

_STORE_BYTES: Final = 100 * 2**20
"""Ray's object store on this machine alone: batches of replies, or sums, are small."""
_PATIENCE: Final = 10.0
"""Seconds that the cluster's head has to accept a connection."""


@contextmanager
def connected(address: str) -> Iterator[Any]:
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
    # on this machine alone, workers are what it is wanted for: Ray would let all else go first
    os.environ.setdefault("RAY_worker_niceness", "0")
    require("ray")
    import ray

    # not before a task has said how many threads Polars may start (`doxa.cluster.scoring.worker`)
    from doxa.outside.processor import cores

    if ray.is_initialized():
        yield ray
        return
    _probe(address)
    # Ray prints what happens to workers to standard output, which is for data
    ray._private.worker._worker_logs_enabled = False
    logging.getLogger("ray").setLevel(logging.CRITICAL)
    here: dict[str, Any] = {
        "num_cpus": cores(),
        "object_store_memory": _STORE_BYTES,
        "include_dashboard": False,
    }
    local = address == "local"
    started = _Started()
    with due_at_the_end(started.end) if local else nullcontext():
        try:
            ray.init(
                address=address,
                configure_logging=False,
                log_to_driver=False,
                **(here if local else {}),
            )
        except (ConnectionError, ValueError, RuntimeError) as error:
            why = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise _none_there(address, why) from None
        try:
            yield ray
        finally:
            started.look()
            ray.shutdown()


class _Started:
    """All processes that Ray starts on this machine from now on.

    Ray gives its node manager a second to end them. On a busy machine that is not enough: some of
    them then try for a minute to tell the cluster, which has ended, that the manager is gone.
    """

    def __init__(self) -> None:
        self._psutil: Any = import_module("psutil")  # Ray brings it
        self._before = set(self._psutil.Process().children())
        self._found: set[Any] = set()

    def look(self) -> None:
        """Find those that run, while what started them still does."""
        for child in set(self._psutil.Process().children()) - self._before:
            with suppress(self._psutil.Error):
                self._found |= {child, *child.children(recursive=True)}

    def end(self) -> None:
        """End those that were found, and those that run now."""
        self.look()
        for process in self._found:
            with suppress(self._psutil.Error):
                process.kill()


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
        f"no Ray cluster at {address} ({why}): start one with  ray start --head, or let "
        "cluster be local"
    )

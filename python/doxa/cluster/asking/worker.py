"""What runs on a node: a loaded model that answers blocks of tasks."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING, Any, NamedTuple

from doxa.cluster.asking.batch import packed, unpacked_tasks
from doxa.cluster.asking.files import fetched, places
from doxa.cluster.asking.handshake import Greeting, versions
from doxa.errors import DoxaError
from doxa.run.asker import Alone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from doxa.backend import Backend
    from doxa.backend.named import Located
    from doxa.cluster.asking.files import Offer
    from doxa.run import Experiment
    from doxa.store.seal import Row

    Load = Callable[[Experiment, str | Located], Backend]

__all__ = ["Answered", "Opened", "Worker"]


class Opened(NamedTuple):
    """The outcome of loading a model: one of these.

    Attributes
    ----------
    card : str
        The model's card, as JSON.
    error : str
        Why it cannot be loaded.
    lacks : bool
        Whether this node has no such file.
    notice : str
        Why the node answers more slowly than it could, beside the card; ``""`` if it does not.
    """

    card: str = ""
    error: str = ""
    lacks: bool = False
    notice: str = ""


class Answered(NamedTuple):
    """The outcome of a block.

    Attributes
    ----------
    batch : bytes
        The replies, as `doxa.cluster.asking.batch.packed` writes them.
    error : str
        Why the rest of the block has none; ``""`` if there is no rest.
    hopeless : bool
        Whether any worker would fail in the same way.
    """

    batch: bytes
    error: str = ""
    hopeless: bool = False


class Worker:
    """A process on a node, which holds at most one model.

    Parameters
    ----------
    load : callable
        Loads a model, as `doxa.run.load_model` does.
    """

    def __init__(self, load: Load) -> None:
        self._load = load
        self._backend: Backend | None = None

    def greet(self) -> Greeting:
        """Say where this is, and which versions are here."""
        return Greeting(platform.node(), os.getpid(), versions())

    def open(
        self,
        experiment: Experiment,
        model: str,
        offer: Offer | None,
        source: Any = None,
    ) -> Opened:
        """Load a model in place of the one before it.

        Parameters
        ----------
        experiment : Experiment
            Its engine says how.
        model : str
            The model's name or path.
        offer : Offer, optional
            The model file that the experiment's process has.
        source : actor handle, optional
            A `doxa.cluster.asking.files.Source` of it, once this node was found to lack it.
        """
        if self._backend is not None:
            self._backend.close()
            self._backend = None
        try:
            for place in self._places(model, offer, source):
                backend = self._load(experiment, place)
                if offer is None or backend.card.fingerprint == offer.fingerprint:
                    self._backend = backend
                    notice = getattr(backend, "notice", "")  # of model files alone
                    return Opened(backend.card.to_json(), notice=notice)
                backend.close()
        except DoxaError as error:
            return Opened(error=str(error))
        return Opened(lacks=True)

    def _places(
        self,
        model: str,
        offer: Offer | None,
        source: Any,
    ) -> Iterator[str | Located]:
        if offer is None:
            yield model
            return
        yield from places(offer)
        if source is not None:
            import ray

            yield fetched(offer, source, ray.get)

    def answer(self, block: bytes) -> Answered:
        """Ask the model packed tasks; what it raises on purpose ends the block."""
        assert self._backend is not None
        tasks = unpacked_tasks(block)
        alone = Alone(self._backend)
        try:
            alone.prepare(tasks)
        except DoxaError as error:
            return Answered(packed([]), str(error), hopeless=True)
        rows: list[Row] = []
        failure = ""
        try:
            for some in alone.ask(tasks, list):
                rows += some.rows
        except DoxaError as error:
            failure = str(error)
        return Answered(packed(rows), failure)

"""Model files that a node lacks: fetched once a node from the process that runs the experiment."""

from __future__ import annotations

import shutil
from collections import deque
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from doxa.backend import gguf, shards
from doxa.backend.named import Located, is_name, locate
from doxa.backend.named.places import cache_folder
from doxa.errors import ModelError
from doxa.files import reason
from doxa.files.lock import ProcessLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from doxa.backend.named.located import Told

__all__ = ["Offer", "Source", "fetched", "found_here", "offer_of", "places"]

_PIECE: Final = 16 * 2**20
"""Bytes fetched at a time: two such pieces lie in a node's object store."""
_PATIENCE: Final = 6 * 3600.0
"""Seconds that a worker waits for another one on its node, which fetches the same file."""


class Offer(NamedTuple):
    """A model file of the process that runs the experiment.

    Attributes
    ----------
    located : Located
        Where it is there, and its name.
    sizes : dict of str to int
        The name and the bytes of each of its parts, in order.
    fingerprint : str
        The SHA-256 of its content.
    """

    located: Located
    sizes: dict[str, int]
    fingerprint: str


def found_here(model: str, told: Told) -> Located | None:
    """Find a model on this machine, to be offered to nodes; None if each node finds it by itself.

    A node looks by itself for a name of the hub, and for a path that leads to nothing here.

    Raises
    ------
    ModelError
        The file is no model, or a name leads to nothing here.
    """
    if model.startswith("hf:") or not (is_name(model) or Path(model).exists()):
        return None
    return locate(model, told)


def offer_of(located: Located) -> Offer:
    """Return the offer of a model that is on this machine.

    Raises
    ------
    ModelError
        The file cannot be read.
    """
    file = located.file.absolute()
    sizes = {part.name: part.stat().st_size for part in shards.parts(file)}
    return Offer(replace(located, file=file), sizes, gguf.fingerprint(file))


class Source:
    """What reads a file for the nodes that lack it; it runs where the experiment does.

    Parameters
    ----------
    file : pathlib.Path
        The file, or the first of its parts.
    """

    def __init__(self, file: Path) -> None:
        self._parts = shards.parts(file)

    def read(self, part: int, start: int) -> bytes:
        """Return a piece of a part, from a position on."""
        with self._parts[part].open("rb") as stream:
            stream.seek(start)
            return stream.read(_PIECE)


def places(offer: Offer) -> Iterator[Located]:
    """Yield where the file may be on this node, by its name and size: as offered, or fetched."""
    for folder in (offer.located.file.parent, _kept(offer)):
        if _is_whole(offer, folder):
            yield _in(folder, offer)


def fetched(offer: Offer, source: Any, get: Callable[[Any], bytes]) -> Located:
    """Fetch a model file, unless another worker on this node has just done it, and check it.

    Parameters
    ----------
    offer : Offer
        The file.
    source : actor handle
        A `Source` of it.
    get : callable
        Waits for a piece.

    Returns
    -------
    Located
        The file on this node; it stays there for later runs.

    Raises
    ------
    ModelError
        It cannot be written here, or did not arrive as it was.
    """
    kept = _kept(offer)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        lock = kept.with_name(f"{kept.name}.lock")
        with ProcessLock.acquire(lock, patience=_PATIENCE):
            if not _is_whole(offer, kept):
                _fetch(offer, source, get, kept)
    except OSError as error:
        raise ModelError(f"{kept} cannot be written: {reason(error)}") from None
    return _in(kept, offer)


def _in(folder: Path, offer: Offer) -> Located:
    # its fingerprint is compared once it is loaded
    return replace(offer.located, file=folder / offer.located.file.name, sha256="")


def _fetch(offer: Offer, source: Any, get: Callable[[Any], bytes], kept: Path) -> None:
    free, needed = shutil.disk_usage(kept.parent).free, sum(offer.sizes.values())
    if free < needed:
        raise ModelError(
            f"{kept.parent} has room for {free // 2**20} MiB, {offer.located.file} takes "
            f"{needed // 2**20}: make room, or put the model where every node sees it"
        )
    partial = Path(mkdtemp(prefix=f".{kept.name[:8]}-", dir=kept.parent))
    try:
        for number, (name, size) in enumerate(offer.sizes.items()):
            with (partial / name).open("wb") as stream:
                coming: deque[Any] = deque()
                for start in range(0, size, _PIECE):
                    coming.append(source.read.remote(number, start))
                    if len(coming) == 2:
                        stream.write(get(coming.popleft()))
                while coming:
                    stream.write(get(coming.popleft()))
        if gguf.fingerprint(partial / offer.located.file.name) != offer.fingerprint:
            raise ModelError(f"{offer.located.file} changed while it was fetched: run again")
        shutil.rmtree(kept, ignore_errors=True)
        partial.rename(kept)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _kept(offer: Offer) -> Path:
    """Return the folder of a node in which a fetched file is kept."""
    return cache_folder() / "models" / offer.fingerprint


def _is_whole(offer: Offer, folder: Path) -> bool:
    try:
        return all((folder / name).stat().st_size == size for name, size in offer.sizes.items())
    except OSError:
        return False

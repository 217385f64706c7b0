"""Model files that a node lacks: fetched once a node from the process that runs the experiment."""

from __future__ import annotations

import os
import shutil
from collections import deque
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from doxa.backend import gguf
from doxa.errors import ModelError
from doxa.files import reason
from doxa.files.lock import ProcessLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Offer", "Source", "fetched", "offer_of", "places"]

_PIECE: Final = 16 * 2**20
"""Bytes fetched at a time: two such pieces lie in a node's object store."""
_PATIENCE: Final = 6 * 3600.0
"""Seconds that a worker waits for another one on its node, which fetches the same file."""


class Offer(NamedTuple):
    """A model file of the process that runs the experiment.

    Parameters
    ----------
    path : str
        Where it is there.
    sizes : dict of str to int
        The name and the bytes of each of its parts, in order.
    fingerprint : str
        The SHA-256 of its content.
    """

    path: str
    sizes: dict[str, int]
    fingerprint: str


def offer_of(model: str) -> Offer | None:
    """Return the offer of a model that is a file of this machine, None for any other.

    Raises
    ------
    ModelError
        The file is no model, or cannot be read.
    """
    if not Path(model).is_file():
        return None
    file = gguf.check(model).absolute()
    sizes = {part.name: part.stat().st_size for part in gguf.parts(file)}
    return Offer(os.fspath(file), sizes, gguf.fingerprint(file))


class Source:
    """What reads a file for the nodes that lack it; it runs where the experiment does.

    Parameters
    ----------
    path : str
        The file, or the first of its parts.
    """

    def __init__(self, path: str) -> None:
        self._parts = gguf.parts(Path(path))

    def read(self, part: int, start: int) -> bytes:
        """Return a piece of a part, from a position on."""
        with self._parts[part].open("rb") as stream:
            stream.seek(start)
            return stream.read(_PIECE)


def places(offer: Offer) -> Iterator[Path]:
    """Yield where the file may be on this node, by its name and size: as offered, or fetched."""
    for folder in (Path(offer.path).parent, _kept(offer)):
        if _is_whole(offer, folder):
            yield folder / next(iter(offer.sizes))


def fetched(offer: Offer, source: Any, get: Callable[[Any], bytes]) -> Path:
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
    pathlib.Path
        The file; it stays there for later runs.

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
    return kept / next(iter(offer.sizes))


def _fetch(offer: Offer, source: Any, get: Callable[[Any], bytes], kept: Path) -> None:
    free, needed = shutil.disk_usage(kept.parent).free, sum(offer.sizes.values())
    if free < needed:
        raise ModelError(
            f"{kept.parent} has room for {free // 2**20} MiB, {offer.path} takes "
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
        if gguf.fingerprint(partial / next(iter(offer.sizes))) != offer.fingerprint:
            raise ModelError(f"{offer.path} changed while it was fetched: run again")
        shutil.rmtree(kept, ignore_errors=True)
        partial.rename(kept)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _kept(offer: Offer) -> Path:
    """Return the folder of a node in which a fetched file is kept."""
    root = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(root, "doxa", "models", offer.fingerprint)


def _is_whole(offer: Offer, folder: Path) -> bool:
    try:
        return all((folder / name).stat().st_size == size for name, size in offer.sizes.items())
    except OSError:
        return False

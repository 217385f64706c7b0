"""The architectures that the installed llama.cpp knows, from its library, which is not loaded."""

from __future__ import annotations

import mmap
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

__all__ = ["known"]


@cache
def known(architecture: str) -> bool | None:
    """Tell whether the installed llama.cpp knows an architecture.

    The library holds the architectures' names as texts. A name that another of its texts ends with
    counts as known too.

    Parameters
    ----------
    architecture : str
        Its name, as ``general.architecture`` of a GGUF file has it.

    Returns
    -------
    bool or None
        None if no llama.cpp is installed.

    Examples
    --------
    >>> known("no-such-architecture")
    False
    """
    name = architecture.encode() + b"\0"
    found = None
    for library in _libraries():
        with suppress(OSError, ValueError), library.open("rb") as stream:
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
                if data.find(name) >= 0:
                    return True
            found = False
    return found


@cache
def _libraries() -> tuple[Path, ...]:
    """Return the files of the library llama.cpp."""
    spec = find_spec("llama_cpp")
    if spec is None or spec.origin is None:
        return ()
    folder = Path(spec.origin).parent
    files = {file.resolve() for file in folder.rglob("*llama.*") if _is_library(file)}
    return tuple(sorted(files))


def _is_library(file: Path) -> bool:
    return any(kind in file.suffixes for kind in (".so", ".dylib", ".dll"))

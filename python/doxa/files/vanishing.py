"""Temporary files that are gone when the program ends, however it ends."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["vanishing_file"]


@contextmanager
def vanishing_file() -> Iterator[tuple[IO[bytes], Path]]:
    """Make a temporary file that a library can open by a path.

    On Linux the file has no name: the path leads through the open handle, and the system frees
    the space as soon as the program ends, be it by SIGKILL. Elsewhere the file has a name in a
    folder of its own, which is removed when the block ends.

    Yields
    ------
    binary file, pathlib.Path
        The file, open for writing, and the path to read it by. Flush before reading.

    Examples
    --------
    >>> with vanishing_file() as (file, path):
    ...     _ = file.write(b"a,b")
    ...     file.flush()
    ...     path.read_bytes()
    b'a,b'
    """
    if sys.platform == "linux":
        with tempfile.TemporaryFile(prefix="doxa-") as file:
            yield file, Path(f"/proc/self/fd/{file.fileno()}")
    else:
        with tempfile.TemporaryDirectory(prefix="doxa-") as folder:
            path = Path(folder, "unpacked")
            with path.open("w+b") as file:
                yield file, path

"""Write files whole or not at all, and say why reading or writing failed."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["reason", "replacing"]


def reason(error: Exception) -> str:
    """Say in one line why a file could not be read or written.

    Parameters
    ----------
    error : Exception
        The exception. For an error of the operating system, its reason is returned; for any
        other, the first line of its text, because later lines advise programmers.

    Examples
    --------
    >>> reason(FileNotFoundError(2, "No such file or directory", "x.csv"))
    'no such file or directory'
    """
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write a file whole or not at all.

    Parameters
    ----------
    path : pathlib.Path
        The file; a missing folder is created.

    Yields
    ------
    pathlib.Path
        A temporary file to write to. When the block ends, it is flushed to disk and replaces
        `path`. If the block raises, `path` stays as it was.

    Raises
    ------
    OSError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(Path(folder, "new", "scores.csv")) as partial:
    ...         _ = partial.write_text("a,b", encoding="utf-8")
    ...     [file.name for file in Path(folder, "new").iterdir()]
    ['scores.csv']
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield partial
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)

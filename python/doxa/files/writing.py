"""Writing a file whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from doxa.outside.ending import due_at_the_end

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["replacing"]

_LONGEST: Final = 100


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[Path]:
    """Write a file whole or not at all.

    Parameters
    ----------
    path : pathlib.Path
        The file; a missing folder is created.
    private : bool
        Whether only the user may read the file, as licensed data ask for. By default a new file
        gets the usual permissions, and a file that is replaced keeps its own.

    Yields
    ------
    pathlib.Path
        A temporary file to write to, with an absolute path. It exists already, empty and under a
        name that nobody could know before. When the block ends, it is flushed to disk and
        replaces `path`. If the block raises, `path` stays as it was.

    Raises
    ------
    OSError
        The file cannot be written, or `path` is a folder or a device.

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
    path = path.absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = 0o600 if private else _mode(path)
    handle, name = tempfile.mkstemp(".part", f".{path.name[:_LONGEST]}.", path.parent)
    os.close(handle)
    partial = Path(name)

    def discard() -> None:
        with suppress(OSError):
            partial.unlink(missing_ok=True)

    with due_at_the_end(discard):
        yield partial
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.chmod(mode)
        partial.replace(path)


def _mode(path: Path) -> int:
    """Give the permissions that a file keeps, or that a new one gets."""
    try:
        found = path.stat().st_mode
    except FileNotFoundError:
        mask = os.umask(0o077)
        os.umask(mask)
        return 0o666 & ~mask
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not path.is_file():
        raise OSError(errno.EINVAL, "Not a file that can be replaced", str(path))
    return found & 0o777

"""A lock on a file: freed when its process ends, in whatever way; it says who holds it."""

from __future__ import annotations

import errno
import json
import os
import platform
import struct
import sys
import tempfile
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

__all__ = ["Holder", "ProcessLock", "require_locks"]

_NOTICE: Final = 2.0
"""Seconds of waiting before it is told."""
_PAUSE: Final = 0.05
_NO_LOCKS: Final = "locks do not work in this folder: use one on a disk of this machine"


class Holder(NamedTuple):
    """The process that holds a lock.

    Attributes
    ----------
    process : int
        Its number.
    host : str
        The name of its machine.
    since : str
        When it took the lock, in that machine's time.
    """

    process: int
    host: str
    since: str

    def __str__(self) -> str:
        """Say who it is, and whether it is stopped."""
        said = f"process {self.process} on {self.host} since {self.since}"
        return f"{said}, which is stopped" if self._is_stopped() else said

    def _is_stopped(self) -> bool:
        if self.host != platform.node():
            return False
        with suppress(OSError, IndexError):
            state = Path(f"/proc/{self.process}/stat").read_text(encoding="utf-8", errors="replace")
            return state.rpartition(")")[2].split()[0] in ("T", "t")
        return False


class ProcessLock:
    """A lock on a file; it is held until it is released or its process ends, in whatever way.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "lock")
    ...     with ProcessLock.acquire(file):
    ...         held = ProcessLock.holder(file)
    ...     held.process == os.getpid(), ProcessLock.holder(file)
    (True, None)
    """

    def __init__(self, file: Path, descriptor: int) -> None:
        self._file = file
        self._descriptor = descriptor

    @classmethod
    def acquire(
        cls, file: Path, *, patience: float = 0.0, told: Callable[[str], object] | None = None
    ) -> ProcessLock:
        """Take the lock; wait while another process holds it.

        Parameters
        ----------
        file : pathlib.Path
            The file of the lock, in a folder that exists; the file is removed on release.
        patience : float
            The longest wait, in seconds.
        told : callable, optional
            Called once with a line about who holds the lock, if the wait takes long.

        Raises
        ------
        BlockingIOError
            Another process still holds it; the message says which.
        OSError
            The file cannot be written, or locks do not work in its folder.
        """
        start = time.monotonic()
        while True:
            lock = cls._try(file)
            if lock is not None:
                return lock
            waited = time.monotonic() - start
            if waited >= patience:
                holder = cls.holder(file) or "another process"
                raise BlockingIOError(errno.EAGAIN, f"held by {holder}", os.fspath(file))
            if told is not None and waited >= _NOTICE:
                told(f"waiting for {file}, held by {cls.holder(file) or 'another process'}")
                told = None
            time.sleep(_PAUSE)

    @staticmethod
    def holder(file: Path) -> Holder | None:
        """Return who holds the lock; None, and no file, if its process ended or released it."""
        lock = ProcessLock._try(file, create=False) if file.exists() else None
        if lock is not None:
            lock.release()
            return None
        with suppress(OSError, ValueError, TypeError):
            return Holder(**json.loads(file.read_text(encoding="utf-8")))
        return Holder(0, "an unknown machine", "an unknown time") if file.exists() else None

    def release(self) -> None:
        """Let go of the lock and remove its file."""
        # removed while it is held: whoever waits for this file sees that it is gone
        if sys.platform == "win32":
            os.close(self._descriptor)  # an open file cannot be removed there
        with suppress(OSError):
            self._file.unlink()
        if sys.platform != "win32":
            os.close(self._descriptor)

    def __enter__(self) -> Self:
        """Return the lock; leaving the block releases it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release the lock."""
        self.release()

    @classmethod
    def _try(cls, file: Path, *, create: bool = True) -> ProcessLock | None:
        """Take the lock if nobody holds it."""
        try:
            descriptor = os.open(file, os.O_RDWR | (os.O_CREAT if create else 0), 0o666)
        except FileNotFoundError:
            if create:
                raise
            return None
        try:
            if _locked(descriptor, file) and _is_at(descriptor, file):
                _require_exclusion(file)
                now = datetime.now().isoformat(" ", "seconds")
                holder = Holder(os.getpid(), platform.node(), now)
                os.ftruncate(descriptor, 0)
                os.write(descriptor, json.dumps(holder._asdict()).encode())
                return cls(file, descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        return None


def require_locks(folder: Path) -> None:
    """Check that the record locks that SQLite uses work in a folder.

    Parameters
    ----------
    folder : pathlib.Path
        A folder that can be written.

    Raises
    ------
    OSError
        They fail, or two holders can have one lock at once.
    """
    if sys.platform == "win32":
        return
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".doxa-lock-") as probe:
        try:
            fcntl.lockf(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _no_locks(folder) from error
        if sys.platform == "linux":
            # a lock of an open file, unlike one of a process, is refused to its own process too
            wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            with open(probe.name, "rb+") as second:  # noqa: PTH123
                try:
                    fcntl.fcntl(second, fcntl.F_OFD_SETLK, wanted)
                except BlockingIOError:
                    return
                except OSError as error:
                    if error.errno in (errno.EINVAL, errno.EACCES):
                        return  # refused, or a kernel without such locks
                    raise _no_locks(folder) from error
            raise _no_locks(folder)


def _locked(descriptor: int, file: Path) -> bool:
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, 1 << 30, os.SEEK_SET)  # the text before it stays readable
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK):
            return False
        raise _no_locks(file.parent) from error
    return True


def _is_at(descriptor: int, file: Path) -> bool:
    """Tell whether the open file is still the one at the path."""
    try:
        return os.path.samestat(os.fstat(descriptor), file.stat())
    except OSError:
        return False


def _require_exclusion(file: Path) -> None:
    """Raise `OSError` if the lock that this process just took can be taken a second time."""
    second = os.open(file, os.O_RDWR)
    try:
        if _locked(second, file):
            raise _no_locks(file.parent)
    finally:
        os.close(second)


def _no_locks(folder: Path) -> OSError:
    return OSError(errno.ENOLCK, _NO_LOCKS, os.fspath(folder))

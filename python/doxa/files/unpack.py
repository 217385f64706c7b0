"""Unpacking zip archives (also xlsx and logs of Inspect) within bounds, as a stream.

An archive of some kilobytes can unpack to gigabytes, claim a size that it does not have, or hold
its parts in ways that a library fails on with an exception of its own. Whatever the archive, here
it is read in small pieces, each counted against the bounds, and every failure is a `FileError`.
"""

from __future__ import annotations

import copy
import io
import time
import zipfile
import zlib
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from doxa.errors import FileError
from doxa.files.reasons import reason
from doxa.files.vanishing import vanishing_file
from doxa.files.zstandard import most_bytes, unpack_text

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

    from _typeshed import WriteableBuffer

__all__ = ["Archive", "Limits", "open_archive"]

_ZSTANDARD: Final = 93
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, _ZSTANDARD)
_ENCRYPTED: Final = 0x1
_DIRECTORY: Final = 32 << 20
_FREE_RATIO: Final = 64 << 20
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an archive may unpack.

    Parameters
    ----------
    total, member : int
        Bytes that all members together, and one member, may unpack to.
    ratio : int
        How many times the size of the archive all members together may unpack to, beyond the
        first 64 MiB. Survey files reach about 40.
    members : int
        How many members it may hold.
    seconds : float
        How long unpacking may take, without what is done with the bytes.
    """

    total: int = 16 << 30
    member: int = 16 << 30
    ratio: int = 250
    members: int = 200_000
    seconds: float = 900.0


DEFAULT_LIMITS: Final = Limits()


class _Directory(io.FileIO):
    """A file that refuses to be read in one piece larger than any honest list of members."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _DIRECTORY:
            raise zipfile.BadZipFile("its list of members is too long")
        return super().read(size) or b""


class Archive:
    """An open archive; `open_archive` makes one.

    Attributes
    ----------
    names : tuple of str
        The names of its members, without folders.
    """

    def __init__(self, path: Path, packed: zipfile.ZipFile, limits: Limits) -> None:
        self._path, self._zip, self._limits = path, packed, limits
        self._members = {
            entry.filename: entry for entry in packed.infolist() if not entry.filename.endswith("/")
        }
        self.names = tuple(self._members)
        self._size = path.stat().st_size
        self._unpacked = 0
        self._seconds = 0.0

    def claimed(self, name: str) -> int:
        """Give the size in bytes that the archive claims for a member."""
        return self._member(name).file_size

    @contextmanager
    def open(
        self, name: str, *, longest: tuple[bytes, int] | None = None
    ) -> Iterator[io.RawIOBase]:
        """Open a member for reading within a block.

        Parameters
        ----------
        name : str
            The member.
        longest : tuple of bytes and int, optional
            A byte and how many bytes may follow it before it comes again: ``(b"<", 1 << 20)``
            bounds the parts of an XML document that a parser must hold whole.

        Yields
        ------
        io.RawIOBase
            Reads as a binary file; it cannot seek.

        Raises
        ------
        FileError
            The member is missing, packed in a way that is not read here, damaged, or beyond a
            limit. Reading raises it too.
        """
        member = self._member(name)
        with _failing(self._path, name):
            stream: IO[bytes]
            if member.compress_type == _ZSTANDARD:
                stream = io.BytesIO(self._zstandard(member))
            else:
                stream = self._zip.open(member)
        with stream:
            yield _Counted(stream, longest, self.count, self._path, name)

    def read(self, name: str) -> bytes:
        """Read a member whole.

        Raises
        ------
        FileError
            As for `open`.
        """
        with self.open(name) as stream:
            return stream.readall()

    @contextmanager
    def on_disk(self, name: str) -> Iterator[Path]:
        """Unpack a member into a temporary file within a block.

        Yields
        ------
        pathlib.Path
            The file; it vanishes when the block or the program ends, however it ends.

        Raises
        ------
        FileError
            As for `open`; or the temporary folder is full.
        """
        with vanishing_file() as (file, path):
            with self.open(name) as stream:
                while piece := stream.read(_PIECE):
                    try:
                        file.write(piece)
                        file.flush()
                    except OSError as error:
                        why = f"cannot be unpacked ({reason(error)}): set TMPDIR to a larger disk"
                        raise FileError(self._path, why) from None
            yield path

    def check(self, *, longest: tuple[bytes, int] | None = None) -> None:
        """Unpack every member once and keep nothing, before a library opens the file itself.

        Raises
        ------
        FileError
            As for `open`.
        """
        for name in self.names:
            with self.open(name, longest=longest) as stream:
                while stream.read(_PIECE):
                    pass

    def _member(self, name: str) -> zipfile.ZipInfo:
        member = self._members.get(name)
        if member is None:
            raise FileError(self._path, f"holds no {name}")
        if member.flag_bits & _ENCRYPTED:
            raise FileError(self._path, "is encrypted: unpack it, and give the file in it")
        if member.compress_type not in _METHODS:
            raise FileError(
                self._path,
                f"{name} is packed in a way that is not read here (method "
                f"{member.compress_type}): unpack it, and give the file in it",
            )
        self._bounded(name, member.file_size)
        return member

    def _zstandard(self, member: zipfile.ZipInfo) -> bytes:
        """Unpack a member that Python's zipfile cannot read before 3.14."""
        most = min(self._limits.member, self._allowance())
        stored = copy.copy(member)
        stored.compress_type, stored.file_size = zipfile.ZIP_STORED, member.compress_size
        stored.CRC = None  # type: ignore[assignment] # it is that of the text
        packed = self._zip.open(stored).read()
        size = most_bytes(packed, most + _PIECE)
        if size > most + _PIECE:
            self._bounded(member.filename, size)
        text = unpack_text(packed)
        if zlib.crc32(text) != member.CRC:
            raise zipfile.BadZipFile(f"bad checksum of {member.filename}")
        return text

    def _allowance(self) -> int:
        return min(self._limits.total, max(_FREE_RATIO, self._limits.ratio * self._size))

    def _bounded(self, name: str, size: int) -> None:
        """Raise if a member has, or is known to come to, more bytes than it may."""
        if size > self._limits.member:
            raise FileError(
                self._path, f"{name} unpacks to more than {_amount(self._limits.member)}"
            )
        if size > self._allowance():
            self._refuse()

    def _refuse(self) -> None:
        most = self._allowance()
        times = f", {self._limits.ratio} times its size" if most < self._limits.total else ""
        raise FileError(self._path, f"unpacks to more than {_amount(most)}{times}: is it damaged?")

    def count(self, n_bytes: int, seconds: float) -> None:
        """Count what was unpacked; raise a FileError beyond a limit."""
        self._unpacked += n_bytes
        self._seconds += seconds
        if self._unpacked > self._allowance():
            self._refuse()
        if self._seconds > self._limits.seconds:
            raise FileError(
                self._path, f"takes more than {self._limits.seconds:g} s to unpack: is it damaged?"
            )


class _Counted(io.RawIOBase):
    """A member that is being read: every byte is counted, every failure is a FileError."""

    def __init__(
        self,
        stream: IO[bytes],
        longest: tuple[bytes, int] | None,
        count: Callable[[int, float], None],
        path: Path,
        name: str,
    ) -> None:
        super().__init__()
        self._stream, self._longest, self._count = stream, longest, count
        self._path, self._name = path, name
        self._without = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        start = time.monotonic()
        with _failing(self._path, self._name):
            piece = self._stream.read(min(len(view), _PIECE))
        self._count(len(piece), time.monotonic() - start)
        if self._longest is not None:
            self._look_for(piece, *self._longest)
        view[: len(piece)] = piece
        return len(piece)

    def _look_for(self, piece: bytes, mark: bytes, most: int) -> None:
        """Raise if a mark is overdue; a piece is too small to hide a much longer gap."""
        last = piece.rfind(mark)
        self._without = self._without + len(piece) if last < 0 else len(piece) - last
        if self._without > most + _PIECE:
            raise FileError(
                self._path,
                f"{self._name} goes on for more than {_amount(most)} without {mark.decode()!r}: "
                "is it damaged?",
            )


@contextmanager
def open_archive(
    path: str | os.PathLike[str], limits: Limits = DEFAULT_LIMITS
) -> Iterator[Archive]:
    """Open an archive for reading within a block.

    Parameters
    ----------
    path : path
        A zip archive.
    limits : Limits
        How far it may unpack.

    Yields
    ------
    Archive

    Raises
    ------
    FileError
        The file is missing, is not a zip archive, is damaged, or has too many members.

    Examples
    --------
    >>> with open_archive("missing.zip"):
    ...     pass
    Traceback (most recent call last):
        ...
    doxa.errors.FileError: missing.zip: cannot be read (no such file or directory)
    """
    path = Path(path)
    with ExitStack() as closing:
        with _failing(path, ""):
            packed = closing.enter_context(zipfile.ZipFile(closing.enter_context(_Directory(path))))
        if len(packed.filelist) > limits.members:
            raise FileError(path, f"holds more than {limits.members} files: is it damaged?")
        yield Archive(path, packed, limits)


@contextmanager
def _failing(path: Path, name: str) -> Iterator[None]:
    """Raise a FileError for whatever zipfile raises for a damaged archive."""
    try:
        yield
    except FileError:
        raise
    except OSError as error:
        raise FileError(path, f"cannot be read ({reason(error)})") from None
    # zipfile raises BadZipFile, zlib.error, struct.error, EOFError, ValueError and others
    except Exception as error:
        inside = f" at {name}" if name else ""
        raise FileError(
            path, f"the archive is cut short or damaged{inside} ({reason(error)}): get it again"
        ) from None


def _amount(n_bytes: int) -> str:
    return f"{n_bytes >> 20} MiB" if n_bytes < 10 << 30 else f"{n_bytes >> 30} GiB"

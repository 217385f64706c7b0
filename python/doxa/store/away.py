"""A store whose place is a network file system: it works here, and whole copies of it go there.

SQLite's write-ahead log needs memory that only one machine's processes share, and its locks do not
work everywhere. So the store that is written lies in a folder of this machine, and from time to
time a copy of it, one whole state, takes the place of the one before it. If this machine dies, the
place has what was answered until the last copy; if only the process dies, nothing is lost: whoever
opens the place on this machine next goes on with what lies here.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tempfile
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from doxa.errors import StoreError
from doxa.files import reason, replacing
from doxa.files.lock import ProcessLock
from doxa.files.network import network_file_system, unfit
from doxa.outside.unheard import finishing
from doxa.store.lease import BEAT, Lease
from doxa.store.reading import LOGS

if TYPE_CHECKING:
    from collections.abc import Callable

    Told = Callable[[str], object]

__all__ = ["Away"]

_PATIENCE: Final = 600.0
_SHARE: Final = 20
"""Copying takes at most one part in so many of the time."""
_AT_LEAST: Final = 30.0
"""Seconds from one copy to the next, at least."""


class Away:
    """The working copy of a store, and its place.

    Parameters
    ----------
    place : pathlib.Path
        Where the store is wanted.
    why : str
        Why it cannot work there.

    Attributes
    ----------
    file : pathlib.Path
        The store that is written.
    older : pathlib.Path or None
        A store with replies that an ended process left here, and that the place may lack.
    """

    def __init__(self, place: Path, why: str) -> None:
        self.place = place
        self.why = why
        self.older: Path | None = None
        self._folder = _folder(place)
        self.file = self._folder / place.name
        self._lease: Lease | None = None
        self._lost = ""
        self._brought = False
        self._copied: list[int] = []
        self._told: Told = lambda _: None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_copying, daemon=True, name="copies")

    @classmethod
    def of(cls, place: Path) -> Away | None:
        """Return where a store works whose place cannot have it; None for any other.

        Raises
        ------
        StoreError
            The place cannot be written, or this machine's own folder is no better.
        """
        try:
            why = unfit(place.parent)
        except OSError as error:
            raise StoreError(f"cannot write {place}: {reason(error)}") from None
        return cls(place, why) if why else None

    def begin(self, told: Told | None) -> None:
        """Take the right to write the place, and bring what it holds here.

        Raises
        ------
        StoreError
            Another machine writes the place, or it cannot be read or written.
        """
        self._told = told or self._told
        try:
            self.place.parent.mkdir(parents=True, exist_ok=True)
            _make_private(self._folder)
            with ProcessLock.acquire(self._folder / "begin", patience=_PATIENCE, told=told):
                self._lease = Lease(self.place, self._token())
                self._lease.take(self._told)
                if not self._is_written():
                    self._bring()
        except (OSError, StoreError) as error:
            if not self.file.exists():
                self._remove()
            self._remove_folder()
            if isinstance(error, StoreError):
                raise
            raise StoreError(f"cannot write {self.place}: {reason(error)}") from None

    def start(self) -> None:
        """Copy the store to its place from time to time, until `finish`."""
        self._thread.start()

    def leave(self) -> None:
        """Give everything back as it was, if the store could not be opened."""
        if self._lease is not None and not self._is_written():
            if self._brought:
                self._remove()
            self._lease.give_back()
        self._remove_folder()

    def forget_older(self) -> None:
        """Remove what an ended process left here, once it was taken in."""
        if self.older is not None:
            for file in self._parts(self.older):
                file.unlink(missing_ok=True)
            self.older = None

    def finish(self) -> None:
        """Copy the last state to the place; remove the working copy if nobody else writes it.

        Raises
        ------
        StoreError
            The place cannot be written, or another machine has taken it; the message says where
            the replies are.
        """
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()
        finishing.set()
        try:
            self._copy()
        except (OSError, sqlite3.Error) as error:
            self._lost = self._lost or f"cannot be written ({reason(error)})"
        finally:
            finishing.clear()
        if self._lost:
            raise StoreError(
                f"{self.place} {self._lost}: every reply is kept in {self.file}: run the same "
                "command again on this machine"
            )
        with ProcessLock.acquire(self._folder / "begin", patience=_PATIENCE):
            if not self._is_written():
                if self._lease is not None:
                    self._lease.give_back()
                self._remove()
        self._remove_folder()

    def _keep_copying(self) -> None:
        due = 0.0
        said = ""
        while not self._ended.wait(BEAT):
            try:
                if self._lease is not None and not self._lease.beat():
                    self._lost = "was taken by another machine, as this one gave no sign of life"
                    self._told(f"{self.place} {self._lost}: what comes now is kept in {self.file}")
                    return
                if time.monotonic() >= due:
                    start = time.monotonic()
                    self._copy()
                    end = time.monotonic()
                    due = end + max(_AT_LEAST, _SHARE * (end - start))
                said = ""
            except (OSError, sqlite3.Error) as error:
                now = f"{self.place} cannot be written ({reason(error)}); trying again"
                if now != said:
                    self._told(now)
                said = now

    def _copy(self) -> None:
        """Put a whole state of the store in its place, unless it is there already."""
        if self._lost:
            return
        state = self._folder / f"state-{os.getpid()}"
        with ProcessLock.acquire(self._folder / "copying", patience=_PATIENCE):
            with closing(sqlite3.connect(self.file, isolation_level=None)) as source:
                changes = [value for file in self._parts() for value in _times(file)]
                if changes == self._copied:
                    return
                state.unlink(missing_ok=True)
                with closing(sqlite3.connect(state, isolation_level=None)) as copy:
                    source.backup(copy)
                    copy.execute("PRAGMA journal_mode = DELETE")
                    # whoever works here does not work there
                    copy.executescript("DELETE FROM claims; DELETE FROM writers")
            if self._was_replaced():
                self._lost = "was replaced while this machine wrote it"
                return
            for log in LOGS:
                self.place.with_name(self.place.name + log).unlink(missing_ok=True)
            mine = _signature(state)
            # whichever of the two is there if this process dies here is this machine's
            self._note_copied(*self._noted(), mine)
            with replacing(self.place) as partial:
                shutil.copyfile(state, partial)
            state.unlink()
            self._note_copied(mine)
            self._copied = changes

    def _bring(self) -> None:
        """Bring the place's state here, unless what an ended process left here is later."""
        known = self.file.exists()
        had_file = any(self._noted())
        if known and not self._was_replaced() and (not had_file or _signature(self.place)):
            return
        if known and _signature(self.place):
            self.older = self.file.with_name("older")
            for part, kept in zip(self._parts(), self._parts(self.older), strict=True):
                kept.unlink(missing_ok=True)
                with suppress(FileNotFoundError):
                    part.rename(kept)
        elif known:
            self._told(f"{self.place} was removed: what this machine still had of it is left out")
        for part in self._parts():
            part.unlink(missing_ok=True)
        for end in ("", *LOGS):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{self.place}{end}", f"{self.file}{end}")
        self._note_copied(_signature(self.place))
        self._brought = True

    def _remove_folder(self) -> None:
        with suppress(OSError):
            self._folder.rmdir()  # what it still holds is kept

    def _remove(self) -> None:
        for file in (*self._parts(), self._folder / "copied", self._folder / "token"):
            file.unlink(missing_ok=True)

    def _parts(self, file: Path | None = None) -> list[Path]:
        file = file or self.file
        return [file, *(file.with_name(file.name + end) for end in (*LOGS, "-shm"))]

    def _note_copied(self, *states: str) -> None:
        with replacing(self._folder / "copied") as partial:
            partial.write_text("\n".join(states), encoding="utf-8")

    def _was_replaced(self) -> bool:
        """Tell whether another machine has written the place since this one did."""
        now = _signature(self.place)
        return bool(now) and now not in self._noted()

    def _noted(self) -> list[str]:
        """Return the states that the place may have from this machine; none if it had no file."""
        try:
            return (self._folder / "copied").read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return []

    def _is_written(self) -> bool:
        """Tell whether a living process of this machine has the working copy open."""
        return any(
            ProcessLock.holder(file) is not None
            for file in self._folder.glob(f"{self.file.name}-asking-*")
        )

    def _token(self) -> str:
        file = self._folder / "token"
        if not file.exists():
            file.write_text(Lease.new_token(), encoding="utf-8")
        return file.read_text(encoding="utf-8")


def _folder(place: Path) -> Path:
    """Return the folder of this machine in which a store works.

    Raises
    ------
    StoreError
        The folder for temporary files is on a network file system, too.
    """
    temporary = Path(tempfile.gettempdir())
    kind = network_file_system(temporary)
    if kind:
        raise StoreError(
            f"{place} cannot be written where it is, and {temporary} is on a network file system "
            f"({kind}), too: set TMPDIR to a folder on a disk of this machine"
        )
    name = hashlib.sha256(os.fsencode(os.path.realpath(place))).hexdigest()[:16]
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return temporary / f"doxa-{user}-{name}"


def _make_private(folder: Path) -> None:
    """Make a folder that only this user can open, in one that everybody can write."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or (hasattr(os, "getuid") and found.st_uid != os.getuid()):
        raise PermissionError(13, "Another user has made this folder", str(folder))


def _times(file: Path) -> tuple[int, int]:
    """Return what changes when a file of a store on a disk is written."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def _signature(file: Path) -> str:
    """Return what differs between two states of a store; "" if there is no file."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return ""
    address = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
    with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True)) as connection:
        return str(connection.execute("SELECT * FROM seals").fetchall())
    return f"{found.st_size} bytes at {found.st_mtime_ns}"

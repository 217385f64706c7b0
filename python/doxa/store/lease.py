"""Which machine writes a place that several machines share: a file there says so.

Locks between machines do not work everywhere, so the machine shows that it lives: it writes the
file again every few seconds. Times are compared as the server of the place sees them.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import tempfile
import time
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Final

from doxa.errors import StoreError
from doxa.files import replacing
from doxa.files.lock import Holder
from doxa.outside.documents import json_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["BEAT", "Lease", "lease_file", "leased_to"]

BEAT: Final = 15.0
"""Seconds between two signs of life."""
_DEAD: Final = 120.0
"""A machine without a sign of life for so many seconds is taken for dead."""
_PAUSE: Final = 1.0


def lease_file(place: Path) -> Path:
    """Return the path of the file that says which machine writes a place."""
    return place.with_name(f"{place.name}-held")


def leased_to(place: Path) -> Holder | None:
    """Return who writes a place on a network file system; None if nobody has for a while."""
    file = lease_file(place)
    known = _read(file)
    if known is None:
        return None
    with suppress(OSError):
        # on a place that is only read, by this machine's clock
        if time.time() - file.stat().st_mtime > _DEAD:
            return None
    return _holder(known)


class Lease:
    """The right of this machine to write a place.

    Parameters
    ----------
    place : pathlib.Path
        The place.
    token : str
        A secret of the folder that this machine works in: processes that share it share the right.
    """

    def __init__(self, place: Path, token: str) -> None:
        self._place = place
        self._file = lease_file(place)
        self._text = json.dumps(
            Holder(os.getpid(), platform.node(), datetime.now().isoformat(" ", "seconds"))._asdict()
            | {"token": token}
        )
        self._token = token

    @staticmethod
    def new_token() -> str:
        """Return a token that nobody else has."""
        return secrets.token_hex(16)

    def take(self, told: Callable[[str], object]) -> None:
        """Take the right; wait as long as another machine that had it may still live.

        Raises
        ------
        StoreError
            Another machine lives, or the place cannot be written.
        """
        known = _read(self._file)
        waiting = False
        while known is not None and known.get("token") != self._token:
            before = self._file.stat().st_mtime_ns if self._file.exists() else 0
            silent = self._silence()
            if silent >= _DEAD:
                told(f"{_holder(known)} wrote {self._place} and ended without a word: taken over")
                break
            if not waiting:
                told(
                    f"waiting for {_holder(known)}, which wrote {self._place} {silent:.0f} s ago: "
                    f"without a sign of life it counts as ended after {_DEAD:.0f} s"
                )
                waiting = True
            time.sleep(_PAUSE)
            if self._file.exists() and self._file.stat().st_mtime_ns != before:
                raise StoreError(
                    f"{self._place} is written by {_holder(known)}: on a network file system one "
                    "machine at a time writes a run; wait for it, or give each machine a shard"
                )
            known = _read(self._file)
        self._write()

    def beat(self) -> bool:
        """Show that this machine lives; return False if another one has taken the right."""
        known = _read(self._file)
        if known is not None and known.get("token") != self._token:
            return False
        self._write()
        return True

    def give_back(self) -> None:
        """Give the right back, if it is still this machine's."""
        known = _read(self._file)
        if known is not None and known.get("token") == self._token:
            self._file.unlink(missing_ok=True)

    def _write(self) -> None:
        with replacing(self._file) as partial:
            partial.write_text(self._text, encoding="utf-8")

    def _silence(self) -> float:
        """Return the age of the last sign of life in seconds, by the clock of the server."""
        with tempfile.NamedTemporaryFile(dir=self._place.parent, prefix=".doxa-time-") as now:
            now.write(b"now")
            now.flush()
            try:
                with self._file.open("rb") as file:
                    return os.fstat(now.fileno()).st_mtime - os.fstat(file.fileno()).st_mtime
            except FileNotFoundError:
                return _DEAD


def _read(file: Path) -> dict[str, str] | None:
    try:
        known = json_of(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _holder(known: dict[str, str]) -> Holder:
    with suppress(TypeError, ValueError, KeyError):
        return Holder(int(known["process"]), str(known["host"]), str(known["since"]))
    return Holder(0, "an unknown machine", "an unknown time")

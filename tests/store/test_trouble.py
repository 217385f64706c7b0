"""Each error of SQLite is one line, and none advises to delete what is whole."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from doxa.errors import ExperimentError, StoreError
from doxa.store.trouble import DamageError, damaged, decoded, explained

FILE = Path("runs/x/replies.sqlite")
ERRORS = [name for name in dir(sqlite3) if name.startswith("SQLITE_") and "_" in name[7:]]


def error(name: str) -> sqlite3.Error:
    found = sqlite3.OperationalError("disk I/O error")
    found.sqlite_errorcode = getattr(sqlite3, name)
    found.sqlite_errorname = name
    return found


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("SQLITE_FULL", "make room on the disk"),
        ("SQLITE_IOERR_WRITE", "make room on the disk"),
        ("SQLITE_IOERR_SHMMAP", "does not let memory be shared"),
        ("SQLITE_IOERR_MMAP", "does not let memory be shared"),
        ("SQLITE_IOERR_READ", "check the disk"),
        ("SQLITE_PROTOCOL", "locks do not work"),
        ("SQLITE_IOERR_LOCK", "locks do not work"),
        ("SQLITE_BUSY_SNAPSHOT", "wait for it to finish"),
        ("SQLITE_CANTOPEN_ISDIR", "check the folder"),
        ("SQLITE_READONLY_DBMOVED", "check the folder"),
        ("SQLITE_CORRUPT_INDEX", "doxa check runs/x/replies.sqlite"),
        ("SQLITE_NOTADB", "doxa check runs/x/replies.sqlite"),
        ("SQLITE_MISUSE", "doxa check runs/x/replies.sqlite"),
    ],
)
def test_advice(name: str, advice: str) -> None:
    with pytest.raises(StoreError, match=advice), explained(FILE):
        raise error(name)


def test_no_advice_destroys_or_asks_again_what_is_whole() -> None:
    for name in ERRORS:
        if isinstance(getattr(sqlite3, name), int):
            with pytest.raises(StoreError) as caught, explained(FILE):
                raise error(name)
            assert not {"move", "delete", "remove", "ask again"} & set(str(caught.value).split())


def test_what_cannot_be_read_is_damage_and_what_doxa_says_stays() -> None:
    for kind in (KeyError("text"), ValueError("x"), TypeError("x"), OverflowError("x")):
        unreadable = pytest.raises(DamageError, match="the card of a model cannot be read")
        with unreadable, decoded(FILE, "the card of a model"):
            raise kind
    with pytest.raises(ExperimentError, match="other"), decoded(FILE, "a reply"):
        raise ExperimentError("other")
    assert "doxa check runs/x/replies.sqlite" in str(damaged(FILE, "it is"))


def test_a_message_of_sqlite_that_is_no_text_is_damage() -> None:
    with pytest.raises(DamageError, match="its tables cannot be read"), explained(FILE):
        b"\xff".decode()

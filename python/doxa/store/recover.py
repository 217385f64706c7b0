"""Copy what is whole in a damaged store to a new one; the damaged one stays as it is."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from doxa.errors import StoreError
from doxa.files import reason, replacing
from doxa.store.check import salvage
from doxa.store.reading import LOGS
from doxa.store.schema import begin
from doxa.store.seal import TABLES, keep_seals, put
from doxa.store.trouble import explained

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doxa.store.seal import Row

__all__ = ["recover"]

_PAGE: Final = 4096
"""The size of a page in a new store."""


def recover(file: Path, out: Path) -> dict[str, int]:
    """Write a new store with every row of a damaged one that is as it was written.

    Parameters
    ----------
    file : pathlib.Path
        The damaged store; it is only read.
    out : pathlib.Path
        The new store; it must not exist.

    Returns
    -------
    dict of str to int
        The rows that were kept, by table.

    Raises
    ------
    StoreError
        Nothing can be read, `out` exists or cannot be written.
    """
    if out.exists():
        raise StoreError(f"{out} is there already: name another folder")
    best: dict[str, list[Row]] = {}
    try:
        with tempfile.TemporaryDirectory(prefix="doxa-") as folder:
            for copy in _copies(file, Path(folder)):
                found = _read(copy)
                if sum(map(len, found.values())) > sum(map(len, best.values())):
                    best = found
        if not any(best.values()):
            raise StoreError(f"{file}: no row in it is whole, or it is not a run of doxa")
        kept = _connected(best)
        with tempfile.TemporaryDirectory(prefix="doxa-") as folder, replacing(out) as partial:
            # not in its place, where a database may not work
            written = Path(folder, out.name)
            with explained(out):
                _write(kept, written)
            shutil.copyfile(written, partial)
    except OSError as error:
        raise StoreError(f"{out} cannot be written: {reason(error)}") from None
    return {name: len(rows) for name, rows in kept.items()}


def _copies(file: Path, folder: Path) -> Iterator[Path]:
    """Copy a store as it is; without its log; and with the first page of a new store."""
    logs = [log for log in (file.with_name(file.name + end) for end in LOGS) if log.exists()]
    copy = folder / "store"
    shutil.copyfile(file, copy)
    for log in logs:
        shutil.copyfile(log, folder / f"store{log.name.removeprefix(file.name)}")
    yield copy
    if logs:
        shutil.copyfile(file, folder / "alone")
        yield folder / "alone"
    new = folder / "new"
    with closing(sqlite3.connect(new, isolation_level=None)) as connection:
        begin(connection)
    pages = -(-file.stat().st_size // _PAGE)
    first = bytearray(new.read_bytes()[:_PAGE])
    first[28:32] = pages.to_bytes(4, "big")
    with file.open("rb") as old, (folder / "patched").open("wb") as patched:
        patched.write(first)
        old.seek(_PAGE)
        shutil.copyfileobj(old, patched)
    yield folder / "patched"


def _read(copy: Path) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    with suppress(sqlite3.Error), closing(sqlite3.connect(copy, isolation_level=None)) as source:
        source.text_factory = lambda data: data.decode(errors="replace")
        for name in TABLES:
            found[name] = salvage(source, name)[0]
    return found


def _connected(found: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Leave out what refers to lost rows: the same `doxa ask` records it anew."""
    kept = {name: found.get(name, []) for name in TABLES}
    texts = {row[0] for row in kept["texts"]}
    kept["turns"] = [row for row in kept["turns"] if texts.issuperset(row[1:])]
    kept["examples"] = [row for row in kept["examples"] if row[0] in texts]
    turns = {row[0] for row in kept["turns"]} | {None}
    kept["sent"] = [row for row in kept["sent"] if turns.issuperset(row[1:])]
    return kept


def _write(kept: dict[str, list[Row]], out: Path) -> None:
    with closing(sqlite3.connect(out, isolation_level=None)) as connection:
        begin(connection)
        keep_seals(connection)
        connection.execute("BEGIN")
        for name, rows in kept.items():
            put(connection, name, rows)
        connection.execute("COMMIT")

"""Bundles: all that a run holds in one file, the same bytes whenever the same run is written.

A bundle is a zip archive, because every system opens one and its members are plain text: a line of
JSON for each row of the store, the experiment as TOML, and the documents that whoever writes the
bundle adds. `manifest.json` comes first and has the SHA-256 of every other member. A SQLite file
would not do: its bytes tell in what order rows were written, and by which version of SQLite.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from doxa.errors import FileError, StoreError
from doxa.files import replacing
from doxa.files.unpack import Limits, open_archive
from doxa.outside.documents import json_of
from doxa.outside.secrets import without_secrets
from doxa.store.migrate import with_form
from doxa.store.schema import VERSION, begin
from doxa.store.seal import TABLES, keep_seals, put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from doxa.files.unpack import Archive
    from doxa.store.seal import Row

__all__ = ["documents_of", "is_bundle", "open_bundle", "write_bundle"]

_MANIFEST: Final = "manifest.json"
_EXPERIMENT: Final = "experiment.toml"
_FORMAT: Final = "doxa bundle"
_LIMITS: Final = Limits(total=4 << 30, member=4 << 30, ratio=100, members=64)
_LONGEST_LINE: Final = (b"\n", 32 << 20)
_PIECE: Final = 1 << 20
_AT: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip archive can state, so that no clock is in the bytes."""


def write_bundle(
    rows: Callable[[str], Sequence[Row]], documents: Mapping[str, str], out: Path
) -> str:
    """Write all that a store holds to a bundle.

    Parameters
    ----------
    rows : callable
        Gives the rows of a table: `doxa.store.Store.rows` of a store that was opened to be read.
    documents : mapping of str to str
        Further members by their names, such as ``"people.json"``.
    out : pathlib.Path
        The bundle; it is replaced only when the new one is complete.

    Returns
    -------
    str
        The SHA-256 of the manifest: it stands for all that the bundle holds.

    Raises
    ------
    StoreError
        The store is damaged.
    OSError
        The file cannot be written.
    """
    notes = {name: without_secrets(value) for name, value in rows("metadata")}
    members = {_EXPERIMENT: notes.pop("experiment", ""), **documents}
    tables = {name: rows(name) for name in TABLES} | {"metadata": list(notes.items())}
    contents = {name: text.encode() for name, text in sorted(members.items())}
    contents |= {f"{name}.jsonl": _written(name, table) for name, table in tables.items()}
    manifest = {
        "format": _FORMAT,
        "schema": VERSION,
        "rows": {name: len(table) for name, table in tables.items()},
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
    }
    told = (json.dumps(manifest, indent=1) + "\n").encode()
    with replacing(out) as partial, zipfile.ZipFile(partial, "w") as archive:
        for name, data in {_MANIFEST: told, **contents}.items():
            member = zipfile.ZipInfo(name, _AT)
            member.create_system, member.external_attr = 3, 0o644 << 16
            archive.writestr(member, data, zipfile.ZIP_DEFLATED, 6)
    return hashlib.sha256(told).hexdigest()


def is_bundle(file: Path) -> bool:
    """Tell whether a file is a bundle, by its content; a damaged archive is none."""
    try:
        with open_archive(file) as archive:
            return _MANIFEST in archive.names and _EXPERIMENT in archive.names
    except FileError:
        return False


def documents_of(file: Path) -> dict[str, str]:
    """Read the documents in a bundle, and its manifest's hash as ``""``.

    Raises
    ------
    StoreError
        The bundle is missing, damaged, or of another version.
    """
    with _reading(file) as (archive, manifest):
        known = {_MANIFEST, _EXPERIMENT, *(f"{name}.jsonl" for name in TABLES)}
        told = hashlib.sha256(archive.read(_MANIFEST)).hexdigest()
        return {"": told} | {
            name: _text(archive, manifest, name) for name in archive.names if name not in known
        }


def open_bundle(file: Path) -> sqlite3.Connection:
    """Read a bundle into a store in memory, and verify it.

    Raises
    ------
    StoreError
        The bundle is missing, damaged, or of another version.
    """
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        with _reading(file) as (archive, manifest):
            begin(connection)
            keep_seals(connection)
            connection.execute("BEGIN")
            styles = None if manifest["schema"] == VERSION else dict[tuple[str, ...], str]()
            for name in TABLES:
                rows = _rows(name, _lines(archive, manifest, f"{name}.jsonl"), styles)
                if put(connection, name, rows) != manifest["rows"][name]:
                    raise ValueError(f"{name}.jsonl has another number of rows")
            experiment = _text(archive, manifest, _EXPERIMENT)
            put(connection, "metadata", [("experiment", experiment)] if experiment else [])
            connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _written(name: str, rows: Iterable[Row]) -> bytes:
    """Write rows as lines of JSON."""
    columns = TABLES[name].columns
    lines = []
    for row in rows:
        values = dict(zip(columns, row, strict=True))
        if name == "texts":
            del values["hash"]
        lines.append(json.dumps(values, ensure_ascii=False, allow_nan=False) + "\n")
    return "".join(lines).encode()


def _rows(
    name: str, lines: Iterable[bytes], styles: dict[tuple[str, ...], str] | None
) -> Iterator[Row]:
    """Read rows from lines of JSON; with `styles`, of version 7."""
    columns = TABLES[name].columns
    for line in lines:
        values: dict[str, Any] = json_of(line)
        if name == "texts":
            values["hash"] = hashlib.sha256(values["text"].encode()).digest()
        if styles is not None:
            values = with_form(name, values, styles)
        if values.keys() != set(columns):
            raise ValueError(f"a row of {name}.jsonl has other columns")
        yield tuple(values[column] for column in columns)


def _text(archive: Archive, manifest: Mapping[str, Any], name: str) -> str:
    return b"".join(_pieces(archive, manifest, name)).decode()


def _lines(archive: Archive, manifest: Mapping[str, Any], name: str) -> Iterator[bytes]:
    rest = b""
    for piece in _pieces(archive, manifest, name):
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
    if rest:
        yield rest


def _pieces(archive: Archive, manifest: Mapping[str, Any], name: str) -> Iterator[bytes]:
    """Read a member, and verify it at the end."""
    digest = hashlib.sha256()
    with archive.open(name, longest=_LONGEST_LINE) as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
            yield piece
    if digest.hexdigest() != manifest["sha256"][name]:
        raise ValueError(f"{name} is not as it was written")


@contextmanager
def _reading(file: Path) -> Iterator[tuple[Archive, dict[str, Any]]]:
    """Open a bundle; whatever is wrong with it is told in one line."""
    try:
        with open_archive(file, _LIMITS) as archive:
            manifest = json_of(archive.read(_MANIFEST))
            if manifest["format"] != _FORMAT:
                raise ValueError(f"{_MANIFEST} is not of a bundle")
            if manifest["schema"] not in (VERSION - 1, VERSION):
                raise StoreError(
                    f"{file}: a bundle of another version of doxa (schema {manifest['schema']}, "
                    f"this one reads {VERSION - 1} and {VERSION}): read it with that version"
                )
            yield archive, manifest
    except FileError as error:
        raise StoreError(str(error)) from None
    except (sqlite3.Error, ArithmeticError, LookupError, TypeError, ValueError) as error:
        what = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise StoreError(
            f"{file}: the bundle is damaged ({what}): get it again from whoever made it"
        ) from None

"""Reading TOML files strictly: a key that is missing, unknown or of a wrong kind is an error."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypeVar

from doxa.errors import QuestionnaireError
from doxa.files import reason
from doxa.outside.documents import toml_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["TomlTable", "read_toml"]

_T = TypeVar("_T")
_KINDS = {
    object: "a value",
    str: "text",
    int: "a whole number",
    list: "a list",
    dict: "a table",
    date: "a date",
}


class TomlTable:
    """A table of a TOML file, with its place in the file for error messages.

    Each key is removed when it is read; `finish` raises if one is left.

    Parameters
    ----------
    values : dict of str to object
        What the table holds.
    path : pathlib.Path
        The file.
    name : str
        The table's name within the file, such as ``answers.importance``; "" for the whole file.
    """

    def __init__(self, values: dict[str, object], path: Path, name: str = "") -> None:
        self._values = dict(values)
        self.path = path
        self.name = name

    def error(self, message: str, key: str = "") -> QuestionnaireError:
        """Make an exception that names the file, the table and the key; the caller raises it."""
        place = ".".join(part for part in (self.name, key) if part)
        return QuestionnaireError(f"{self.path}{f', {place}' if place else ''}: {message}")

    def remaining(self) -> Iterator[str]:
        """Iterate over the keys not taken yet, in the file's order."""
        return iter(tuple(self._values))

    def holds(self, key: str, kind: type) -> bool:
        """Tell whether `key` exists and its value is of that kind."""
        return isinstance(self._values.get(key), kind)

    def take(self, key: str, kind: type[_T]) -> _T:
        """Remove a required key, and return its value.

        Raises
        ------
        QuestionnaireError
            The key is missing, or its value is of another kind.
        """
        if key not in self._values:
            raise self.error("is missing: add it", key)
        value = self._values.pop(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.error(f"is {value!r}, not {_KINDS[kind]}", key)
        if isinstance(value, str) and not value.strip():
            raise self.error("is empty: write it, or remove the key", key)
        return value

    def table(self, key: str) -> TomlTable:
        """Remove a required table, and return it."""
        name = ".".join(part for part in (self.name, key) if part)
        return TomlTable(self.take(key, dict), self.path, name)

    def optional_table(self, key: str) -> TomlTable:
        """Remove an optional table, and return it; an empty one if it is absent."""
        self._values.setdefault(key, {})
        return self.table(key)

    def tables(self) -> Iterator[tuple[str, TomlTable]]:
        """Remove all keys that are left, which must be tables, and iterate over them."""
        for key in self.remaining():
            yield key, self.table(key)

    def list_of(self, key: str, kind: type[_T], *, optional: bool = False) -> tuple[_T, ...]:
        """Remove a list of one kind, and return it as a tuple; `optional` lists may be absent."""
        if optional and key not in self._values:
            return ()
        values = self.take(key, list)
        for value in values:
            if not isinstance(value, kind) or isinstance(value, bool):
                raise self.error(f"holds {value!r}, which is not {_KINDS[kind]}", key)
        return tuple(values)

    def numbers(self, key: str) -> tuple[float, ...]:
        """Remove an optional list of numbers, and return it as floats."""
        if key not in self._values:
            return ()
        values = self.take(key, list)
        for value in values:
            if not isinstance(value, (int, float)) or isinstance(value, bool):
                raise self.error(f"holds {value!r}, which is not a number", key)
        return tuple(float(value) for value in values)

    def finish(self) -> None:
        """Raise if a key was not taken.

        Raises
        ------
        QuestionnaireError
            A key is left; the message names the first one.
        """
        for key in self._values:
            raise self.error("is unknown: remove it or correct its spelling", key)


def read_toml(path: Path) -> TomlTable:
    """Read a TOML file.

    Parameters
    ----------
    path : pathlib.Path
        The file, in UTF-8.

    Returns
    -------
    TomlTable
        The whole file.

    Raises
    ------
    QuestionnaireError
        The file cannot be read, or is not TOML.
    """
    try:
        return TomlTable(toml_of(path.read_bytes()), path)
    except OSError as error:
        raise QuestionnaireError(f"{path}: cannot be read ({reason(error)})") from None
    except ValueError as error:
        raise QuestionnaireError(f"{path}: is not TOML ({error}): correct that place") from None

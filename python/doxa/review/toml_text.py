"""A TOML file that is changed in places: comments, blank lines and layout stay as they are."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

from doxa.outside.documents import toml_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["TomlText"]

Value: TypeAlias = "str | int | date | list[str] | dict[str, Any]"


@dataclass(slots=True)
class _Part:
    """Some lines of the file: a statement, the head of a table, or what stands between them."""

    table: str
    key: str
    text: str

    @property
    def comment(self) -> str:
        """What stands behind the value on its last line."""
        whole = toml_of(self.text)
        for found in re.finditer(r"[ \t]*#", self.text):
            if _parses(self.text[: found.start()]) == whole:
                return self.text[found.start() :].rstrip("\n")
        return ""


class TomlText:
    r"""A TOML file of tables with plain keys, as the files of languages are.

    Parameters
    ----------
    text : str
        The file, which must be TOML.

    Examples
    --------
    >>> file = TomlText('# ours\n[items]\nQ1 = "Tea?"  # hot\n')
    >>> file.set("items", "Q1", "Coffee?")
    >>> print(file)
    # ours
    [items]
    Q1 = "Coffee?"  # hot
    <BLANKLINE>
    """

    def __init__(self, text: str) -> None:
        self._parts = list(_parts(text))

    def __str__(self) -> str:
        return "".join(part.text for part in self._parts)

    def set(self, table: str, key: str, value: Value) -> None:
        """Give a key a value; a key that is not there yet comes last in its table."""
        part = self._find(table, key)
        if part is None:
            self._add(table, key, value)
            return
        long = part.text.rstrip("\n").count("\n") > 0
        part.text = f"{key} = {_written(value, long=long)}{part.comment}\n"

    def remove(self, table: str, key: str) -> None:
        """Remove a key, if it is there; a table that is empty then goes too."""
        self._parts = [part for part in self._parts if (part.table, part.key) != (table, key)]
        if not any(part.table == table and part.key for part in self._parts):
            self._parts = [part for part in self._parts if part.table != table or not _head(part)]

    def _find(self, table: str, key: str) -> _Part | None:
        return next((p for p in self._parts if (p.table, p.key) == (table, key)), None)

    def _add(self, table: str, key: str, value: Value) -> None:
        places = [
            place
            for place, part in enumerate(self._parts)
            if part.table == table and (part.key or _head(part))
        ]
        new = _Part(table, key, f"{key} = {_written(value)}\n")
        if places:
            self._parts.insert(places[-1] + 1, new)
            return
        second = [place for place, part in enumerate(self._parts) if _head(part)][1:2]
        at = second[0] if second else len(self._parts)
        while at and self._parts[at - 1].text.startswith("#"):
            at -= 1  # the comment above the next table stays with it
        head = _Part(table, "", f"[{table}]\n")
        self._parts[at:at] = [head, new, _Part(table, "", "\n")]


def _head(part: _Part) -> bool:
    return not part.key and part.text.startswith("[")


def _parts(text: str) -> Iterator[_Part]:
    table, statement = "", ""
    for line in text.splitlines(keepends=True):
        if not statement and (not line.strip() or line.lstrip().startswith("#")):
            yield _Part(table, "", line)
        elif not statement and line.startswith("["):
            table = line[1 : line.index("]")].strip()
            yield _Part(table, "", line)
        else:
            statement += line
            found = _parses(statement)
            if found is not None:
                yield _Part(table, next(iter(found)), statement)
                statement = ""
    if statement:
        yield _Part(table, "", statement)


def _parses(text: str) -> dict[str, Any] | None:
    try:
        return toml_of(text)
    except ValueError:
        return None


def _written(value: Value, *, long: bool = False) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_written(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        if long:
            return "[\n" + "".join(f"  {_written(one)},\n" for one in value) + "]"
        return "[" + ", ".join(_written(one) for one in value) + "]"
    if isinstance(value, date):
        return value.isoformat()
    # a text or a whole number is the same in JSON and in TOML
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

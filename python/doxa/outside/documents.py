"""JSON, TOML and Python literals from outside: whatever is wrong with them is a ValueError.

The parsers of the standard library raise RecursionError or MemoryError on values that are nested
thousands of levels deep, which a few kilobytes can hold.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["json_of", "literal_of", "toml_of"]

_HALF: Final = re.compile(r"\\u[dD]")
_HALF_IN_BYTES: Final = re.compile(rb"\\u[dD]")


def json_of(text: str | bytes) -> Any:
    """Read JSON.

    Halves of surrogate pairs, which are no characters and cannot be written to any file, become
    U+FFFD.

    Raises
    ------
    ValueError
        The text is not UTF-8, not JSON, or nested too deeply.

    Examples
    --------
    >>> json_of("[" * 100_000)
    Traceback (most recent call last):
        ...
    ValueError: nested too deeply
    """
    with _bounded():
        found = json.loads(text)
        halves = _HALF.search(text) if isinstance(text, str) else _HALF_IN_BYTES.search(text)
        return _whole_characters(found) if halves else found


def toml_of(text: str | bytes) -> dict[str, Any]:
    """Read TOML.

    Raises
    ------
    ValueError
        The text is not UTF-8, not TOML, or nested too deeply.
    """
    with _bounded():
        return tomllib.loads(text if isinstance(text, str) else text.decode("utf-8"))


def literal_of(text: str) -> Any:
    """Read a literal as Python prints it, such as a list of texts.

    Raises
    ------
    ValueError
        The text is no literal, or nested too deeply.
    """
    with _bounded():
        try:
            return ast.literal_eval(text)
        except (SyntaxError, TypeError) as error:
            raise ValueError(str(error)) from None


def _whole_characters(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_whole_characters(part) for part in value]
        case dict():
            return {_whole_characters(key): _whole_characters(part) for key, part in value.items()}
        case _:
            return value


@contextmanager
def _bounded() -> Iterator[None]:
    try:
        yield
    except (RecursionError, MemoryError):
        raise ValueError("nested too deeply") from None

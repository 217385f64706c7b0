"""Models in several files, named ``…-00001-of-00003.gguf`` and so on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from doxa.errors import ModelError

__all__ = ["names", "number", "parts", "stem"]

_SPLIT: Final = re.compile(r"(?P<head>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.DOTALL)


def names(name: str) -> list[str]:
    """Return the names of all files of a model, in order.

    Parameters
    ----------
    name : str
        The name of one of them, or that of a model in a single file.

    Examples
    --------
    >>> names("big-00001-of-00002.gguf")
    ['big-00001-of-00002.gguf', 'big-00002-of-00002.gguf']
    >>> names("small.gguf")
    ['small.gguf']
    """
    split = _SPLIT.fullmatch(name)
    if split is None:
        return [name]
    head, count = split["head"], split["count"]
    return [f"{head}-{part:05d}-of-{count}.gguf" for part in range(1, int(count) + 1)]


def number(name: str) -> int:
    """Return which of its model's files a name is, counted from 1.

    Examples
    --------
    >>> number("big-00002-of-00003.gguf"), number("small.gguf")
    (2, 1)
    """
    split = _SPLIT.fullmatch(name)
    return int(split["number"]) if split else 1


def stem(name: str) -> str:
    """Return a file's name without its suffix, and without which of several files it is.

    Examples
    --------
    >>> stem("big-00001-of-00003.gguf"), stem("small.Q4_K_M.gguf")
    ('big', 'small.Q4_K_M')
    """
    split = _SPLIT.fullmatch(name)
    return split["head"] if split else Path(name).stem


def parts(file: Path) -> list[Path]:
    """Return the paths of all files of a model, in order.

    Parameters
    ----------
    file : pathlib.Path
        The model's file, or the first of several.

    Raises
    ------
    ModelError
        It is not the first one, or others are missing.
    """
    found = [file.with_name(name) for name in names(file.name)]
    if file != found[0]:
        raise ModelError(
            f"model {file} is part {number(file.name)} of {len(found)}: give the first, "
            f"{found[0].name}"
        )
    missing = [part.name for part in found[1:] if not part.is_file()]
    if missing:
        raise ModelError(
            f"model {file} is one of {len(found)} files, of which {len(missing)} are missing "
            f"({missing[0]}{', …' if missing[1:] else ''}): bring them to the same folder"
        )
    return found

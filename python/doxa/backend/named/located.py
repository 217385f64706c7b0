"""`Located`: a model on this machine, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Told = Callable[[str], object]

__all__ = ["Located", "Told"]


@dataclass(frozen=True, slots=True)
class Located:
    """A model on this machine, and where it came from.

    Parameters
    ----------
    file : pathlib.Path
        Its GGUF file; of a model in several files, the first.
    name : str
        The name in tables.
    origin : Mapping of str to str
        Where it came from, as the model's card keeps it: ``source`` and, as far as the source has
        them, ``repository``, ``commit``, ``file``, ``model``, ``manifest`` and ``unused``. Empty
        for a path, which says nothing of a file.
    sha256 : str
        What the source says the SHA-256 of the file is, in hexadecimal; ``""`` where it says
        nothing, and for several files.
    """

    file: Path
    name: str
    origin: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""

"""Where programs keep plain GGUF files: llama.cpp, GPT4All, doxa, and the working folder."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["cache_folder", "files_below", "gpt4all", "is_folder", "llama_cpp"]

_DEPTH: Final = 3
"""How many folders deep the working folder is looked through."""
_MOST: Final = 5_000
"""The most folders that are looked through."""
_MODEL_PATH: Final = re.compile(r"^modelPath=(.+)$", re.MULTILINE)


def is_folder(path: Path) -> bool:
    """Tell whether there is a folder that this user may look for."""
    with suppress(OSError):  # a folder above it may be closed to others
        return path.is_dir()
    return False


def cache_folder() -> Path:
    """Return the folder for files that doxa can make again.

    It is ``$DOXA_CACHE``, or else ``doxa`` in ``$XDG_CACHE_HOME``, or else ``~/.cache/doxa``.
    """
    if folder := os.environ.get("DOXA_CACHE"):
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "doxa"


def llama_cpp() -> Path:
    """Return llama.cpp's cache."""
    if given := os.environ.get("LLAMA_CACHE"):
        return Path(given)
    return _user_folder("XDG_CACHE_HOME", ".cache", "Caches") / "llama.cpp"


def gpt4all() -> list[Path]:
    """Return the folders of GPT4All: that of its settings, of the program, and of its library."""
    program = Path("nomic.ai", "GPT4All")
    places = [
        _user_folder("XDG_DATA_HOME", ".local/share", "Application Support") / program,
        Path.home() / ".cache" / "gpt4all",
    ]
    if sys.platform == "win32":
        settings = Path(os.environ.get("APPDATA", Path.home() / "AppData" / "Roaming"))
    else:
        settings = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    with suppress(OSError, ValueError):
        text = (settings / "nomic.ai" / "GPT4All.ini").read_text(encoding="utf-8")
        if found := _MODEL_PATH.search(text):
            places.insert(0, Path(found[1].strip().strip('"')))
    return places


def files_below(folder: Path, depth: int = _DEPTH) -> Iterator[Path]:
    """Yield the GGUF files in a folder and those below it, hidden folders left out.

    Parameters
    ----------
    folder : pathlib.Path
        The folder; nothing is yielded if it is not there.
    depth : int
        How many folders deep; of the folders on the way at most 5,000 are looked at.
    """
    for here in islice(_folders(folder, depth), _MOST):
        with suppress(OSError):
            for entry in sorted(os.scandir(here), key=lambda one: one.name):
                if entry.name.lower().endswith(".gguf") and entry.is_file():
                    yield here / entry.name


def _folders(folder: Path, depth: int) -> Iterator[Path]:
    yield folder
    if depth:
        with suppress(OSError):
            for entry in sorted(os.scandir(folder), key=lambda one: one.name):
                hidden = entry.name.startswith(".") or entry.name == "node_modules"
                if not hidden and entry.is_dir(follow_symlinks=False):
                    yield from _folders(folder / entry.name, depth - 1)


def _user_folder(variable: str, elsewhere: str, library: str) -> Path:
    """Return the folder of the user's files of a kind, as the system has it."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    if sys.platform == "darwin":
        return Path.home() / "Library" / library
    return Path(os.environ.get(variable) or Path.home() / elsewhere)

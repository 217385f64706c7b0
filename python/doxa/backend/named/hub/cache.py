"""The cache of the hub's client, read without it.

It has a folder for each repository, ``models--owner--repository``: in ``refs`` the commit of each
branch, in ``snapshots/<commit>`` links to the files, and in ``blobs`` the files, by their hashes.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["digest_of", "folder", "repositories", "sizes_in", "snapshot"]

_PREFIX: Final = "models--"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def folder() -> Path:
    """Return the folder of the cache, by the environment variables that the client reads."""
    for name, below in (("HF_HUB_CACHE", ""), ("HUGGINGFACE_HUB_CACHE", ""), ("HF_HOME", "hub")):
        if given := os.environ.get(name):
            return Path(os.path.expandvars(given)).expanduser() / below
    caches = os.environ.get("XDG_CACHE_HOME")
    home = Path(os.path.expandvars(caches)).expanduser() if caches else Path.home() / ".cache"
    return home / "huggingface" / "hub"


def repositories() -> dict[str, Path]:
    """Return the folder of every repository of models in the cache, by its name."""
    found = {}
    with suppress(OSError):
        for place in sorted(folder().glob(f"{_PREFIX}*")):
            found[place.name.removeprefix(_PREFIX).replace("--", "/", 1)] = place
    return found


def snapshot(repository: str, revision: str) -> tuple[str, Path] | None:
    """Return the commit that the cache has of a repository, and the folder of its files.

    Parameters
    ----------
    repository : str
        Its name, ``owner/repository``.
    revision : str
        A branch, a tag or a commit.
    """
    place = repositories().get(repository)
    if place is None:
        return None
    commit = revision
    with suppress(OSError, ValueError):
        commit = (place / "refs" / revision).read_text(encoding="ascii").strip()
    files = place / "snapshots" / commit
    return (commit, files) if commit and files.is_dir() else None


def sizes_in(snapshot: Path) -> dict[str, int]:
    """Return the sizes of the GGUF files of a snapshot, by their names in it."""
    found = {}
    for file in sorted(snapshot.rglob("*.gguf")):
        with suppress(OSError):  # a link to a file that was removed
            found["/".join(file.relative_to(snapshot).parts)] = file.stat().st_size
    return found


def digest_of(file: Path) -> str:
    """Return the SHA-256 that a cached file should have, ``""`` if the cache does not tell."""
    with suppress(OSError):
        if _SHA256.fullmatch(name := file.readlink().name):
            return name
    return ""

"""What a repository of the hub holds: its commit, its GGUF files and their hashes."""

from __future__ import annotations

from typing import NamedTuple

from huggingface_hub import HfApi

from doxa.backend.named.hub.cache import folder

__all__ = ["RemoteFile", "listed"]

_SECONDS = 20
"""How long the hub may take to answer."""


class RemoteFile(NamedTuple):
    """A file on the hub.

    Attributes
    ----------
    size : int
        Its size in bytes.
    sha256 : str
        Its SHA-256 in hexadecimal; ``""`` for a small file that the hub knows by another hash.
    """

    size: int
    sha256: str


def listed(repository: str, revision: str) -> tuple[str, dict[str, RemoteFile]]:
    """Ask the hub for a repository's newest commit at a revision, and its GGUF files.

    The commit is kept in the client's cache, so that the model is found offline too.

    Parameters
    ----------
    repository, revision : str
        ``owner/repository``; a branch, a tag or a commit.

    Raises
    ------
    Exception
        Those of the client; call it within `doxa.backend.named.hub.trouble.explained`.
    """
    api = HfApi()
    commit = api.resolve_revision(
        repository, revision=None if revision == "main" else revision, cache_dir=folder()
    ).resolved
    found = api.model_info(repository, revision=commit, files_metadata=True, timeout=_SECONDS)
    files = {
        file.rfilename: RemoteFile(file.size or 0, file.lfs.sha256 if file.lfs else "")
        for file in found.siblings or ()
        if file.rfilename.lower().endswith(".gguf")
    }
    return commit, files

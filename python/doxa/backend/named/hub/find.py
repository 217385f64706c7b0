"""From the name of a repository on the hub to a model in the cache."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from doxa.backend import shards
from doxa.backend.named.choice import choose, models_among, size_words
from doxa.backend.named.hub.cache import digest_of, folder, repositories, sizes_in, snapshot
from doxa.backend.named.hub.download import fetch
from doxa.backend.named.hub.listing import listed
from doxa.backend.named.hub.trouble import UnreachableError, explained
from doxa.backend.named.located import Located
from doxa.backend.named.near import hint
from doxa.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.backend.named.located import Told

__all__ = ["locate_hub"]

_MOST_NAMED: Final = 5
_NAME: Final = re.compile(
    r"(?P<repository>[\w.-]+/[\w.-]+)(?:@(?P<revision>[^:@\s]+))?(?::(?P<wanted>[^:\s]+))?"
)


class _Wanted(NamedTuple):
    """What a name says: the repository, the revision, and the quantisation or file."""

    repository: str
    revision: str
    file: str

    @property
    def where(self) -> str:
        at = "" if self.revision == "main" else f"@{self.revision}"
        return f"hf:{self.repository}{at}"


def locate_hub(name: str, told: Told) -> Located:
    """Find a model of the hub, and download it unless the cache has it.

    Parameters
    ----------
    name : str
        ``owner/repository[@revision][:quantisation or file]``. Without a revision its newest
        commit; without a quantisation its only model, else the first of
        `doxa.backend.named.choice.PREFERRED`.
    told : callable
        Called with what was chosen, and with progress.

    Raises
    ------
    ModelError
        It is not there, or it cannot be downloaded.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise ModelError(
            f"hf:{name} is no name: write hf:owner/repository[@revision][:quantisation or file]"
        )
    wanted = _Wanted(match["repository"], match["revision"] or "main", match["wanted"] or "")
    try:
        with explained(wanted.repository, wanted.revision):
            commit, files = listed(wanted.repository, wanted.revision)
    except UnreachableError as error:
        return _from_cache(wanted, str(error), told)
    models = models_among({name: file.size for name, file in files.items()})
    chosen = choose(models, wanted.file, wanted.where, ":")
    if len(models) > 1 and not wanted.file:
        size = size_words(models[chosen])
        told(f"{wanted.where} has {len(models)} models: {chosen} ({size}) is taken")
    parts = shards.names(chosen)
    absent = [part for part in parts if part not in files]
    if absent:
        raise ModelError(
            f"{wanted.where} lacks {absent[0]}, a part of {chosen}: take another model"
        )
    try:
        with explained(wanted.repository, commit, chosen):
            paths = fetch(wanted.repository, commit, {part: files[part] for part in parts}, told)
    except UnreachableError as error:
        raise ModelError(
            f"{wanted.where}: the download broke, {error}: run the same again, it goes on"
        ) from None
    return _found(wanted, commit, chosen, paths[0], files[chosen].sha256)


def _found(wanted: _Wanted, commit: str, chosen: str, path: Path, sha256: str) -> Located:
    origin = {
        "source": "Hugging Face",
        "repository": wanted.repository,
        "commit": commit,
        "file": chosen,
    }
    several = len(shards.names(chosen)) > 1
    return Located(path, shards.stem(path.name), origin, "" if several else sha256)


def _from_cache(wanted: _Wanted, why: str, told: Told) -> Located:
    """Return what the cache has, since the hub cannot be asked."""
    held = snapshot(wanted.repository, wanted.revision)
    sizes = sizes_in(held[1]) if held else {}
    if held is None or not sizes:
        raise ModelError(
            f"{wanted.where}: {why}, and the cache {folder()} does not hold it; it holds "
            f"{_held()}: {hint(wanted.repository, repositories())}"
        )
    commit, files = held
    try:
        chosen = choose(models_among(sizes), wanted.file, wanted.where, ":")
    except ModelError as error:
        raise ModelError(f"{why}, so only the cache is looked at: {error}") from None
    told(f"{wanted.where}: {why}: {chosen} of commit {commit[:12]} is taken from the cache")
    path = shards.parts(files / chosen)[0]
    return _found(wanted, commit, chosen, path, digest_of(path))


def _held() -> str:
    """Say which repositories the cache holds."""
    held = list(repositories())
    more = f" and {len(held) - _MOST_NAMED} others" if len(held) > _MOST_NAMED else ""
    return (", ".join(held[:_MOST_NAMED]) + more) or "nothing"

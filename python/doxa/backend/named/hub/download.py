"""Brings a file of the hub into its client's cache; a broken download goes on.

The client gives a download a name that only its process knows, so what a process leaves behind is
lost. Here it lies beside the file's place, under the file's hash, and the next process goes on.
The client is handed the whole file: it does the links and the locks of its cache.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx2
from huggingface_hub import hf_hub_download, hf_hub_url, try_to_load_from_cache
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.file_download import http_get, repo_folder_name
from huggingface_hub.utils import (  # type: ignore[attr-defined]  # the client exports them lazily
    WeakFileLock,
    build_hf_headers,
)
from huggingface_hub.utils import tqdm as hub_bar  # type: ignore[attr-defined]

from doxa.backend.named.choice import size_words
from doxa.backend.named.hub.cache import folder
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.backend.named.hub.listing import RemoteFile
    from doxa.backend.named.located import Told

__all__ = ["fetch"]

_MOST_AT_ONCE: Final = 50_000_000_000
"""The largest file, in bytes, that the hub sends in one piece; the client cuts larger ones."""
_EVERY: Final = 10.0
"""Seconds between lines of progress, where there is no terminal for a bar."""


def fetch(repository: str, commit: str, files: Mapping[str, RemoteFile], told: Told) -> list[Path]:
    """Return the paths of files in the cache; those that it lacks are downloaded.

    Parameters
    ----------
    repository, commit : str
        Where they are.
    files : Mapping of str to RemoteFile
        The files, by name.
    told : callable
        Called with lines of progress.

    Raises
    ------
    ModelError
        There is not enough room, the connection broke, or what came is not the file.
    Exception
        Those of the client; call it within `doxa.backend.named.hub.trouble.explained`.
    """
    cached = {file: _cached(repository, commit, file, files[file]) for file in files}
    missing = {file: files[file] for file, path in cached.items() if path is None}
    _check_room(repository, {one.sha256: one.size for one in missing.values()})
    for file, remote in missing.items():
        told(
            f"downloading {file} ({size_words(remote.size)}) of hf:{repository} to {folder()}; "
            "stop with Ctrl-C, run the same again to go on"
        )
        if remote.sha256 and remote.size <= _MOST_AT_ONCE:
            _place(repository, commit, file, remote, told)
        path = Path(hf_hub_download(repository, file, revision=commit, cache_dir=folder()))
        if path.stat().st_size != remote.size:
            raise _odd(repository, file, path)
        cached[file] = path
    return [path for path in cached.values() if path is not None]


def _cached(repository: str, commit: str, file: str, remote: RemoteFile) -> Path | None:
    found = try_to_load_from_cache(repository, file, cache_dir=folder(), revision=commit)
    if not isinstance(found, str):
        return None
    if Path(found).stat().st_size != remote.size:
        raise _odd(repository, file, Path(found))
    return Path(found)


def _odd(repository: str, file: str, path: Path) -> ModelError:
    return ModelError(
        f"hf:{repository}: the cache's copy of {file} has another size than the hub says: remove "
        f"{path.resolve()} and run the same again"
    )


def _check_room(repository: str, sizes: Mapping[str, int]) -> None:
    """Check that the disk of the cache has room for files, as far as they are not there yet."""
    blobs = _blobs(repository)
    partials = [blobs / f"{sha256}.incomplete" for sha256 in sizes if sha256]
    have = sum(partial.stat().st_size for partial in partials if partial.exists())
    need = sum(sizes.values()) - have
    place = next(one for one in (blobs, *blobs.parents) if one.exists())
    free = shutil.disk_usage(place).free
    if need > free:
        raise ModelError(
            f"hf:{repository} needs {size_words(need)}, and {folder()} has {size_words(free)} "
            "free: make room, or set HF_HOME to a folder on another disk"
        )


def _blobs(repository: str) -> Path:
    return folder() / repo_folder_name(repo_id=repository, repo_type="model") / "blobs"


def _place(repository: str, commit: str, file: str, remote: RemoteFile, told: Told) -> None:
    """Download a file to its place among the cache's blobs."""
    blob = _blobs(repository) / remote.sha256
    blob.parent.mkdir(parents=True, exist_ok=True)
    lock = folder() / ".locks" / blob.parent.parent.name / f"{blob.name}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with WeakFileLock(lock):  # the client takes it too
        if blob.exists():
            return
        partial = blob.with_name(f"{blob.name}.incomplete")
        _load(repository, commit, file, remote, partial, told)
        with partial.open("rb") as stream:
            actual = hashlib.file_digest(stream, "sha256").hexdigest()
        if actual != remote.sha256:
            partial.unlink()
            raise ModelError(
                f"hf:{repository}: what came as {file} has the SHA-256 {actual}, and the hub says "
                f"{remote.sha256}: nothing of it is kept; run the same again, and if it comes "
                "again, without a mirror (HF_ENDPOINT)"
            )
        partial.replace(blob)


def _load(
    repository: str, commit: str, file: str, remote: RemoteFile, partial: Path, told: Told
) -> None:
    """Download a file, or what is missing of it."""
    with partial.open("ab") as stream:
        if stream.tell() > remote.size:
            stream.seek(0)
            stream.truncate()
        try:
            http_get(
                hf_hub_url(repository, file, revision=commit),
                stream,
                resume_size=stream.tell(),
                headers=build_hf_headers(),
                expected_size=remote.size,
                displayed_filename=file,
                tqdm_class=_bar(told),
            )
        except httpx2.TransportError:
            pass
        except OSError as error:
            # else it came too short: the client says so without a number
            if error.errno is not None or isinstance(error, HfHubHTTPError):
                raise
        stream.flush()
        came = partial.stat().st_size
    if came != remote.size:
        raise ModelError(
            f"hf:{repository}: the download of {file} broke after {size_words(came)} of "
            f"{size_words(remote.size)}: run the same again, it goes on from there"
        )


def _bar(told: Told) -> Any:
    """Return what shows progress: the client's bar on a terminal, else a line now and then."""
    if sys.stderr.isatty():
        return hub_bar

    class Lines:
        def __init__(self, *, desc: str, total: int | None, initial: int = 0, **_: object) -> None:
            self._file, self._total = desc, total or 0
            self._start, self._done = initial, initial
            self._began = self._last = time.monotonic()

        def __enter__(self) -> Lines:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def update(self, n: int) -> None:
            self._done += n
            now = time.monotonic()
            if now - self._last < _EVERY:
                return
            self._last = now
            rate = (self._done - self._start) / (now - self._began)
            left = f", about {(self._total - self._done) / rate:.0f} s left" if rate > 0 else ""
            told(
                f"{self._file}: {size_words(self._done)} of {size_words(self._total)}, "
                f"{rate / 1e6:.1f} MB a second{left}"
            )

    return Lines

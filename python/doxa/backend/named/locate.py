"""From what a user types for a model to its file on this machine."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from doxa.backend import gguf, shards
from doxa.backend.named import lm_studio, ollama
from doxa.backend.named.hub import cache
from doxa.backend.named.lm_studio import locate_lm_studio
from doxa.backend.named.located import Located
from doxa.backend.named.near import LISTED, hint, near
from doxa.backend.named.ollama import locate_ollama
from doxa.errors import ModelError
from doxa.outside.extras import require

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from doxa.backend.named.located import Told

__all__ = ["SOURCES", "is_name", "locate"]


def _locate_hub(name: str, told: Told) -> Located:
    require("huggingface_hub")
    from doxa.backend.named.hub.find import locate_hub

    return locate_hub(name, told)


SOURCES: Final[Mapping[str, Callable[[str, Told], Located]]] = {
    "hf": _locate_hub,
    "ollama": locate_ollama,
    "lmstudio": locate_lm_studio,
}
"""What finds a model, by what stands before the colon of its name."""


_SOURCE: Final = re.compile(r"([A-Za-z][\w.-]+):")
"""The source that a name begins with; one letter would be a drive of Windows."""


_REPOSITORY: Final = re.compile(r"[\w-][\w.-]*/[\w.-]+(?<!\.gguf)")


def is_name(model: str) -> bool:
    """Tell whether a text is a model's name rather than a path.

    Examples
    --------
    >>> is_name("ollama:llama3.2:3b"), is_name("models/llama.gguf"), is_name("C:/llama.gguf")
    (True, False, False)
    """
    source, colon, _ = model.partition(":")
    return bool(colon) and source in SOURCES


def locate(model: str | os.PathLike[str] | Located, told: Told = lambda _: None) -> Located:
    """Find a model's file on this machine; one of the hub is brought here.

    Parameters
    ----------
    model : str, path or Located
        A path; ``hf:owner/repository[@revision][:quantisation or file]``; ``ollama:name[:tag]``;
        or ``lmstudio:owner/repository[/file]``. What has been located is returned as it is.
    told : callable
        Called with each line that the user should read.

    Raises
    ------
    ModelError
        There is no such model, or it is not whole.
    MissingExtraError
        A library that the name needs is not installed.

    Examples
    --------
    >>> locate("ollama:no-such-model")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    doxa.errors.ModelError: no model ollama:no-such-model: ...
    """
    if isinstance(model, Located):
        return model
    text = os.fspath(model)
    source, _, name = text.partition(":")
    if is_name(text):
        found = SOURCES[source](name, told)
        gguf.check(found.file)
        return found
    return _by_path(Path(text))


def _by_path(file: Path) -> Located:
    if not os.path.lexists(file):
        raise ModelError(f"model {file} cannot be read: no such file: {_near(file)}")
    if file.is_dir():
        raise ModelError(
            f"model {file} is a folder: give one of its files, "
            f"such as {file / next(iter(_beside(file)), 'model.gguf')}"
        )
    gguf.check(file)
    return Located(shards.parts(file)[0], shards.stem(file.name))


def _near(file: Path) -> str:
    """Say which files and names are near a path that is not there."""
    typed, beside = file.as_posix(), _beside(file.parent)
    if near(file.name, beside):
        return hint(file.name, beside)
    known = (("ollama", ollama.manifests), ("lmstudio", lm_studio.repositories))
    names = [f"{source}:{name}" for source, listed in known for name in listed()]
    names += [f"hf:{name}" for name in cache.repositories()]
    source = _SOURCE.match(typed)
    if source and not near(typed, names):
        return f"no source {source[1]}: there are {', '.join(SOURCES)}; {LISTED}"
    if _REPOSITORY.fullmatch(typed) and not near(typed, names):
        return f"for a repository of the Hugging Face hub write hf:{typed}; {LISTED}"
    return hint(typed, names)


def _beside(folder: Path) -> list[str]:
    """Return the names of the models in a folder."""
    files = sorted(folder.glob("*.gguf")) if folder.is_dir() else []
    return [file.name for file in files if shards.number(file.name) == 1]

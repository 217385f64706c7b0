"""Every model on this machine, what its header says, and whether doxa can ask it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from doxa.backend import shards
from doxa.backend.header import HeaderError, read_header
from doxa.backend.named import lm_studio, ollama
from doxa.backend.named.choice import quantization
from doxa.backend.named.families import family
from doxa.backend.named.hub import cache
from doxa.backend.named.places import cache_folder, files_below, gpt4all, is_folder, llama_cpp
from doxa.backend.supported import known
from doxa.backend.thinking import recognise
from doxa.backend.unfit import unfit
from doxa.errors import ModelError
from doxa.files import reason
from doxa.outside.extras import is_there

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doxa.backend.header import Header

__all__ = ["Entry", "catalogue", "described", "searched"]

_COMMIT: Final = 40
_TYPED: Final = re.compile(r"[\w./@:+-]+")
_CACHE_DEPTH: Final = 6
"""How deep a cache is looked through: it may have a folder for each repository and commit."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A model on this machine.

    Parameters
    ----------
    model : str
        What to type for it as ``--model``.
    source : str
        Who keeps it: ``"Ollama"``, ``"LM Studio"``, ``"Hugging Face"``, ``"llama.cpp"``,
        ``"GPT4All"`` or ``"folder"``.
    file : pathlib.Path
        Its file; of several, the first.
    size : int
        The bytes of all its files.
    parameters : int or None
        How many it has; this and what follows is None or empty where it cannot be read.
    quantization : str
        Such as ``"Q4_K_M"``.
    context_length : int or None
        The number of tokens that it was trained to read at once.
    architecture : str
        Such as ``"llama"``.
    chat_template : str
        The family of its chat template, ``"other"`` for one that is not known by name; ``""`` for
        a base model.
    thinking : str
        How it marks thoughts, ``""`` if it writes none.
    why_not : str
        Why doxa cannot ask it, with the remedy; ``""`` if it can.
    """

    model: str
    source: str
    file: Path
    size: int = 0
    parameters: int | None = None
    quantization: str = ""
    context_length: int | None = None
    architecture: str = ""
    chat_template: str = ""
    thinking: str = ""
    why_not: str = ""


def searched() -> list[Path]:
    """Return the folders that `catalogue` looks in, those that exist."""
    places = [*ollama.stores(), *lm_studio.folders(), cache.folder(), llama_cpp(), *gpt4all()]
    places += [cache_folder(), Path()]
    return [place for place in places if is_folder(place)]


def catalogue() -> list[Entry]:
    """List the models of Ollama, LM Studio, the hub's cache, llama.cpp, GPT4All, doxa, this folder.

    Only headers are read. A file that several of them keep is listed once.

    Returns
    -------
    list of Entry
        In the order in which the places are named above.
    """
    found: dict[tuple[int, int] | str, Entry] = {}
    for model, source, file, trouble in _candidates():
        try:
            state = file.stat()
            identity: tuple[int, int] | str = (state.st_dev, state.st_ino)
        except OSError as error:
            identity, trouble = model, trouble or f"it cannot be read: {reason(error)}"
        if identity not in found:
            found[identity] = (
                Entry(model, source, file, why_not=trouble)
                if trouble
                else described(model, source, file)
            )
    return list(found.values())


def _candidates() -> Iterator[tuple[str, str, Path, str]]:
    """Yield each model's name, who keeps it, its file, and what is wrong with it already."""
    for name, (store, manifest) in ollama.manifests().items():
        try:
            file = ollama.weights(ollama.read_manifest(name, store, manifest))[0]
        except ModelError as error:
            yield f"ollama:{name}", "Ollama", manifest, str(error)
        else:
            yield f"ollama:{name}", "Ollama", file, ""
    for name, folder in lm_studio.repositories().items():
        for file_name in _firsts(lm_studio.sizes_in(folder)):
            yield f"lmstudio:{name}/{file_name}", "LM Studio", folder / file_name, ""
    for name, folder in cache.repositories().items():
        for snapshot in sorted(folder.glob("snapshots/*")):
            newest = cache.snapshot(name, "main")
            at = "" if newest and newest[1] == snapshot else f"@{snapshot.name}"
            for file_name in _firsts(cache.sizes_in(snapshot)):
                file = snapshot / file_name
                yield _hub_name(f"hf:{name}{at}:{file_name}", file), "Hugging Face", file, ""
    places = [("llama.cpp", llama_cpp(), _CACHE_DEPTH), *(("GPT4All", one, 1) for one in gpt4all())]
    places.append(("doxa", cache_folder(), _CACHE_DEPTH))
    for source, place, depth in places:
        for file in files_below(place, depth):
            if shards.number(file.name) == 1:
                yield str(file), source, file, ""
    for file in files_below(Path()):
        if shards.number(file.name) == 1:
            yield str(file), "folder", file, ""


def _firsts(sizes: dict[str, int]) -> list[str]:
    """Return the files that are models or the first parts of some."""
    return [name for name in sizes if shards.number(name) == 1]


def _hub_name(name: str, file: Path) -> str:
    """Return what to type for a file of the hub: its path, where the name would not lead there."""
    usable = is_there("huggingface_hub") and _TYPED.fullmatch(name)
    return name if usable else str(file)


def described(model: str, source: str, file: Path) -> Entry:
    """Return a model with what its header says; what is wrong with it is in `Entry.why_not`."""
    size, parameters = 0, 0
    header: Header | None = None
    try:
        for part in shards.parts(file):
            size += part.stat().st_size
            one = read_header(part)
            header = header or one
            parameters += one.parameters
    except ModelError as error:
        why = error.why if isinstance(error, HeaderError) else str(error)
        return Entry(model, source, file, size or _size(file), why_not=why)
    except OSError as error:
        return Entry(model, source, file, size, why_not=f"it cannot be read: {reason(error)}")
    assert header is not None
    thinking = recognise(header.chat_template)
    return Entry(
        model,
        source,
        file,
        size,
        parameters,
        quantization(file.name) or header.quantization,
        header.context_length,
        header.architecture,
        family(header.chat_template),
        thinking.form if thinking else "",
        _why_not(header, parameters),
    )


def _size(file: Path) -> int:
    with suppress(OSError):
        return file.stat().st_size
    return 0


def _why_not(header: Header, parameters: int) -> str:
    """Say why doxa cannot ask a model, ``""`` if it can."""
    if why := unfit(header.values):
        return why
    if not parameters:
        return "it holds a vocabulary without weights: name the file of the model"
    if not header.architecture:
        return "it names no architecture: convert it anew"
    if known(header.architecture) is False:
        return (
            f"the installed llama.cpp does not know its architecture, {header.architecture}: "
            "install a newer llama-cpp-python"
        )
    return ""

"""Model files: checking, fingerprinting and quantising them anew."""

from __future__ import annotations

import ctypes
import hashlib
import os
from pathlib import Path
from typing import Final

from doxa.backend import shards
from doxa.backend.child import Child, CrashError
from doxa.backend.library import listening, load_library
from doxa.errors import InvalidArgumentError, ModelError
from doxa.files import reason, replacing
from doxa.outside.extras import require
from doxa.outside.processor import cores

__all__ = ["QUANTIZATIONS", "check", "fingerprint", "quantize", "requantize"]

QUANTIZATIONS: Final = ("F16", "Q8_0", "Q5_0", "Q4_0")
"""The quantisations that `requantize` writes."""

_MAGIC: Final = b"GGUF"


def check(path: str | os.PathLike[str]) -> Path:
    """Check the first bytes of a model file, and return its path.

    Raises
    ------
    ModelError
        The file is missing, cannot be read or is not a GGUF file.
    """
    file = Path(path)
    try:
        with file.open("rb") as stream:
            magic = stream.read(4)
    except OSError as error:
        raise ModelError(f"model {file} cannot be read: {reason(error)}") from None
    if magic != _MAGIC:
        raise ModelError(
            f"model {file} is not a GGUF file (it begins with {magic!r}): "
            "convert it, or give the path of a .gguf file"
        )
    return file


def fingerprint(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 of a model's content, in hexadecimal.

    If a model is split into files named ``…-00001-of-00003.gguf`` and so on, all of them are read
    in order.

    Raises
    ------
    ModelError
        A file is missing or cannot be read.
    """
    digest = hashlib.sha256()
    for part in shards.parts(Path(path)):
        try:
            with part.open("rb") as stream:
                hashlib.file_digest(stream, lambda: digest)
        except OSError as error:
            raise ModelError(f"model {part} cannot be read: {reason(error)}") from None
    return digest.hexdigest()


def requantize(
    source: str | os.PathLike[str], destination: str | os.PathLike[str], kind: str = "Q4_0"
) -> Path:
    """Write a model with another quantisation, and return the path of the new file.

    The file gets its name only when it is complete. Quantising a quantised model loses some
    precision: the result is another model, with its own fingerprint.

    Parameters
    ----------
    source, destination : path
        An existing GGUF file, and the file to write; an existing one is replaced.
    kind : {"F16", "Q8_0", "Q5_0", "Q4_0"}
        The quantisation.

    Raises
    ------
    InvalidArgumentError
        `kind` is unknown.
    ModelError
        The source is not a GGUF file, or the destination cannot be written.
    MissingExtraError
        llama-cpp-python is not installed.
    """
    if kind not in QUANTIZATIONS:
        raise InvalidArgumentError(
            f"quantisation {kind!r} is unknown: choose one of {', '.join(QUANTIZATIONS)}"
        )
    origin, target = check(source), Path(destination)
    require("llama_cpp")
    child = Child("doxa.backend.worker")
    try:
        with replacing(target) as partial:
            partial.touch()
            list(child.ask(("quantize", origin, partial, kind)))
    except CrashError as crash:
        raise ModelError(f"cannot re-quantise {origin}: llama.cpp crashed ({crash})") from None
    except OSError as error:
        raise ModelError(f"cannot write {target}: {reason(error)}") from None
    finally:
        child.close()
    return target


def quantize(source: Path, destination: Path, kind: str) -> None:
    """Write a model with another quantisation, in this process.

    Parameters
    ----------
    source, destination : pathlib.Path
        A GGUF file, and the file to write.
    kind : str
        One of `QUANTIZATIONS`.

    Raises
    ------
    ModelError
        llama.cpp cannot do it.
    """
    library = load_library()
    parameters = library.llama_model_quantize_default_params()
    parameters.ftype = getattr(library, f"LLAMA_FTYPE_MOSTLY_{kind}")
    parameters.allow_requantize = True
    parameters.nthread = cores()
    with listening() as complaint:
        failed = library.llama_model_quantize(
            os.fsencode(source), os.fsencode(destination), ctypes.byref(parameters)
        )
    if failed:
        raise ModelError(f"cannot re-quantise {source} to {kind}: {complaint()}")

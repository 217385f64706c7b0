"""The table of backends, and loading a model with one of them."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from doxa.errors import InvalidArgumentError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from doxa.backend.named import Located
    from doxa.backend.request import Backend

__all__ = ["BACKENDS", "BackendRow", "load", "out_of_range"]

_MOST: Final = 2**31 - 1
_RANGES: Final = {
    "parallel": (1, _MOST),
    "threads": (1, _MOST),
    "gpu_layers": (-1, _MOST),
    "context_length": (1, _MOST),
}
"""The smallest and the largest value of each whole number among the parameters."""


class BackendRow(NamedTuple):
    """What doxa knows of a backend before it imports it.

    Attributes
    ----------
    where : str
        The class, as ``"module:Class"``; it is called with the model's name and the parameters in
        `takes`. ``""`` for recorded replies, which `doxa.run.load_model` reads from a store.
    takes : tuple of str
        The parameters of `doxa.backend.Engine` that the backend takes.
    most : Mapping of str to int
        The largest value of a parameter that the backend's library bears, where it has a limit.
    files : bool
        Whether models are files, named as `doxa.backend.named.locate` takes them.
    library : str
        The module that it needs, a key of `doxa.outside.extras.LIBRARIES`; ``""`` for none.
    """

    where: str
    takes: tuple[str, ...]
    most: Mapping[str, int] = MappingProxyType({})
    files: bool = False
    library: str = ""


BACKENDS: Final[Mapping[str, BackendRow]] = {
    "llama_cpp": BackendRow(
        "doxa.backend.llama_cpp:LlamaCpp",
        ("parallel", "threads", "gpu_layers", "context_length"),
        # 256 sequences of its cache, of which a prompt takes 3; and GGML_MAX_N_THREADS
        most={"parallel": 85, "threads": 512},
        files=True,
        library="llama_cpp",
    ),
    "openai_server": BackendRow(
        "doxa.backend.openai_server:OpenAIServer",
        ("parallel", "server", "api_key_env", "allow_bounds"),
        # more connections than this only wait for one another
        most={"parallel": 1000},
        library="httpx2",
    ),
    "replay": BackendRow("", ("recording",)),
}
"""The backends by name. To add one, add a file to this folder and a row here."""


def out_of_range(backend: str, name: str, value: object) -> str:
    """Say which values a parameter may have, or return ``""`` if it may have this one.

    Parameters
    ----------
    backend : str
        A key of `BACKENDS`.
    name : str
        A parameter of `doxa.backend.Engine`; one that isn't a whole number has no range.
    value : object
        Its value.

    Examples
    --------
    >>> out_of_range("llama_cpp", "parallel", 86)
    'give a whole number from 1 to 85'
    """
    if name not in _RANGES:
        return ""
    least, most = _RANGES[name]
    most = BACKENDS[backend].most.get(name, most)
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return ""
    return f"give a whole number from {least} to {most}"


def load(
    model: str | os.PathLike[str] | Located, *, backend: str = "llama_cpp", **options: Any
) -> Backend:
    """Load a model.

    Parameters
    ----------
    model : str, path or Located
        What to load: for ``"llama_cpp"`` a GGUF file or a name of one, as
        `doxa.backend.named.locate` takes them; for ``"openai_server"`` the model's name there.
    backend : str
        A key of `BACKENDS` whose row names a class.
    **options
        What that class takes, such as ``threads`` or ``parallel``.

    Raises
    ------
    InvalidArgumentError
        The backend is unknown, or an option is out of its range.
    ModelError
        The model cannot be loaded.
    MissingExtraError
        The backend's library is not installed.

    Examples
    --------
    >>> load("model.gguf", backend="abacus")
    Traceback (most recent call last):
        ...
    doxa.errors.InvalidArgumentError: no backend 'abacus': there are llama_cpp, openai_server
    """
    classes = {name: row.where for name, row in BACKENDS.items() if row.where}
    if backend not in classes:
        raise InvalidArgumentError(f"no backend {backend!r}: there are {', '.join(classes)}")
    module, name = classes[backend].split(":")
    return cast("Backend", getattr(import_module(module), name)(model, **options))

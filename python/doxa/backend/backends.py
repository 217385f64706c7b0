"""The table of backends, and loading a model with one of them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from doxa.errors import InvalidArgumentError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from doxa.backend.request import Backend

__all__ = ["BACKENDS", "BackendRow", "load"]


class BackendRow(NamedTuple):
    """What doxa knows of a backend before it imports it.

    Parameters
    ----------
    where : str
        The class, as ``"module:Class"``; it is called with the model's name and the parameters in
        `takes`. ``""`` for recorded replies, which `doxa.run.load_model` reads from a store.
    takes : tuple of str
        The parameters of `doxa.backend.Engine` that the backend takes.
    """

    where: str
    takes: tuple[str, ...]


BACKENDS: Final[Mapping[str, BackendRow]] = {
    "llama_cpp": BackendRow(
        "doxa.backend.llama_cpp:LlamaCpp", ("parallel", "threads", "gpu_layers", "context_length")
    ),
    "openai_server": BackendRow(
        "doxa.backend.openai_server:OpenAIServer", ("parallel", "server", "api_key_env")
    ),
    "replay": BackendRow("", ("recording",)),
}
"""The backends by name. To add one, add a file to this folder and a row here."""


def load(model: str | os.PathLike[str], *, backend: str = "llama_cpp", **options: Any) -> Backend:
    """Load a model.

    Parameters
    ----------
    model : str or path
        What to load: for ``"llama_cpp"`` the path of a GGUF file, for ``"openai_server"``
        the model's name there.
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

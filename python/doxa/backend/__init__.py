"""The model side: what runs a model, behind one seam."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from doxa.backend.engine import Engine
from doxa.backend.request import (
    Answer,
    Backend,
    ModelCard,
    Request,
    Turn,
    Workload,
    request_key,
)
from doxa.errors import InvalidArgumentError

if TYPE_CHECKING:
    import os

__all__ = [
    "BACKENDS",
    "Answer",
    "Backend",
    "Engine",
    "ModelCard",
    "Request",
    "Turn",
    "Workload",
    "load",
    "request_key",
]

BACKENDS = {
    "llama_cpp": "doxa.backend.llama_cpp:LlamaCpp",
    "openai_server": "doxa.backend.openai_server:OpenAIServer",
}
"""Backend name → where its class is; imported when first asked for."""


def load(model: str | os.PathLike[str], *, backend: str = "llama_cpp", **options: Any) -> Backend:
    """Load a model.

    Parameters
    ----------
    model : str or path
        What to load: for ``"llama_cpp"`` the path of a GGUF file, for ``"openai_server"``
        the model's name there.
    backend : str
        A key of `BACKENDS`.
    **options
        What the backend's class takes, such as ``threads`` or ``parallel``.

    Raises
    ------
    InvalidArgumentError
        No such backend.
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
    if backend not in BACKENDS:
        raise InvalidArgumentError(f"no backend {backend!r}: there are {', '.join(BACKENDS)}")
    module, name = BACKENDS[backend].split(":")
    return cast("Backend", getattr(import_module(module), name)(model, **options))

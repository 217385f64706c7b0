"""The backend that runs the models of an experiment, and its parameters."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from doxa.backend.backends import BACKENDS, out_of_range
from doxa.errors import ExperimentError
from doxa.outside.secrets import without_secrets

__all__ = ["Engine"]

_TEXTS = ("server", "api_key_env", "recording")


@dataclass(frozen=True, slots=True)
class Engine:
    """The backend that runs the models, and its parameters.

    Parameters
    ----------
    backend : str
        A key of `doxa.backend.BACKENDS`: ``"llama_cpp"`` for model files (the default),
        ``"openai_server"`` for a server, ``"replay"`` for a recorded run.
    parallel : int
        The number of prompts evaluated (at most 85), or requests under way (at most 1000), at once.
    threads : int, optional
        Threads of evaluation, at most 512. Default: the number of cores that this process may use.
    gpu_layers : int, optional
        Layers put on the GPU, -1 for all. Default: all if llama.cpp was built for a GPU.
    context_length : int, optional
        The most tokens of a prompt and its reply together. The default, and the limit, is the
        length that the model was trained for.
    server : str or tuple of str
        The server's address, such as ``"http://localhost:8080/v1"``, or several of one model, which
        are asked together; ``""`` for the address in the environment variable ``OPENAI_BASE_URL``.
        A user, a password and a query in it are written nowhere.
    api_key_env : str
        The environment variable that holds the server's key.
    allow_bounds : bool
        Whether a server may leave open more than 1 % of the options' probability.
    recording : str
        The store of the run whose replies are replayed.

    Raises
    ------
    ExperimentError
        The backend is unknown or does not take a parameter, or a value is out of its range.

    Examples
    --------
    >>> Engine(parallel=4).options()
    {'parallel': 4, 'threads': None, 'gpu_layers': None, 'context_length': None}
    >>> Engine(backend="replay", recording="runs/x", threads=2)
    Traceback (most recent call last):
        ...
    doxa.errors.ExperimentError: backend replay takes no threads: leave it out
    """

    backend: str = "llama_cpp"
    parallel: int = 1
    threads: int | None = None
    gpu_layers: int | None = None
    context_length: int | None = None
    server: str | tuple[str, ...] = field(default="", repr=False)
    api_key_env: str = "OPENAI_API_KEY"
    allow_bounds: bool = False
    recording: str = ""

    def __post_init__(self) -> None:
        if self.backend not in BACKENDS:
            raise ExperimentError(f"no backend {self.backend!r}: there are {', '.join(BACKENDS)}")
        takes = BACKENDS[self.backend].takes
        if isinstance(self.server, list | tuple):
            several = tuple(self.server)
            object.__setattr__(self, "server", several[0] if len(several) == 1 else several)
        for entry in fields(self):
            value = getattr(self, entry.name)
            if value == entry.default or entry.name == "backend":
                continue
            if entry.name not in takes:
                raise ExperimentError(f"backend {self.backend} takes no {entry.name}: leave it out")
            _check(self.backend, entry.name, value)
        if "recording" in takes and not self.recording:
            raise ExperimentError("no recording: name the run to replay")

    def public(self) -> Engine:
        """Return the engine as it may be written down: without the secrets of an address.

        Examples
        --------
        >>> Engine("openai_server", server="http://me:hunter2@host/v1").public().server
        'http://***@host/v1'
        """
        if isinstance(self.server, str):
            return replace(self, server=without_secrets(self.server))
        return replace(self, server=tuple(map(without_secrets, self.server)))

    def options(self) -> dict[str, Any]:
        """Return the parameters that the backend takes, by name."""
        return {name: getattr(self, name) for name in BACKENDS[self.backend].takes}


def _check(backend: str, name: str, value: object) -> None:
    wrong = out_of_range(backend, name, value)
    several = value if name == "server" and isinstance(value, tuple) else ()
    if name in _TEXTS and not several and not isinstance(value, str):
        wrong = "give a text"
    if not all(isinstance(one, str) and one.strip() for one in several):
        wrong = "give an address for each server"
    elif len(set(several)) < len(several):
        wrong = "name each server once"
    if name == "allow_bounds" and not isinstance(value, bool):
        wrong = "give true or false"
    if wrong:
        raise ExperimentError(f"{name} = {value!r}: {wrong}")

"""The parameters of the backends: what runs the models, and with how much."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from doxa.errors import ExperimentError

__all__ = ["Engine"]

_TAKES = {
    "llama_cpp": ("parallel", "threads", "gpu_layers", "context_length"),
    "openai_server": ("parallel", "server", "api_key_env"),
    "replay": ("recording",),
}
_LEAST = {"parallel": 1, "threads": 1, "gpu_layers": -1, "context_length": 1}


@dataclass(frozen=True, slots=True)
class Engine:
    """What runs the models.

    Parameters
    ----------
    backend : {"llama_cpp", "openai_server", "replay"}
        A file in this process, a server, or a recorded run.
    parallel : int
        Prompts evaluated, or requests under way, side by side.
    threads : int, optional
        Threads of evaluation; the cores this process may use by default.
    gpu_layers : int, optional
        Layers put on the GPU, -1 for all: the default where llama.cpp was built for one.
    context_length : int, optional
        Tokens that a prompt and its reply may take together; by default, and at most, what
        the model was trained for.
    server : str
        The server's address, such as ``"http://localhost:8080/v1"``; ``""`` for what the
        environment's ``OPENAI_BASE_URL`` says.
    api_key_env : str
        The environment variable that holds the server's key.
    recording : str
        The store of the run whose replies are given again.

    Raises
    ------
    ExperimentError
        A value is out of its range, or the backend does not take it.

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
    server: str = ""
    api_key_env: str = "OPENAI_API_KEY"
    recording: str = ""

    def __post_init__(self) -> None:
        if self.backend not in _TAKES:
            raise ExperimentError(f"no backend {self.backend!r}: there are {', '.join(_TAKES)}")
        for entry in fields(self):
            value = getattr(self, entry.name)
            if value == entry.default or entry.name == "backend":
                continue
            if entry.name not in _TAKES[self.backend]:
                raise ExperimentError(f"backend {self.backend} takes no {entry.name}: leave it out")
            _check(entry.name, value)
        if self.backend == "replay" and not self.recording:
            raise ExperimentError("no recording: name the run that is to be replayed")

    def options(self) -> dict[str, Any]:
        """Return the parameters that the backend takes."""
        return {name: getattr(self, name) for name in _TAKES[self.backend]}


def _check(name: str, value: object) -> None:
    least = _LEAST.get(name)
    if least is None:
        if not isinstance(value, str):
            raise ExperimentError(f"{name} = {value!r}: give a text")
    elif not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ExperimentError(f"{name} = {value!r}: give a whole number from {least}")

"""For tests of clusters: models that answer at once or late, kill or hang their worker, or fail.

A model's name is a JSON object; see `Fake`. Workers import this, so it lies beside the other
helpers.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doxa.backend import Answer, ModelCard, Workload, llama_cpp
from doxa.errors import ModelError
from doxa.run import Experiment, load_model

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from doxa.backend import Backend, Request
    from doxa.backend.named import Located


def name(**values: Any) -> str:
    return json.dumps(values, sort_keys=True)


class Fake:
    """A model that prefers an option which depends on the prompt alone.

    Its name's fields: `seconds` a reply, or none once there is a file `hurries`; `log`, a folder in
    which each worker writes the item it is asked about; a text in a prompt that `kills` the worker,
    `hangs` or `fails`; a `bad` node, as told by the variable NODE, on which it cannot be loaded.
    """

    free = True

    def __init__(self, model: str) -> None:
        self._told = json.loads(model)
        node = os.environ.get("NODE", "")
        if node and node == self._told.get("bad"):
            raise ModelError("model fake.gguf cannot be loaded: it is damaged")
        self.card = ModelCard("openai_server", model, "fake", versions={"httpx2": "2"})
        self._log: Path | None = None
        if "log" in self._told:
            self._log = Path(self._told["log"], f"{os.getpid()}-{node}")
            self._log.touch()

    def rush(self) -> None:
        """Answer at once, and do nothing else."""
        self._told, self._log = {}, None

    def prepare(self, requests: Sequence[Request]) -> Workload:
        return Workload(len(requests))

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
        for request in requests:
            asked = request.turn.user
            if self._log is not None:
                with self._log.open("a", encoding="utf-8") as file:
                    file.write(f"{hashlib.sha256(repr(request).encode()).hexdigest()}\n")
            if self._is_told("kills", asked):
                os.kill(os.getpid(), signal.SIGKILL)
            if self._is_told("hangs", asked):
                time.sleep(1000)
            if self._is_told("fails", asked):
                raise ModelError("the model is gone")
            if not Path(self._told.get("hurries", "")).is_file():
                time.sleep(self._told.get("seconds", 0))
            digest = hashlib.sha256(asked.encode()).digest()
            n = len(request.choices) if request.kind == "options" else 0
            scores = tuple(-2.5 - byte / 50 for byte in digest[:n])
            yield request, Answer(str(1 + digest[0] % 2), log_probabilities=scores)

    def close(self) -> None:
        pass

    def _is_told(self, what: str, asked: str) -> bool:
        return what in self._told and self._told[what] in asked


def load(_: Experiment, model: str | Located) -> Backend:
    return Fake(str(model))


class Slow:
    """A model of llama.cpp that takes its time, and aborts on prompts with a text in them."""

    free = True

    def __init__(self, backend: Backend, seconds: float, abort: str) -> None:
        self._backend, self._seconds, self._abort = backend, seconds, abort
        self.card = backend.card

    def prepare(self, requests: Sequence[Request]) -> Workload:
        return self._backend.prepare(requests)

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
        for request in requests:
            time.sleep(self._seconds)
            sent = request
            if self._abort and self._abort in request.turn.user:
                sent = _replaced(request)
            for _, answer in self._backend.ask([sent]):
                yield request, answer

    def close(self) -> None:
        self._backend.close()


def _replaced(request: Request) -> Request:
    return replace(request, turn=replace(request.turn, ask=f"{request.turn.ask} ABORT"))


def load_slow(
    experiment: Experiment,
    model: str | Located,
    *,
    seconds: float,
    abort: str = "",
    meet: Path | None = None,
) -> Backend:
    """Load a file; `crashing_worker` holds it, and dies of prompts that are marked.

    With a folder to `meet` in, two workers wait for each other there, so that both answer.
    """
    llama_cpp._WORKER = "crashing_worker"  # type: ignore[misc]
    backend = load_model(experiment, model)
    if meet is not None:
        meet.mkdir(exist_ok=True)
        (meet / str(os.getpid())).touch()
        while len(list(meet.iterdir())) < 2:
            time.sleep(0.01)
    return Slow(backend, seconds, abort)

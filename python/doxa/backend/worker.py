"""The process that holds a model, and what it is asked to do."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from doxa.backend import gguf
from doxa.backend.child import serve
from doxa.backend.device import about
from doxa.backend.loaded import LoadedModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from doxa.backend.request import Request

__all__ = ["Worker", "main"]


class Worker:
    """The process: at most one model, and the requests to get ready for.

    A question is the name of a method and its arguments. What a method yields is its answer, in
    values that JSON can hold.
    """

    def __init__(self) -> None:
        self._model: LoadedModel | None = None
        self._expected: list[Request] = []

    def answer(self, question: tuple[Any, ...]) -> Iterator[Any]:
        """Answer a question."""
        name, *arguments = question
        yield from getattr(self, name)(*arguments)

    def load(self, file: Path, options: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Load a model in place of the one before it, and say what its file holds."""
        if self._model is not None:
            self._model.close()
            self._model = None
        self._model = model = LoadedModel(file, **options)
        told = (
            "gpu_layers",
            "device",
            "notice",
            "trained",
            "memory",
            "chat_template",
            "bos",
            "eos",
        )
        yield {name: getattr(model, name) for name in told}

    def expect(self, requests: Sequence[Request]) -> Iterator[Any]:
        """Keep requests for `prepare`; a long list comes in pieces."""
        self._expected.extend(requests)
        return iter(())

    def prepare(self) -> Iterator[tuple[Any, ...]]:
        """Get ready for the requests kept, and yield the fields of their `Workload`."""
        assert self._model is not None
        requests, self._expected = self._expected, []
        yield astuple(self._model.prepare(requests))

    def ask(self, rounds: Sequence[Sequence[Request]]) -> Iterator[tuple[Any, ...]]:
        """Answer requests, those of a round side by side; yield the fields of each `Answer`."""
        assert self._model is not None
        for together in rounds:
            for answer in self._model.answer(together):
                yield astuple(answer)

    def about(self) -> Iterator[dict[str, Any]]:
        """Say what llama.cpp was built for."""
        yield about()

    def quantize(self, source: Path, destination: Path, kind: str) -> Iterator[Any]:
        """Write a model with another quantisation."""
        gguf.quantize(source, destination, kind)
        return iter(())


def main() -> None:
    """Answer the process that started this one."""
    serve(Worker().answer)

"""GGUF models in process, through llama-cpp-python."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby, islice, zip_longest
from typing import TYPE_CHECKING

from doxa.backend import gguf
from doxa.backend.decoder import BATCH, Decoder
from doxa.backend.library import load_library
from doxa.backend.request import Answer, ModelCard, Workload
from doxa.backend.template import ChatTemplate
from doxa.backend.vocabulary import Vocabulary
from doxa.backend.walk import Course, Outcome, plan
from doxa.backend.weights import Weights
from doxa.errors import InvalidArgumentError, ModelError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

    from doxa.backend.decoder import Extension
    from doxa.backend.request import Request

__all__ = ["LlamaCpp"]

_ROOM = 256
"""The cache grows in steps of this many tokens."""


class LlamaCpp:
    """A model file, loaded into this process.

    Text goes through the chat template in the file's own metadata; a file without one is
    taken as a base model and given plain text. What the items of a condition share is
    evaluated once, and what the elicitations of an item share too. With ``parallel=1`` the
    logits are a function of the prompt alone, bit for bit; with more prompts side by side
    they depend, on quantised models, on the company, which is why `parallel` is part of
    every reply's key.

    Parameters
    ----------
    path : path
        A GGUF file.
    name : str, optional
        The name in tables; the file's name without its suffix by default.
    threads : int, optional
        Threads of evaluation; the cores this process may use by default. The logits do not
        depend on it.
    gpu_layers : int, optional
        Layers put on the GPU, -1 for all: the default where llama.cpp was built for one.
        The number is handed to llama.cpp; doxa's own tests run on processors only.
    parallel : int
        Prompts evaluated side by side.
    context_length : int, optional
        Tokens that a prompt and its reply may take together; by default, and at most, what
        the model was trained for. The context itself is sized by the prompts.

    Raises
    ------
    ModelError
        The file is missing, damaged or of another format.
    InvalidArgumentError
        A number is out of its range.
    MissingExtraError
        llama-cpp-python is not installed.
    """

    free = True

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        name: str | None = None,
        threads: int | None = None,
        gpu_layers: int | None = None,
        parallel: int = 1,
        context_length: int | None = None,
    ) -> None:
        if parallel < 1:
            raise InvalidArgumentError(f"parallel is {parallel}: ask for 1 prompt or more at once")
        file = gguf.check(path)
        library = load_library()
        if gpu_layers is None:
            gpu_layers = -1 if library.llama_supports_gpu_offload() else 0
        self._threads = threads or _cores()
        self._parallel = parallel
        self._decoder: Decoder | None = None
        self._baselines: dict[Request, tuple[float, ...]] = {}
        fingerprint = gguf.fingerprint(file)
        self._weights = Weights(file, gpu_layers=gpu_layers)
        trained = self._weights.context_length
        self._limit = trained if context_length is None else context_length
        if not 1 <= self._limit <= trained:
            self.close()
            raise InvalidArgumentError(
                f"context_length is {context_length}: {file} was trained for 1 to {trained} tokens"
            )
        self._vocabulary = Vocabulary(self._weights.handle)
        self.card = ModelCard(
            backend="llama_cpp",
            model=name or file.stem,
            fingerprint=fingerprint,
            template=ChatTemplate(
                self._weights.chat_template,
                self._vocabulary.bos,
                self._vocabulary.eos,
            ),
            layout={
                "split": "shared/item/closing",
                "batch": BATCH,
                "parallel": parallel,
                "gpu_layers": gpu_layers,
            },
            versions=_versions(),
        )

    def __enter__(self) -> LlamaCpp:
        """Return the backend itself; leaving the block closes it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the backend."""
        self.close()

    def close(self) -> None:
        """Free the model and its context."""
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None
        self._weights.close()

    def prepare(self, requests: Sequence[Request]) -> Workload:
        """Size the context for `requests` and count their tokens.

        Returns
        -------
        Workload
            `evaluated_tokens` counts shared parts once, as they will be evaluated.

        Raises
        ------
        ModelError
            A prompt with its reply is longer than the model was trained for.
        """
        prompt = evaluated = shared_total = completion = longest = 0
        shared: tuple[int, ...] = ()
        item: tuple[int, ...] = ()
        wanted = 0
        for request in requests:
            course = self._plan(request)
            wanted = max(wanted, self._room(course))
            whole = course.path[2]
            prompt += len(whole)
            longest = max(longest, len(whole))
            completion += course.reach
            if course.path[0] != shared:
                evaluated += len(course.path[0])
                shared_total += len(course.path[0])
            if course.path[:2] != (shared, item):
                evaluated += max(0, len(course.path[1]) - len(course.path[0]))
            evaluated += max(0, len(whole) - len(course.path[1]))
            shared, item = course.path[:2]
        self._make_room(wanted)
        return Workload(len(requests), prompt, evaluated, shared_total, completion, longest)

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
        """Yield each request with its answer, `parallel` items at a time.

        Requests about one item should follow each other: they share its evaluation.
        """
        items = groupby(requests, key=lambda request: (request.turn.system, request.turn.user))
        while together := [list(item) for _, item in islice(items, self._parallel)]:
            for side_by_side in zip_longest(*together):
                yield from self._answer_together([one for one in side_by_side if one is not None])

    @property
    def cache_bytes(self) -> int:
        """Bytes of the context's key and value cache, 0 before the first prompt."""
        return self._decoder.cache_bytes if self._decoder else 0

    def _answer_together(self, requests: Sequence[Request]) -> Iterator[tuple[Request, Answer]]:
        """Answer at most `parallel` requests, side by side where they share a condition."""
        courses = [self._plan(request) for request in requests]
        begin = 0
        for end in range(1, len(requests) + 1):
            if end == len(requests) or courses[end].path[0] != courses[begin].path[0]:
                start = time.perf_counter()
                outcomes = self._walk(courses[begin:end])
                seconds = (time.perf_counter() - start) / (end - begin)
                for request, course, outcome in zip(
                    requests[begin:end], courses[begin:end], outcomes, strict=True
                ):
                    yield request, _answer(course, outcome, self._baseline(request), seconds)
                begin = end

    def _baseline(self, request: Request) -> tuple[float, ...]:
        """Return the scores of a request's baseline, which many requests have in common."""
        if request.baseline is None:
            return ()
        alone = replace(request, turn=request.baseline, baseline=None)
        if alone not in self._baselines:
            [outcome] = self._walk([self._plan(alone)])
            self._baselines[alone] = outcome.log_probabilities
        return self._baselines[alone]

    def _walk(self, courses: Sequence[Course]) -> list[Outcome]:
        """Run walks side by side: in each round, one step of every walk that goes on."""
        self._make_room(max(self._room(course) for course in courses))
        assert self._decoder is not None
        outcomes: dict[int, Outcome] = {}
        walks = {}
        steps: list[tuple[int, Extension]] = []
        logits = self._decoder.enter([course.path for course in courses])
        for lane, course in enumerate(courses):
            walks[lane] = course.walk(logits[lane])
            _advance(lane, walks[lane], None, steps, outcomes)
        while steps:
            rows = self._decoder.extend(steps)
            taken, steps = steps, []
            for (lane, _), row in zip(taken, rows, strict=True):
                _advance(lane, walks[lane], row, steps, outcomes)
        return [outcomes[lane] for lane in range(len(courses))]

    def _plan(self, request: Request) -> Course:
        return plan(request, self.card.text(request.turn), self._vocabulary)

    def _room(self, course: Course) -> int:
        """Return the cache that `parallel` prompts like this one need."""
        shared, item, whole = course.path
        length = len(whole) + course.reach
        if length > self._limit:
            raise ModelError(
                f"a prompt of {len(whole)} tokens with {course.reach} for the reply exceeds the "
                f"{self._limit} tokens of {self.card.model}: show fewer examples, or take a "
                "model with a longer context"
            )
        # parts of a path may differ in the tokens where they meet
        own = max(len(item), len(whole)) - len(shared) + course.reach + 16
        return len(shared) + self._parallel * own

    def _make_room(self, wanted: int) -> None:
        if self._decoder is not None and self._decoder.n_ctx >= wanted:
            return
        if self._decoder is not None:
            self._decoder.close()
        self._decoder = Decoder(
            self._weights.handle,
            self._vocabulary.size,
            max(1, -(-wanted // _ROOM)) * _ROOM,
            threads=self._threads,
            lanes=self._parallel,
        )


def _advance(
    lane: int,
    walk: Generator[Extension, NDArray[np.float32], Outcome],
    logits: NDArray[np.float32] | None,
    steps: list[tuple[int, Extension]],
    outcomes: dict[int, Outcome],
) -> None:
    try:
        step = next(walk) if logits is None else walk.send(logits)
    except StopIteration as stop:
        outcomes[lane] = stop.value
    else:
        steps.append((lane, step))


def _answer(
    course: Course, outcome: Outcome, baseline: tuple[float, ...], seconds: float
) -> Answer:
    return Answer(
        text=outcome.text,
        finish="stop" if outcome.finished else "length",
        log_probabilities=outcome.log_probabilities,
        baseline=baseline,
        prompt_tokens=len(course.path[2]),
        completion_tokens=outcome.tokens,
        seconds=seconds,
    )


def _cores() -> int:
    with suppress(AttributeError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _versions() -> dict[str, str]:
    found = {}
    for package in ("llama_cpp_python", "doxa"):
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found

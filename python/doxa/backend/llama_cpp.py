"""GGUF models in this process, through llama-cpp-python."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby, islice, zip_longest
from typing import TYPE_CHECKING, Final

from doxa.backend import gguf
from doxa.backend.decoder import BATCH, Decoder
from doxa.backend.library import cores, load_library
from doxa.backend.plan import plan
from doxa.backend.request import Answer, ModelCard, Workload
from doxa.backend.template import ChatTemplate
from doxa.backend.vocabulary import Vocabulary
from doxa.backend.weights import Weights
from doxa.errors import InvalidArgumentError, ModelError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Sequence
    from types import TracebackType

    from doxa.backend.decoder import Logits, Step
    from doxa.backend.plan import Outcome, Plan, Steps
    from doxa.backend.request import Request
    from doxa.backend.vocabulary import Tokens

__all__ = ["LlamaCpp"]

_CACHE_STEP: Final = 256
"""The cache size is a multiple of this number of tokens."""


class LlamaCpp:
    """A model file, loaded into this process.

    Text goes through the chat template in the file's metadata. A model without a template counts as
    a base model and gets plain text. The text that the items of a condition share is evaluated
    once, and so is the text that the elicitations of an item share. With ``parallel=1`` the logits
    depend on the prompt alone, to the bit. With more prompts side by side, the logits of a
    quantised model also depend on the other prompts, so `parallel` is part of every reply's key.

    Parameters
    ----------
    path : path
        A GGUF file.
    name : str, optional
        The name in tables. Default: the file's name without its suffix.
    threads : int, optional
        Threads of evaluation. Default: the number of cores that this process may use. The logits do
        not depend on it.
    gpu_layers : int, optional
        Layers put on the GPU, -1 for all. Default: all if llama.cpp was built for a GPU. doxa's own
        tests run without a GPU.
    parallel : int
        The number of prompts evaluated side by side.
    context_length : int, optional
        The most tokens of a prompt and its reply together. The default, and the limit, is the
        length that the model was trained for. The cache grows only as far as the prompts need.

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
        self._threads = threads or cores()
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
        """Make the cache large enough for `requests`, and count their tokens.

        Returns
        -------
        Workload
            The number of requests and their tokens; `evaluated_tokens` counts shared parts once.

        Raises
        ------
        ModelError
            A prompt with its reply is longer than the model was trained for.
        """
        prompt = evaluated = shared_total = completion = longest = 0
        shared: Tokens = ()
        item: Tokens = ()
        wanted = 0
        for request in requests:
            planned = self._plan(request)
            wanted = max(wanted, self._cache_needed(planned))
            tokens = planned.prompt
            prompt += len(tokens.whole)
            longest = max(longest, len(tokens.whole))
            completion += planned.max_reply_tokens
            if tokens.shared != shared:
                evaluated += len(tokens.shared)
                shared_total += len(tokens.shared)
            if (tokens.shared, tokens.item) != (shared, item):
                evaluated += max(0, len(tokens.item) - len(tokens.shared))
            evaluated += max(0, len(tokens.whole) - len(tokens.item))
            shared, item = tokens.shared, tokens.item
        self._grow_cache(wanted)
        return Workload(len(requests), prompt, evaluated, shared_total, completion, longest)

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
        """Yield each request with its answer, `parallel` items at a time.

        Requests about one item should follow each other, so that the item is evaluated once.
        """
        items = groupby(requests, key=lambda request: (request.turn.system, request.turn.user))
        while together := [list(item) for _, item in islice(items, self._parallel)]:
            for side_by_side in zip_longest(*together):
                yield from self._answer_together([one for one in side_by_side if one is not None])

    @property
    def cache_bytes(self) -> int:
        """Size of the key and value cache in bytes, 0 before the first prompt."""
        return self._decoder.cache_bytes if self._decoder else 0

    def _answer_together(self, requests: Sequence[Request]) -> Iterator[tuple[Request, Answer]]:
        """Answer at most `parallel` requests, side by side where they share a condition."""
        plans = [self._plan(request) for request in requests]
        begin = 0
        for end in range(1, len(requests) + 1):
            if end == len(requests) or plans[end].prompt.shared != plans[begin].prompt.shared:
                start = time.perf_counter()
                outcomes = self._run(plans[begin:end])
                seconds = (time.perf_counter() - start) / (end - begin)
                for request, planned, outcome in zip(
                    requests[begin:end], plans[begin:end], outcomes, strict=True
                ):
                    yield request, _answer(planned, outcome, self._baseline(request), seconds)
                begin = end

    def _baseline(self, request: Request) -> tuple[float, ...]:
        """Return the scores of a request's baseline, which many requests share."""
        if request.baseline is None:
            return ()
        alone = replace(request, turn=request.baseline, baseline=None)
        if alone not in self._baselines:
            [outcome] = self._run([self._plan(alone)])
            self._baselines[alone] = outcome.log_probabilities
        return self._baselines[alone]

    def _run(self, plans: Sequence[Plan]) -> list[Outcome]:
        """Carry out plans side by side: each round takes one step of every unfinished plan."""
        self._grow_cache(max(map(self._cache_needed, plans)))
        assert self._decoder is not None
        outcomes: dict[int, Outcome] = {}
        running: dict[int, Steps] = {}
        steps: list[tuple[int, Step]] = []
        logits = self._decoder.enter([planned.prompt for planned in plans])
        for slot, planned in enumerate(plans):
            running[slot] = planned.steps(logits[slot])
            _advance(slot, running[slot], None, steps, outcomes)
        while steps:
            rows = self._decoder.extend(steps)
            taken, steps = steps, []
            for (slot, _), row in zip(taken, rows, strict=True):
                _advance(slot, running[slot], row, steps, outcomes)
        return [outcomes[slot] for slot in range(len(plans))]

    def _plan(self, request: Request) -> Plan:
        return plan(request, self.card.text(request.turn), self._vocabulary)

    def _cache_needed(self, planned: Plan) -> int:
        """Return how many tokens the cache must hold for `parallel` prompts like this one."""
        shared, item, whole = planned.prompt
        reply = planned.max_reply_tokens
        if len(whole) + reply > self._limit:
            raise ModelError(
                f"a prompt of {len(whole)} tokens with {reply} for the reply exceeds the "
                f"{self._limit} tokens of {self.card.model}: show fewer examples, or take a "
                "model with a longer context"
            )
        # 16 more tokens, because the parts of a prompt may differ in the tokens where they meet.
        own = max(len(item), len(whole)) - len(shared) + reply + 16
        return len(shared) + self._parallel * own

    def _grow_cache(self, wanted: int) -> None:
        if self._decoder is not None and self._decoder.n_ctx >= wanted:
            return
        if self._decoder is not None:
            self._decoder.close()
        self._decoder = Decoder(
            self._weights.handle,
            self._vocabulary.size,
            max(1, -(-wanted // _CACHE_STEP)) * _CACHE_STEP,
            threads=self._threads,
            parallel=self._parallel,
        )


def _advance(
    slot: int,
    running: Steps,
    logits: Logits | None,
    steps: list[tuple[int, Step]],
    outcomes: dict[int, Outcome],
) -> None:
    """Take the next step of a plan, or its outcome if the plan is finished."""
    try:
        step = next(running) if logits is None else running.send(logits)
    except StopIteration as stop:
        outcomes[slot] = stop.value
    else:
        steps.append((slot, step))


def _answer(planned: Plan, outcome: Outcome, baseline: tuple[float, ...], seconds: float) -> Answer:
    return Answer(
        text=outcome.text,
        finish="stop" if outcome.finished else "length",
        log_probabilities=outcome.log_probabilities,
        baseline=baseline,
        prompt_tokens=len(planned.prompt.whole),
        completion_tokens=outcome.tokens,
        seconds=seconds,
    )


def _versions() -> dict[str, str]:
    found = {}
    for package in ("llama_cpp_python", "doxa"):
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found

"""A model in memory: what answers requests, in the process that holds the model."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from doxa.backend.decoder import Decoder, memory
from doxa.backend.device import device_of, system_info
from doxa.backend.instructions import slow_build
from doxa.backend.library import load_library
from doxa.backend.plan import plan
from doxa.backend.request import Answer, Workload
from doxa.backend.unfit import NO_WRITER
from doxa.backend.vocabulary import Vocabulary
from doxa.backend.weights import Weights
from doxa.errors import ModelError
from doxa.outside.numbers import MOST_TOKENS, BadNumberError, whole
from doxa.outside.processor import flags

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from doxa.backend.decoder import Logits, Step
    from doxa.backend.plan import Outcome, Plan, Steps
    from doxa.backend.request import Request
    from doxa.backend.vocabulary import Tokens

__all__ = ["LoadedModel"]

_CACHE_STEP: Final = 256
"""The cache size is a multiple of this number of tokens."""

_NO_NUMBERS: Final = (
    "the model's scores of the next token are not finite numbers: its file is damaged, or it was "
    "converted wrongly"
)


class LoadedModel:
    """A model file in this process, with whatever its crash would take down.

    `doxa.backend.llama_cpp.LlamaCpp` keeps it in a process of its own. The turns of requests are
    the text that the model reads, in the parts that are evaluated one after the other; what
    follows a thought is the turn's `reply_start`.

    Parameters
    ----------
    file : pathlib.Path
        A GGUF file.
    name : str
        The model's name in messages.
    threads, gpu_layers, parallel, context_length
        As for `LlamaCpp`; every number but `gpu_layers` and `context_length` is given.

    Attributes
    ----------
    gpu_layers : int
        Layers put on the GPU, -1 for all.
    device : str
        What evaluates the model; see `doxa.backend.device.device_of`.
    notice : str
        Why that is slower than it could be, ``""`` if it is not.
    trained : int
        The number of tokens that the model was trained to read at once.
    memory : {"all", "window", "state"}
        What it remembers of the tokens that it has read; see `doxa.backend.decoder.memory`.
    chat_template : str
        The Jinja source of the file's chat template, ``""`` for none.
    bos, eos : str
        The texts of the special tokens that begin and end a text, ``""`` for none.

    Raises
    ------
    ModelError
        The file cannot be loaded.
    MissingExtraError
        llama-cpp-python is not installed.
    """

    def __init__(
        self,
        file: Path,
        *,
        name: str,
        threads: int,
        gpu_layers: int | None,
        parallel: int,
        context_length: int | None,
    ) -> None:
        library = load_library()
        if gpu_layers is None:
            gpu_layers = -1 if library.llama_supports_gpu_offload() else 0
        self.gpu_layers = gpu_layers
        self.device = device_of(gpu_layers)
        self.notice = "" if gpu_layers else slow_build(system_info(), flags())
        self._name = name
        self._threads = threads
        self._parallel = parallel
        self._decoder: Decoder | None = None
        self._baselines: dict[Request, tuple[float, ...] | str] = {}
        self._weights = Weights(file, gpu_layers=gpu_layers)
        try:
            self.trained = whole(
                self._weights.context_length, "its context length", least=1, most=MOST_TOKENS
            )
        except BadNumberError as error:
            self.close()
            raise ModelError(f"model {file} cannot be used: {error}") from None
        if not self._weights.writes:
            self.close()
            raise ModelError(f"model {file} cannot be asked: it is {NO_WRITER}")
        self.memory = memory(self._weights.handle)
        self.chat_template = self._weights.chat_template
        self._limit = context_length or self.trained
        self._vocabulary = Vocabulary(self._weights.handle)
        self.bos, self.eos = self._vocabulary.bos, self._vocabulary.eos

    def __enter__(self) -> LoadedModel:
        """Return the model itself; leaving the block closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the model."""
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
        prompt = evaluated = shared_total = completion = longest = thoughts = 0
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
            thoughts += request.thought.budget if request.thought else 0
            if tokens.shared != shared:
                evaluated += len(tokens.shared)
                shared_total += len(tokens.shared)
            if (tokens.shared, tokens.item) != (shared, item):
                evaluated += max(0, len(tokens.item) - len(tokens.shared))
            evaluated += max(0, len(tokens.whole) - len(tokens.item))
            shared, item = tokens.shared, tokens.item
        self._grow_cache(wanted)
        return Workload(
            len(requests), prompt, evaluated, shared_total, completion, longest, thoughts
        )

    def answer(self, requests: Sequence[Request]) -> Iterator[Answer]:
        """Answer at most `parallel` requests, side by side where they share a condition.

        The requests about one item should follow each other, so that the item is evaluated once.
        """
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
                    yield _answer(planned, outcome, self._baseline(request), seconds)
                begin = end

    def _baseline(self, request: Request) -> tuple[float, ...] | str:
        """Return the scores of a request's baseline, which many requests share, or why not."""
        if request.baseline is None:
            return ()
        alone = replace(request, turn=request.baseline, baseline=None, thought=None)
        if alone not in self._baselines:
            [outcome] = self._run([self._plan(alone)])
            scores = outcome if isinstance(outcome, str) else outcome.log_probabilities
            self._baselines[alone] = scores
        return self._baselines[alone]

    def _run(self, plans: Sequence[Plan]) -> list[Outcome | str]:
        """Carry out plans side by side: each round takes one step of every unfinished plan.

        A plan that fails has the reason for its outcome.
        """
        self._grow_cache(max(map(self._cache_needed, plans)))
        assert self._decoder is not None
        outcomes: dict[int, Outcome | str] = {}
        running: dict[int, Steps] = {}
        steps: list[tuple[int, Step]] = []
        try:
            logits = self._decoder.enter([planned.prompt for planned in plans])
            for slot, planned in enumerate(plans):
                if (row := logits[slot]) is None:
                    outcomes[slot] = _NO_NUMBERS
                else:
                    running[slot] = planned.steps(row)
                    _advance(slot, running[slot], None, steps, outcomes)
            while steps:
                rows = self._decoder.extend(steps)
                taken, steps = steps, []
                for (slot, _), row in zip(taken, rows, strict=True):
                    if row is None:
                        outcomes[slot] = _NO_NUMBERS
                    else:
                        _advance(slot, running[slot], row, steps, outcomes)
        except ModelError as error:
            return [outcomes.get(slot, str(error)) for slot in range(len(plans))]
        return [outcomes[slot] for slot in range(len(plans))]

    def _plan(self, request: Request) -> Plan:
        turn = request.turn
        parts = (turn.system, turn.user, turn.ask, turn.reply_start)
        return plan(request, parts, self._vocabulary)

    def _cache_needed(self, planned: Plan) -> int:
        """Return how many tokens the cache must hold for `parallel` prompts like this one."""
        shared, item, whole, _ = planned.prompt
        reply = planned.max_reply_tokens
        if len(whole) + reply > self._limit:
            raise ModelError(
                f"a prompt of {len(whole)} tokens with {reply} for the reply exceeds the "
                f"{self._limit} tokens of {self._name}: show fewer examples, let it think less, "
                "draw fewer answers in a sequence, or take a model with a longer context"
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
    outcomes: dict[int, Outcome | str],
) -> None:
    """Take the next step of a plan, or its outcome if the plan is finished."""
    try:
        step = next(running) if logits is None else running.send(logits)
    except StopIteration as stop:
        outcomes[slot] = stop.value
    else:
        steps.append((slot, step))


def _answer(
    planned: Plan, outcome: Outcome | str, baseline: tuple[float, ...] | str, seconds: float
) -> Answer:
    tokens = len(planned.prompt.whole)
    if isinstance(outcome, str):
        return Answer(outcome, "error", prompt_tokens=tokens, seconds=seconds)
    if isinstance(baseline, str):
        return Answer(baseline, "error", prompt_tokens=tokens, seconds=seconds)
    thought = outcome.thought
    return Answer(
        text=outcome.text,
        finish="stop" if outcome.finished else "length",
        log_probabilities=outcome.log_probabilities,
        baseline=baseline,
        prompt_tokens=tokens,
        completion_tokens=outcome.tokens,
        seconds=seconds,
        thought=thought.text if thought else "",
        thought_status=thought.status if thought else "none",
        thought_tokens=thought.written if thought else 0,
    )

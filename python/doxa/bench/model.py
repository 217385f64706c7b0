"""Time asking a model: seconds to load it, seconds per item, and from these the time of a run."""

from __future__ import annotations

import os
import statistics
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from doxa.backend import Engine
from doxa.errors import InvalidArgumentError
from doxa.outside.processor import cores
from doxa.questionnaire import QuestionBank
from doxa.run import load_model
from doxa.run.experiment import Experiment
from doxa.run.models import located
from doxa.run.task import tasks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from doxa.backend import Backend, Workload
    from doxa.run.task import Task

__all__ = ["WAYS", "ModelTiming", "time_model"]

WAYS: Final = ("logprobs", "verbalized", "logprobs,verbalized")
"""Elicitations that are timed together, each entry as ``doxa ask --elicit`` takes it."""


@dataclass(frozen=True, slots=True)
class ModelTiming:
    """How long asking a model took, and how long asking all items would take.

    Parameters
    ----------
    model : str
        The model's name.
    language : str
        The prompts' language.
    threads : int
        Threads of evaluation.
    load_seconds : float
        Seconds until the model can be asked, with the time to hash its file.
    prompt_tokens_per_second : float
        Over the first prompt, with nothing in the cache.
    asked : int
        How many items were timed with each of `WAYS`.
    replies, valid : int
        How many replies came, and how many of them are distributions.
    items : int
        How many items a run in this language asks: all but those that its prompts show as
        examples.
    seconds_per_item : dict of str to float
        For each of `WAYS`, the median over the items asked.
    run_seconds : dict of str to float
        For each of `WAYS`, how long all items would take once the model is loaded: the median
        time of a token times the tokens of all items, because items differ in length.
    """

    model: str
    language: str
    threads: int
    load_seconds: float
    prompt_tokens_per_second: float
    asked: int
    replies: int
    valid: int
    items: int
    seconds_per_item: dict[str, float]
    run_seconds: dict[str, float]


def time_model(
    path: str | os.PathLike[str],
    *,
    language: str = "en",
    n_items: int = 4,
    threads: int | None = None,
    tell: Callable[[str], None] | None = None,
) -> ModelTiming:
    """Load a model, ask it a few items, and say how long all items would take.

    The prompts are those of ``doxa ask`` without steering. One item is asked before the others,
    so that what all prompts share has been evaluated when these are timed.

    Parameters
    ----------
    path : path or str
        A GGUF file, or a name of one, as `doxa.backend.named.locate` takes them.
    language : str
        The prompts' language.
    n_items : int
        How many items are timed, at least 3, spread over the questionnaire's topics.
    threads : int, optional
        Threads of evaluation; by default as many as the cores this process may use.
    tell : callable, optional
        Called with a line of text before each step.

    Raises
    ------
    ModelError, MissingExtraError
        The model cannot be loaded or asked, or llama-cpp-python is not installed.
    ExperimentError, InvalidArgumentError
        The language is unknown, or `n_items` or `threads` is out of range.
    """
    say = tell or (lambda _: None)
    bank = QuestionBank.load()
    name = os.fspath(path)
    engine = Engine(threads=threads)
    asked: dict[str, Any] = {"bank": bank, "languages": (language,), "forms": 1}
    run = Experiment.from_grid((name,), **asked, engine=engine)
    if n_items < len(WAYS):
        raise InvalidArgumentError(f"n_items is {n_items}: give {len(WAYS)} or more")
    few = Experiment.from_grid((name,), **asked, items=n_items + 1)
    [found] = located(run, say)
    start = time.perf_counter()
    backend = load_model(run, found, say)
    load_seconds = time.perf_counter() - start
    with closing(backend):
        tasks = list(tasks_of(run, backend.card, bank=bank))
        backend.prepare([task.request for task in tasks])
        first, *others = few.items
        say(f"loaded {backend.card.model}; asking it a first item")
        [cold] = _chosen(tasks, WAYS[0], (first,))
        seconds, valid = _asked(backend, [cold])
        workload = _workload(backend, [cold])
        prompt_rate = workload.evaluated_tokens / seconds
        replies = 1
        times: dict[str, list[float]] = {way: [] for way in WAYS}
        costs: dict[str, list[float]] = {way: [] for way in WAYS}
        for turn in range(n_items):
            say(f"asking it item {turn + 1} of {n_items}")
            # The ways take turns, so that other work on the machine slows all of them alike.
            # Each asks another item than the one before it, which is still in the cache.
            for number, way in enumerate(WAYS):
                timed = _chosen(tasks, way, (others[(turn + number) % n_items],))
                seconds, good = _asked(backend, timed)
                replies, valid = replies + len(timed), valid + good
                times[way].append(seconds)
                costs[way].append(seconds / _own_tokens(_workload(backend, timed)))
        own = {way: _own_tokens(_workload(backend, _chosen(tasks, way, run.items))) for way in WAYS}
        shared = workload.shared_tokens / prompt_rate
        return ModelTiming(
            backend.card.model,
            language,
            threads or cores(),
            load_seconds,
            prompt_rate,
            n_items,
            replies,
            valid,
            len(run.items),
            {way: statistics.median(times[way]) for way in WAYS},
            {way: shared + own[way] * statistics.median(costs[way]) for way in WAYS},
        )


def _chosen(tasks: Iterable[Task], way: str, items: Collection[str]) -> list[Task]:
    """Return the tasks about some items that belong to one of `WAYS`."""
    return [
        task
        for task in tasks
        if task.cell.elicitation in way.split(",") and task.cell.question in items
    ]


def _asked(backend: Backend, tasks: Sequence[Task]) -> tuple[float, int]:
    """Ask; return the seconds it took and how many replies are distributions."""
    start = time.perf_counter()
    answers = dict(backend.ask([task.request for task in tasks]))
    seconds = time.perf_counter() - start
    readings = [task.read(answers[task.request]).reading for task in tasks]
    return seconds, sum(reading.status == "ok" for reading in readings)


def _workload(backend: Backend, tasks: Sequence[Task]) -> Workload:
    return backend.prepare([task.request for task in tasks])


def _own_tokens(workload: Workload) -> int:
    """Return how many tokens belong to single items and their replies."""
    return workload.evaluated_tokens - workload.shared_tokens + workload.completion_tokens

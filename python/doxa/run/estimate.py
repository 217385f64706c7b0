"""What a run will take: requests, tokens, time and money."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from doxa.backend.guarded import guarded
from doxa.run.loop import load_model
from doxa.run.models import located
from doxa.run.shard import refuse_other_shard
from doxa.run.task import tasks_of
from doxa.store import Store

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    import polars as pl

    from doxa.backend import Answer, Backend, Request, Workload
    from doxa.backend.named.located import Told
    from doxa.questionnaire import QuestionBank
    from doxa.run.experiment import Experiment
    from doxa.run.shard import Shard
    from doxa.store import Cell

__all__ = ["Estimate", "estimate"]

_SAMPLE = 32
"""The number of tokens of the thought that is written to measure the speed."""

_WARM_UP = 3
"""The number of items asked to measure the speed."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The requests, tokens, time and money that one model will take.

    Parameters
    ----------
    model : str
        The model's name.
    known : int
        Replies that the store has.
    missing : int
        Replies to ask for.
    prompt_tokens : int
        Tokens of all prompts, each counted in full; for a server an estimate from their length.
    evaluated_tokens : int
        Tokens that are evaluated; shared parts of prompts count once.
    completion_tokens : int
        Tokens of all replies, at most.
    thought_tokens : int
        Of these, the tokens of all thoughts, at most.
    longest_prompt : int
        Tokens of the longest prompt.
    seconds : float or None
        A rough estimate from the first few items; None for a server, which gets no requests.
    cost : float
        In the currency of the prices given; 0 without prices.
    """

    model: str
    known: int
    missing: int
    prompt_tokens: int
    evaluated_tokens: int
    completion_tokens: int
    thought_tokens: int
    longest_prompt: int
    seconds: float | None
    cost: float


def estimate(
    experiment: Experiment,
    path: str | os.PathLike[str] | None = None,
    *,
    bank: QuestionBank,
    human: pl.DataFrame | None = None,
    prices: tuple[float, float] = (0.0, 0.0),
    shard: Shard | None = None,
    told: Told | None = None,
) -> list[Estimate]:
    """Estimate what each model of an experiment will take, without storing anything.

    A model file is loaded and asked about its first few items to measure its speed. A server may
    charge for replies, so it gets no requests.

    Parameters
    ----------
    experiment : Experiment
        The experiment.
    path : path, optional
        A store; replies that it holds are not counted as work.
    bank : QuestionBank
        The questionnaire.
    human : polars.DataFrame, optional
        Human counts; needed for few-shot steering.
    prices : (float, float)
        The prices of a million prompt tokens and of a million completion tokens.
    shard : Shard, optional
        The part of the experiment; default: all.
    told : callable, optional
        Called with each line that the user should read at once.

    Raises
    ------
    StoreError, ModelError, MissingExtraError, ExperimentError
        The same errors as the run would raise.
    """
    known: set[str] = set()
    attempts: dict[Cell, int] = {}
    if path is not None:
        with Store.read(path) as store:
            refuse_other_shard(store.metadata, experiment, shard, store.path)
            store.check(experiment.conditions)
            known, attempts = store.done_keys(), store.attempts()
    only = None if shard is None else shard.takes(experiment, bank=bank, human=human)
    experiment.refuse_too_many(only)
    estimates = []
    for model in located(experiment, told):
        backend = load_model(experiment, model, told)
        try:
            tasks = list(
                tasks_of(
                    experiment,
                    backend.card,
                    bank=bank,
                    human=human,
                    attempts=attempts,
                    only=only,
                )
            )
            missing = [task for task in tasks if task.key not in known]
            items = [
                [task.request for task in together]
                for _, together in groupby(missing, key=lambda task: id(task.prompt))
            ]
            estimates.append(_of_model(backend, items, len(tasks) - len(missing), prices))
        finally:
            backend.close()
    return estimates


def _of_model(
    backend: Backend, items: Sequence[Sequence[Request]], known: int, prices: tuple[float, float]
) -> Estimate:
    requests = [request for item in items for request in item]
    load = backend.prepare(requests)
    answers: list[Answer] = []
    seconds = 0.0 if backend.free else None
    if requests and backend.free:
        most = 1 if load.thought_tokens else 0
        first, *others = [[_thinking(one, most) for one in item] for item in items[:_WARM_UP]]
        cold = _ask(backend, first, answers)
        warm = [_ask(backend, item, answers) for item in others] or [cold]
        # the first item includes the shared part of its condition; the others do not
        each = min(sum(warm) / len(warm), cold)
        shared = backend.prepare(first).shared_tokens
        per_shared = (cold - each) / shared if shared else 0.0
        own = [backend.prepare(item) for item in (others or [first])]
        per_own = sum(warm) / max(1, sum(map(_own_tokens, own)))
        seconds = per_shared * load.shared_tokens + per_own * _own_tokens(load)
        if load.thought_tokens:
            seconds += _per_thought_token(backend, requests) * load.thought_tokens
    scale = 1.0
    if answers:
        guessed = backend.prepare(requests[: len(answers)]).prompt_tokens
        scale = sum(answer.prompt_tokens or 0 for answer in answers) / max(1, guessed)
    prompt_tokens = round(load.prompt_tokens * scale)
    cost = (prompt_tokens * prices[0] + load.completion_tokens * prices[1]) / 1e6
    return Estimate(
        backend.card.model,
        known,
        len(requests),
        prompt_tokens,
        round(load.evaluated_tokens * scale),
        load.completion_tokens,
        load.thought_tokens,
        round(load.longest_prompt * scale),
        seconds,
        cost,
    )


def _ask(backend: Backend, requests: Sequence[Request], answers: list[Answer]) -> float:
    start = time.perf_counter()
    answers.extend(answer for _, answer in guarded(backend, requests))
    return time.perf_counter() - start


def _own_tokens(load: Workload) -> int:
    """Count the tokens that are neither shared nor in thoughts: items, closings and replies."""
    written = load.completion_tokens - load.thought_tokens
    return load.evaluated_tokens - load.shared_tokens + written


def _thinking(request: Request, most: int) -> Request:
    """Return the request with a thought of so many tokens, if it has one; as it is for 0."""
    if request.thought is None or most == 0:
        return request
    return replace(request, thought=replace(request.thought, budget=most))


def _per_thought_token(backend: Backend, requests: Sequence[Request]) -> float:
    """Measure what a token of a thought takes; thoughts are written one token after the other."""
    one = next((request for request in requests if request.thought is not None), None)
    if one is None:
        return 0.0
    answers: list[Answer] = []
    short, long = (_ask(backend, [_thinking(one, most)], answers) for most in (1, _SAMPLE))
    written = (answers[1].thought_tokens or 0) - (answers[0].thought_tokens or 0)
    return max(0.0, long - short) / max(1, written)

"""The one loop: cells → missing replies → backend → store."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doxa.backend import load, request_key
from doxa.elicit import ELICITATIONS
from doxa.errors import ExperimentError
from doxa.prompt import examples_for, render
from doxa.store import Cell, Reply, Store

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import polars as pl

    from doxa.backend import Backend, ModelCard, Request
    from doxa.experiment import Experiment
    from doxa.prompt import Example, Prompt
    from doxa.question import QuestionBank

    Progress = Callable[[int, int, float], None]

__all__ = ["ask", "run"]

_PATIENCE = 0.2
"""Seconds between looks at what another process has in hand."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A cell with everything needed to ask it and read the answer."""

    cell: Cell
    prompt: Prompt
    codes: tuple[int, ...]
    request: Request
    key: str


def ask(
    experiment: Experiment,
    path: str | os.PathLike[str],
    *,
    bank: QuestionBank,
    human: pl.DataFrame | None = None,
    progress: Progress | None = None,
) -> None:
    """Ask every model of an experiment what the store does not know yet.

    Models are loaded one at a time. The experiment is saved in the store as the note
    ``"experiment"``. Interrupted at any moment, the same call goes on where it stopped.

    Parameters
    ----------
    experiment : Experiment
        What to ask whom.
    path : path
        The store's file; made if it does not exist.
    bank : QuestionBank
        The questionnaire.
    human : polars.DataFrame, optional
        Human counts; needed for few-shot steering.
    progress : callable, optional
        Called as ``progress(done, total, seconds)``: replies there are, replies there will
        be, over all models, and seconds since the start.

    Raises
    ------
    StoreError, ModelError, MissingExtraError, ExperimentError
        What went wrong, in one line; replies so far are kept.
    """
    with Store.open(path) as store:
        store.note("experiment", experiment.to_toml())
        each = sum(1 for _ in experiment.cells())
        start = time.perf_counter()
        for index, model in enumerate(experiment.models):
            backend = load(model, backend=experiment.backend, parallel=experiment.parallel)

            def report(done: int, _: int, __: float, before: int = index * each) -> None:
                if progress is not None:
                    seconds = time.perf_counter() - start
                    progress(before + done, each * len(experiment.models), seconds)

            try:
                run(experiment, backend, store, bank=bank, human=human, progress=report)
            finally:
                backend.close()


def run(
    experiment: Experiment,
    backend: Backend,
    store: Store,
    *,
    bank: QuestionBank,
    human: pl.DataFrame | None = None,
    progress: Progress | None = None,
) -> None:
    """Ask one loaded model everything that the store lacks.

    Another process may run the same experiment on the same store: nothing is asked twice,
    and each waits until the other's replies are there, or takes over what it left.

    Parameters
    ----------
    experiment : Experiment
        What to ask; its `models` are not read.
    backend : Backend
        The model.
    store : Store
        Where replies are and go.
    bank : QuestionBank
        The questionnaire.
    human : polars.DataFrame, optional
        Human counts; needed for few-shot steering.
    progress : callable, optional
        Called as ``progress(done, total, seconds)``.

    Raises
    ------
    StoreError, ModelError, ExperimentError
        What went wrong; replies so far are kept.
    """
    start = time.perf_counter()
    tasks = list(_tasks(experiment, backend.card, bank, human))
    store.plan(backend.card, ((task.cell, task.key) for task in tasks))
    by_key = {task.key: task for task in tasks}
    done = len(store.done_keys() & by_key.keys())
    missing = _missing(tasks, store)
    if missing:
        backend.prepare([task.request for task in missing])
    if progress is not None:
        progress(done, len(by_key), time.perf_counter() - start)
    by_request = {task.request: task for task in tasks}
    try:
        while missing:
            before = done
            for request, answer in backend.ask(_claimed(missing, store)):
                task = by_request[request]
                reading = ELICITATIONS[task.cell.elicitation].read(task.prompt, answer)
                store.add(backend.card, Reply(task.key, reading, task.codes, answer))
                done += 1
                if progress is not None:
                    progress(done, len(by_key), time.perf_counter() - start)
            missing = _missing(tasks, store)
            if missing and done == before:
                time.sleep(_PATIENCE)
            done = len(by_key) - len(missing)
    finally:
        store.release()
    if progress is not None:
        progress(done, len(by_key), time.perf_counter() - start)


def _tasks(
    experiment: Experiment, card: ModelCard, bank: QuestionBank, human: pl.DataFrame | None
) -> Iterator[_Task]:
    examples: tuple[Example, ...] = ()
    shown: set[str] = set()
    prompt: Prompt | None = None
    for item, condition, elicitation, draw in experiment.cells():
        if prompt is None or prompt.condition != condition:
            examples = examples_for(condition, bank=bank, human=human)
            shown = {example.item for example in examples}
        if item in shown:
            raise ExperimentError(
                f"item {item} is shown as an example in the prompts: leave it out, or set "
                "n_examples = 0"
            )
        if prompt is None or (prompt.question, prompt.condition) != (item, condition):
            prompt = render(item, condition, bank=bank, examples=examples)
        request = ELICITATIONS[elicitation].request(prompt, experiment.settings, draw)
        cell = Cell(
            card.model,
            item,
            condition.language,
            condition.steering,
            condition.target,
            condition.template,
            condition.option_order,
            draw,
            elicitation,
        )
        codes = bank.items[item].scale.all_codes
        yield _Task(cell, prompt, codes, request, request_key(card, request))


def _missing(tasks: Iterable[_Task], store: Store) -> list[_Task]:
    done = store.done_keys()
    return list({task.key: task for task in tasks if task.key not in done}.values())


def _claimed(tasks: Sequence[_Task], store: Store) -> Iterator[Request]:
    """Reserve tasks one item at a time, so that its elicitations share its evaluation."""
    begin = 0
    for end in range(1, len(tasks) + 1):
        if end == len(tasks) or tasks[end].prompt is not tasks[begin].prompt:
            group = {task.key: task for task in tasks[begin:end]}
            for key in store.claim(list(group)):
                yield group[key].request
            begin = end

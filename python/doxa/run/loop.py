"""The loop that asks a backend for missing replies and stores them."""

from __future__ import annotations

import time
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from doxa.backend import BACKENDS, load
from doxa.backend.replay import Replay
from doxa.run.asker import Alone
from doxa.run.course import Course
from doxa.run.models import located
from doxa.run.questionnaire import save_questionnaire
from doxa.run.saved import save_experiment
from doxa.run.shard import keep_shard, refuse_other_shard
from doxa.run.task import tasks_of
from doxa.store import DisplacedError, Store

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Generator, Sequence

    import polars as pl

    from doxa.backend import Backend
    from doxa.backend.named import Located
    from doxa.elicit import ElicitationSettings
    from doxa.questionnaire import QuestionBank
    from doxa.run.asker import Asker, Batch
    from doxa.run.experiment import Experiment
    from doxa.run.shard import Shard, Taken
    from doxa.run.task import Task

    Progress = Callable[[int, int, float], None]
    Told = Callable[[str], object]

__all__ = ["ask", "load_model", "run"]

_PATIENCE = 0.2
"""Seconds between checks whether another process has answered."""
_NOTICE = 5.0
"""Seconds of waiting for other processes before it is told."""


def ask(
    experiment: Experiment,
    path: str | os.PathLike[str],
    *,
    bank: QuestionBank,
    human: pl.DataFrame | None = None,
    progress: Progress | None = None,
    told: Told | None = None,
    retry_failed: bool = False,
    shard: Shard | None = None,
    askers: Generator[Asker, None, None] | None = None,
    course: Course | None = None,
) -> None:
    """Ask every model of an experiment for the replies that the store lacks.

    All models are found, and brought here if need be, before the first is asked; they are loaded
    one at a time. The experiment is saved in the store as the note
    ``"experiment"``; earlier experiments of the same store are kept as ``"experiment 1"`` and so
    on. After an interruption, the same call continues where it stopped.

    Parameters
    ----------
    experiment : Experiment
        The experiment.
    path : path
        The store's file; made if it does not exist.
    bank : QuestionBank
        The questionnaire.
    human : polars.DataFrame, optional
        Human counts; needed for few-shot steering.
    progress : callable, optional
        Called as ``progress(done, total, seconds)``: the replies so far and in all, over all
        models, and the seconds since the start.
    told : callable, optional
        Called with each line that the user should read at once, such as which process this one
        waits for.
    retry_failed : bool
        Whether to ask again for replies that never came, and to repeat failed draws. Greedy
        decoding is not repeated: it would fail in the same way.
    shard : Shard, optional
        The part of the experiment to ask, into a store that holds nothing else; default: all.
    askers : generator, optional
        Yields who answers for each model, in the experiment's order, and closes them. Default: each
        model is loaded into this process, after the one before it was closed.
    course : Course, optional
        Kept up to date with what is done and how long it will take, which another thread may read.

    Raises
    ------
    StoreError, ModelError, MissingExtraError, ExperimentError
        The run failed; replies so far are kept.
    """
    only = None
    course = course or Course()
    if shard is not None:
        only = shard.takes(experiment, bank=bank, human=human)
    experiment.refuse_too_many(only)
    file = Path(path)
    if file.is_file():
        # before a model is loaded
        with Store.read(file) as known:
            refuse_other_shard(known.metadata, experiment, shard, file)
    with closing(_loaded(experiment, told, course) if askers is None else askers) as each_model:
        # the first model is loaded before the store is made, so a run that cannot begin leaves no
        # store
        first = next(each_model)
        with Store.open(path, told=told) as store:
            for notice in store.notices:
                _say(told, notice)
            store.settle(experiment.conditions)
            keep_shard(store, experiment, shard)
            save_questionnaire(bank, store)
            save_experiment(experiment, store)
            each = experiment.size_of(only)
            start = time.perf_counter()
            for index, asker in enumerate(chain([first], each_model)):

                def tell(done: int, _: int, __: float, before: int = index * each) -> None:
                    if progress is not None:
                        seconds = time.perf_counter() - start
                        progress(before + done, each * len(experiment.models), seconds)

                course.begin(models=len(experiment.models) - index - 1)
                _run(
                    experiment,
                    asker,
                    store,
                    bank=bank,
                    human=human,
                    progress=tell,
                    told=told,
                    retry_failed=retry_failed,
                    only=only,
                    course=course,
                )


def _say(told: Told | None, line: str) -> None:
    if told is not None:
        told(line)


def _loaded(
    experiment: Experiment, told: Told | None, course: Course
) -> Generator[Asker, None, None]:
    """Load the models one at a time; each is closed before the next is loaded."""
    for model in located(experiment, told):
        course.doing = f"loading {model if isinstance(model, str) else model.name}"
        backend = load_model(experiment, model, told)
        try:
            yield Alone(backend)
        finally:
            backend.close()


def load_model(experiment: Experiment, model: str | Located, told: Told | None = None) -> Backend:
    """Load one of an experiment's models with the experiment's engine.

    Parameters
    ----------
    experiment : Experiment
        The experiment.
    model : str or Located
        One of its models, or where that was found.
    told : callable, optional
        Called with each line that the user should read about a model file.

    Raises
    ------
    ModelError, StoreError, MissingExtraError
        The model cannot be loaded.
    """
    engine = experiment.engine
    if engine.backend == "replay":
        with Store.read(engine.recording) as recorded:
            return Replay(*recorded.recording(str(model)))
    options = engine.options()
    if told is not None and BACKENDS[engine.backend].files:
        options["told"] = told
    return load(model, backend=engine.backend, **options)


def run(
    experiment: Experiment,
    backend: Backend,
    store: Store,
    *,
    bank: QuestionBank,
    human: pl.DataFrame | None = None,
    progress: Progress | None = None,
    told: Told | None = None,
    retry_failed: bool = False,
) -> None:
    """Ask one loaded model for the replies that the store lacks.

    Several processes may run the same experiment on the same store. Nothing is asked twice: each
    process waits for the replies of the others, and takes over the work of a dead one.

    Parameters
    ----------
    experiment : Experiment
        What to ask; its `models` are not read.
    backend : Backend
        The model.
    store : Store
        The store of the replies.
    bank : QuestionBank
        The questionnaire.
    human : polars.DataFrame, optional
        Human counts; needed for few-shot steering.
    progress : callable, optional
        Called as ``progress(done, total, seconds)``.
    told : callable, optional
        As for `ask`.
    retry_failed : bool
        As for `ask`.

    Raises
    ------
    StoreError, ModelError, ExperimentError
        The run failed; replies so far are kept.
    """
    _run(
        experiment,
        Alone(backend),
        store,
        bank=bank,
        human=human,
        progress=progress,
        told=told,
        retry_failed=retry_failed,
    )


def _run(
    experiment: Experiment,
    asker: Asker,
    store: Store,
    *,
    bank: QuestionBank,
    human: pl.DataFrame | None,
    progress: Progress | None,
    told: Told | None,
    retry_failed: bool,
    only: Taken | None = None,
    course: Course | None = None,
) -> None:
    """Ask one model; see `run`."""
    course = course or Course()
    course.doing = "writing the prompts"
    loop = _Loop(asker, store, progress, told, course)
    store.settle(experiment.conditions)
    if retry_failed:
        store.forget_errors()
    tasks = list(
        tasks_of(
            experiment, asker.card, bank=bank, human=human, attempts=store.attempts(), only=only
        )
    )
    _tell_of_changes(tasks, store, asker.card.model, told)
    loop.plan(tasks)
    if retry_failed:
        tasks, _ = loop.renew(tasks, experiment.settings, limit=None)
    try:
        loop.ask(tasks)
        renewed = True
        while renewed:
            tasks, renewed = loop.renew(tasks, experiment.settings, experiment.settings.retries)
            if renewed:
                loop.ask(tasks)
    finally:
        store.release()


def _tell_of_changes(tasks: Sequence[Task], store: Store, model: str, told: Told | None) -> None:
    """Say how many cells are asked again because their requests are no longer the same."""
    before = store.answered()
    changed = sum(before.get(task.cell, task.key) != task.key for task in tasks)
    if changed:
        _say(
            told,
            f"{model}: {changed:,} of {len(tasks):,} replies are asked for again: their prompts, "
            "the settings or the model's file changed since",
        )


class _Loop:
    """The loop over one model; it stores what is sent and what comes back."""

    def __init__(
        self,
        asker: Asker,
        store: Store,
        progress: Progress | None,
        told: Told | None,
        course: Course,
    ) -> None:
        self._asker = asker
        self._store = store
        self._progress = progress
        self._told = told
        self._course = course
        self._start = time.perf_counter()
        self._displaced: DisplacedError | None = None

    def plan(self, tasks: Sequence[Task]) -> None:
        """Record tasks in the store, with what they send."""
        self._store.keep_sent(task.sent for task in tasks)
        self._store.plan(self._asker.card, ((task.cell, task.key, task.attempt) for task in tasks))

    def ask(self, tasks: Sequence[Task]) -> None:
        """Ask the tasks that have no reply, until all have one."""
        total = len({task.key for task in tasks})
        missing = self._missing(tasks)
        if missing:
            self._asker.prepare(missing)
            self._course.expect(missing, tasks)
        done = total - len(missing)
        self._report(done, total)
        idle = 0.0
        while missing:
            before = done
            for batch in self._asker.ask(missing, self._claim):
                self._add(batch)
                done += len(batch.rows)
                self._report(done, total)
            if self._displaced is not None:
                raise self._displaced
            missing = self._missing(tasks)
            idle = self._wait(idle, len(missing)) if missing and done == before else 0.0
            if done != total - len(missing):
                done = total - len(missing)
                self._report(done, total)

    def renew(
        self, tasks: Sequence[Task], settings: ElicitationSettings, limit: int | None
    ) -> tuple[list[Task], bool]:
        """Replace failed tasks by their next attempt, and tell whether there were any.

        Only what is drawn is asked again: greedy decoding would fail in the same way.
        """
        statuses = self._store.statuses()
        renewed = [
            task.again(self._asker.card, settings)
            if task.request.is_drawn
            and statuses.get(task.key, "ok") != "ok"
            and (limit is None or task.attempt < limit)
            else task
            for task in tasks
        ]
        changed = [new for new, old in zip(renewed, tasks, strict=True) if new is not old]
        if changed:
            self.plan(changed)
        return renewed, bool(changed)

    def _add(self, batch: Batch) -> None:
        """Commit replies; if the store's file is gone, ask no more, but keep what still comes."""
        self._course.came(str(row[0]) for row in batch.rows)
        try:
            self._store.add_rows(batch.rows, worker=batch.worker, seconds=batch.seconds)
        except DisplacedError as error:
            self._displaced = error
            _say(self._told, "the run's file is gone: waiting only for the replies under way")

    def _wait(self, idle: float, missing: int) -> float:
        """Wait for the replies of other processes; after a while, tell whose."""
        time.sleep(_PATIENCE)
        if idle < _NOTICE <= idle + _PATIENCE:
            who = " and ".join(map(str, self._store.holders())) or "a process that just ended"
            _say(self._told, f"waiting for {missing} replies that are asked for by {who}")
        return idle + _PATIENCE

    def _missing(self, tasks: Sequence[Task]) -> list[Task]:
        done = self._store.done_keys()
        return list({task.key: task for task in tasks if task.key not in done}.values())

    def _claim(self, tasks: Sequence[Task]) -> list[Task]:
        """Reserve tasks for this process and return those it got; none if the file is gone."""
        if self._displaced is not None:
            return []
        group = {task.key: task for task in tasks}
        try:
            got = {key: group[key] for key in self._store.claim(list(group))}
        except DisplacedError as error:
            self._displaced = error
            return []
        self._course.leave(group.keys() - got.keys())
        return list(got.values())

    def _report(self, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(done, total, time.perf_counter() - self._start)

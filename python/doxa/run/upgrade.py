"""Prompts that an older version sent but did not keep, rendered again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

from doxa.backend.request import request_key
from doxa.errors import DoxaError
from doxa.outside.documents import toml_of
from doxa.questionnaire import QuestionBank
from doxa.run.experiment import Experiment
from doxa.run.task import tasks_of
from doxa.survey import sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doxa.backend import ModelCard
    from doxa.run.task import Task
    from doxa.store import Store

__all__ = ["fill_in"]


def fill_in(store: Store) -> None:
    """Add the prompts of replies that an older version stored without them.

    All prompts of the run's experiments are rendered again, with the questionnaire and the human
    counts that come with doxa. A reply's key is a hash of the text sent, so a rendered prompt with
    the same key is the prompt that was sent. Prompts with another wording, or with examples from
    other counts, have other keys and stay unknown. The store records that this was done.

    Parameters
    ----------
    store : Store
        The run's store; a store that this version created is not changed, and one that was opened
        to be read is changed in memory only.

    Raises
    ------
    StoreError
        The store cannot be written.
    """
    if store.lacks_prompts:
        done = store.done_keys()
        # rendered before the store is locked for writing
        store.keep_rendered([task.sent for task in _rendered(store) if task.key in done])


def _rendered(store: Store) -> Iterator[Task]:
    """Render all prompts of the saved experiments, one condition at a time."""
    bank, human, attempts = QuestionBank.load(), sample(), store.attempts()
    for table, card in product(_experiments(store), store.cards()):
        known = [item for item in table.get("items", ()) if item in bank.items]
        for condition in table.get("conditions", ()):
            # with the counts that come with doxa, some conditions cannot be asked at all
            with suppress(DoxaError):
                one = Experiment.from_table(
                    table | {"conditions": [condition], "items": known}, bank=bank, human=human
                )
                for first in tasks_of(one, card, bank=bank, human=human):
                    task = _earlier(first, card)
                    yield task
                    for _ in range(attempts.get(task.cell, 0)):
                        task = _earlier(task.again(card, one.settings), card)
                        yield task


def _earlier(task: Task, card: ModelCard) -> Task:
    return replace(task, key=request_key(card, task.request, earlier=True))


def _experiments(store: Store) -> Iterator[dict[str, Any]]:
    """Read the saved experiments; one that is no TOML is passed over."""
    for name, text in store.metadata.items():
        if name.split()[0] == "experiment":
            with suppress(ValueError):
                yield toml_of(text)

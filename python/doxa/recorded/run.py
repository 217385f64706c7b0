"""The folder of one of doxa's own runs."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from itertools import product
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.errors import ExperimentError, StoreError, SurveyError
from doxa.prompt import excluded_items
from doxa.recorded.recording import PROMPT_COLUMNS, Recording
from doxa.run.experiment import Experiment
from doxa.run.task import tasks_of
from doxa.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from doxa.backend import ModelCard
    from doxa.questionnaire import QuestionBank
    from doxa.store import Cell

__all__ = ["read_run", "store_path"]

STORE_NAME: Final = "replies.sqlite"
_ASKED: Final = ("language", "steering", "target", "template", "option_order")


def store_path(run: Path) -> Path:
    """Name the store of a run's folder.

    Parameters
    ----------
    run : pathlib.Path
        The folder that `doxa ask` was given as ``--out``.
    """
    return run / STORE_NAME


def read_run(run: Path, *, bank: QuestionBank, human: pl.DataFrame | None = None) -> Recording:
    """Read a run.

    Parameters
    ----------
    run : pathlib.Path
        Its folder.
    bank : QuestionBank
        The questionnaire that was asked.
    human : polars.DataFrame, optional
        Human counts; needed where few-shot examples were shown.

    Raises
    ------
    StoreError
        The run is missing, damaged, or empty.
    """
    with Store.open(store_path(run), create=False) as store:
        replies, cards, known = store.replies(), store.cards(), store.conditions()
        notes, attempts = store.metadata, store.attempts()
    if not known:
        raise StoreError(f"{run}: nothing has been asked yet: run  doxa ask --out {run}")
    conditions = {row: known[row] for row in replies.select(_ASKED).unique().rows()}
    saved = [text for name, text in notes.items() if name.split()[0] == "experiment"]
    prompts = _prompts(set(replies["request_key"]), saved, cards, attempts, bank, human)
    unknown = replies.height - replies["request_key"].is_in(prompts["request_key"].implode()).sum()
    left_out = {}
    if unknown:
        left_out[f"prompts of {run}"] = (
            f"not shown for {unknown} replies: rendered with these human counts and this "
            "questionnaire, they are not what was sent"
        )
    return Recording(
        replies=replies,
        prompts=prompts,
        examples=excluded_items(conditions.values(), bank=bank, human=human),
        provenance=_provenance(cards) | left_out,
        name=str(run),
    )


def _prompts(
    keys: set[str],
    saved: Iterable[str],
    cards: Iterable[ModelCard],
    attempts: Mapping[Cell, int],
    bank: QuestionBank,
    human: pl.DataFrame | None,
) -> pl.DataFrame:
    """Render again what was asked, and keep what has the key of a reply: that was sent."""
    rows = {}
    for text, card in product(saved, cards):
        # an experiment that cannot be asked with these counts has no prompts to show
        with suppress(ExperimentError, SurveyError):
            experiment = Experiment.from_table(tomllib.loads(text), bank=bank, human=human)
            for task in tasks_of(experiment, card, bank=bank, human=human, attempts=attempts):
                if task.key in keys:
                    turn = task.request.turn
                    user = f"{turn.user}\n\n{turn.ask}"
                    rows[task.key] = (task.key, turn.system, user, turn.reply_start)
    schema = dict.fromkeys(PROMPT_COLUMNS, pl.String)
    return pl.DataFrame(list(rows.values()), schema=schema, orient="row")


def _provenance(cards: Iterable[ModelCard]) -> dict[str, str]:
    found: dict[str, str] = {}
    for card in cards:
        found[f"model {card.model}"] = f"SHA-256 {card.fingerprint}, through {card.backend}"
        found |= {f"version of {name}": number for name, number in card.versions.items()}
        found["layout of evaluation"] = ", ".join(
            f"{name} {value}" for name, value in card.layout.items()
        )
    return found

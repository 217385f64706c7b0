"""The folder of one of doxa's own runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.errors import StoreError
from doxa.prompt import examples_for, excluded_items, render
from doxa.recorded.recording import PROMPT_COLUMNS, Recording
from doxa.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from doxa.backend import ModelCard
    from doxa.prompt import Condition
    from doxa.question import QuestionBank

    Asked = tuple[str, ...]

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
    if not known:
        raise StoreError(f"{run}: nothing has been asked yet: run  doxa ask --out {run}")
    conditions = {row: known[row] for row in replies.select(_ASKED).unique().rows()}
    return Recording(
        replies=replies,
        prompts=_prompts(replies, conditions, bank, human),
        examples=excluded_items(conditions.values(), bank=bank, human=human),
        provenance=_provenance(cards),
        name=str(run),
    )


def _prompts(
    replies: pl.DataFrame,
    conditions: Mapping[Asked, Condition],
    bank: QuestionBank,
    human: pl.DataFrame | None,
) -> pl.DataFrame:
    """Render again what was sent; rendering is a pure function of the condition."""
    examples = {
        row: examples_for(condition, bank=bank, human=human)
        for row, condition in conditions.items()
    }
    rows = {}
    columns = ("request_key", "question", "elicitation", *_ASKED)
    for key, question, elicitation, *asked in replies.select(columns).iter_rows():
        row = tuple(asked)
        prompt = render(question, conditions[row], bank=bank, examples=examples[row])
        user = f"{prompt.user}\n\n{prompt.asks[elicitation]}"
        rows[key] = (key, prompt.system, user, prompt.reply_starts[elicitation])
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

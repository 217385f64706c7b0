"""The data of the item explorer: wording, both distributions, prompts and raw replies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.report.payload import columns
from doxa.report.tables import with_condition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.question import QuestionBank
    from doxa.report.tables import Condition

__all__ = ["PROMPT_COLUMNS", "REPLY_CHARACTERS", "explorer"]

PROMPT_COLUMNS: Final = ("request_key", "system", "user", "reply_start")

REPLY_CHARACTERS: Final = 2_000_000
"""How many characters of raw replies a report holds; later ones are left out, and counted."""


def explorer(
    *,
    replies: pl.DataFrame,
    model: pl.DataFrame,
    human: pl.DataFrame,
    prompts: pl.DataFrame | None,
    conditions: Sequence[Condition],
    bank: QuestionBank,
) -> dict[str, Any]:
    """Gather the data of the item explorer.

    Parameters
    ----------
    replies, model, human, prompts : polars.DataFrame
        As `doxa.report.write_report` takes them.
    conditions : sequence of Condition
        Those of the report; rows refer to them by position.
    bank : QuestionBank
        The items and their wording.
    """
    ids = [item for item in bank.items if item in set(model["question"])]
    languages = sorted({condition.language for condition in conditions} | {"en"})
    number = {item: position for position, item in enumerate(ids)}
    texts, prompt_of = _prompts(prompts)
    kept = _within_budget(replies)
    sent = [prompt_of.get(key) for key in kept["request_key"]]
    kept = kept.with_columns(pl.Series("prompt", sent, dtype=pl.List(pl.Int64)))
    return {
        "questions": [_question(item, languages, bank) for item in ids],
        "languages": {
            code: {"direction": bank.language(code).direction}
            for code in languages
            if code in bank.languages
        },
        "human": columns(
            _numbered(human, number).select(
                "question", "country", "wave", "probabilities", "off_scale_mass", "n"
            )
        ),
        "model": columns(
            with_condition(_numbered(model, number), conditions).select(
                "question", "model", "elicitation", "condition",
                "probabilities", "off_scale_mass", "n_replies",
            )
        ),
        "replies": columns(
            with_condition(_numbered(kept, number), conditions).select(
                "question", "model", "elicitation", "condition", "option_order", "draw",
                "status", "text", "off_option_mass", "prompt",
            )
        ),
        "repliesLeftOut": replies.height - kept.height,
        "texts": texts,
    }  # fmt: skip


def _question(item_id: str, languages: Sequence[str], bank: QuestionBank) -> dict[str, Any]:
    item = bank.items[item_id]
    wording = {}
    for language in languages:
        if language in bank.languages and item_id in bank.items_for(language):
            question = bank.question(item_id, language)
            wording[language] = {"text": question.text, "labels": list(question.labels)}
    return {
        "id": item_id,
        "topic": bank.topics.get(item.topic, item.topic),
        "kind": item.scale.kind,
        "codes": list(item.scale.codes),
        "positions": list(item.scale.positions),
        "wording": wording,
    }


def _numbered(frame: pl.DataFrame, number: dict[str, int]) -> pl.DataFrame:
    """Refer to questions by position; rows of other questions are left out."""
    return frame.filter(pl.col("question").is_in(list(number))).with_columns(
        pl.col("question").replace_strict(number, return_dtype=pl.Int64)
    )


def _within_budget(replies: pl.DataFrame) -> pl.DataFrame:
    size = pl.col("text").str.len_chars().fill_null(0).cum_sum()
    return replies.filter(size <= REPLY_CHARACTERS)


def _prompts(prompts: pl.DataFrame | None) -> tuple[list[str], dict[str, list[int]]]:
    """Hold each text once: the texts, and the positions of the three that a request had."""
    if prompts is None:
        return [], {}
    position: dict[str, int] = {}
    prompt_of = {
        key: [position.setdefault(text, len(position)) for text in texts]
        for key, *texts in prompts.select(PROMPT_COLUMNS).iter_rows()
    }
    return list(position), prompt_of

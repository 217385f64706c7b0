"""Make the scores of a published study's models that doxa ships.

    python tools/published_scores.py ../shared/oracle/responses.parquet

The file holds the replies as the study's authors recorded them. Only scores are written.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import polars as pl

from doxa.evaluate import evaluate, read_people, read_source
from doxa.evaluate.published import NUMBERS
from doxa.questionnaire import QuestionBank
from doxa.survey import world

SHIPPED = Path(__file__).parent.parent / "python" / "doxa" / "evaluate" / "published.csv"


def scores_of(recorded: Path) -> pl.DataFrame:
    """Score the recorded replies as `doxa.evaluate.published_scores` gives them."""
    bank = QuestionBank.load()
    recording = read_source(recorded, read_people(bank=bank), bank)
    plain = recording.replies.filter(steering="none", language="en", target="")
    # without steering no prompt shows examples: no item is left out for them
    evaluation = evaluate(
        replace(recording, replies=plain, examples=frozenset()), world(wave=7), bank
    )
    return (
        evaluation.alignment.drop_nulls("low")
        .select("model", "country", "n_items", pl.col(NUMBERS).round(4))
        .sort("model", "country")
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    scores_of(Path(sys.argv[1])).write_csv(SHIPPED)

"""An experiment, and its tasks in a folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from doxa.questionnaire import QuestionBank
from doxa.run.experiment import Experiment
from doxa.survey import sample

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()
ALL = ("logprobs", "logprobs-calibrated", "verbalized", "sampling", "sequence")


def experiment(**changes: Any) -> Experiment:
    table = {
        "models": ["any"],
        "items": ["Q1", "Q122"],
        "languages": ["en", "ja"],
        "option_orders": ["listed", "reversed"],
        "label_styles": ["letters"],
        "n_examples": 1,
        "elicitations": list(ALL),
        "settings": {"draws": 3, "verbalized": "free", "max_tokens": 40},
    }
    return Experiment.from_table(table | changes, bank=BANK, human=sample())


def rows_in(folder: Path, elicitation: str) -> list[dict[str, Any]]:
    text = (folder / f"doxa_{elicitation}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]

"""Make the stores `v4_*.sqlite`: of schema version 4, which kept no prompts.

They were made by doxa as of commit 1d1c15a, the last with that schema, which lay in `base`::

    PYTHONPATH=base/python:base/tests python make_v4.py

Afterwards only SQLite's own pages are made smaller, so that the files are.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from pathlib import Path

import polars as pl
from doxa.experiment import Experiment
from doxa.question import QuestionBank
from tiny_gguf import byte_words, write_random

from doxa.elicit import Settings
from doxa.prompt import Condition
from doxa.run import ask
from doxa.survey import sample

HERE = Path(__file__).resolve().parent
CONDITIONS = (Condition("en", n_examples=2), Condition("en", "few-shot", "JPN", n_examples=2))
COUNTS = {
    "shipped_counts": sample(),
    # Japan's examples are then Q48 and Q83 in place of Q32 and Q48
    "other_counts": sample().filter(pl.col("question") != "Q32"),
}


def make(path: Path, human: pl.DataFrame) -> None:
    path.unlink(missing_ok=True)
    experiment = Experiment(
        ("tiny.gguf",),
        CONDITIONS,
        ("Q1", "Q57"),
        ("logprobs", "logprobs-calibrated", "sampling"),
        Settings(draws=2, retries=1),
    )
    ask(experiment, path, bank=QuestionBank.load(), human=human)
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in ("journal_mode = DELETE", "page_size = 512"):
        connection.execute(f"PRAGMA {statement}")
    connection.execute("VACUUM")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # so that the stores name no folder
        write_random(Path("tiny.gguf"), byte_words())
        for name, human in COUNTS.items():
            make(HERE / f"v4_{name}.sqlite", human)

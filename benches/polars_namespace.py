"""Time the expressions of `doxa.polars` beside `doxa.score_batch`, in turns within one run.

    python benches/polars_namespace.py [rows]

Both score the same columns and make a column of scores. The median of one in times that of the
other is printed for pairs of a questionnaire's lengths and for arrays of one length.
"""

from __future__ import annotations

import sys

import numpy as np
import polars as pl
from race import Race, table

import doxa
import doxa.polars

# Options of the items of a questionnaire, in its order.
QUESTIONNAIRE = [4] * 52 + [10] * 24 + [2] * 18 + [5] * 20 + [3] * 16 + [7] * 6 + [8] * 8
ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
SCORE = pl.col("model").doxa.alignment("human")


def lists(lengths: np.ndarray, seed: int) -> pl.Series:
    starts = np.concatenate([[0], np.cumsum(lengths)])
    values = np.random.default_rng(seed).random(starts[-1]) + 1e-3
    values /= np.repeat(np.add.reduceat(values, starts[:-1]), lengths)
    rows = pl.DataFrame({"row": np.repeat(np.arange(lengths.size), lengths), "share": values})
    return rows.group_by("row", maintain_order=True).agg("share")["share"].rechunk()


def scores(pairs: pl.DataFrame) -> pl.Series:
    return doxa.score_batch(pairs["model"], pairs["human"]).scores["alignment"]


def race(name: str, pairs: pl.DataFrame) -> Race:
    entered = Race(f"alignment, {ROWS:,} {name}")
    entered.add("score_batch(...).scores", lambda: scores(pairs))
    entered.add("select", lambda: pairs.select(SCORE))
    entered.add("streaming", lambda: pairs.lazy().select(SCORE).collect(engine="streaming"))
    return entered


def grouped(pairs: pl.DataFrame) -> Race:
    entered = Race(f"means of 100 groups, {ROWS:,} ragged pairs")
    mean = pl.col("score").mean()
    entered.add(
        "score_batch, then group_by",
        lambda: pairs.select("group", score=scores(pairs)).group_by("group").agg(mean),
    )
    entered.add(
        "with_columns, then group_by",
        lambda: pairs.lazy().select("group", score=SCORE).group_by("group").agg(mean).collect(),
    )
    entered.add(
        "in group_by().agg()", lambda: pairs.lazy().group_by("group").agg(SCORE.mean()).collect()
    )
    return entered


def main() -> None:
    lengths = np.resize(QUESTIONNAIRE, ROWS)
    group = np.arange(ROWS) // 7 % 100
    ragged = pl.DataFrame({"model": lists(lengths, 1), "human": lists(lengths, 2), "group": group})
    ten = np.full(ROWS, 10)
    arrays = pl.DataFrame({"model": lists(ten, 3), "human": lists(ten, 4)}).cast(
        pl.Array(float, 10)
    )
    races = [race("ragged pairs", ragged), race("arrays of 10", arrays), grouped(ragged)]
    print(f"polars {pl.__version__}, doxa {doxa.__version__}")
    print(table([timing for entered in races for timing in entered.run(25, 20.0)]))


if __name__ == "__main__":
    main()

"""Make the published shares that the package ships, from one table of them.

    python data/published/make_published.py wvs7_published.csv wvs7_samples.csv

Rows of GlobalOpinionQA go to a file of their own, beside their licence. Rows tabulated from the
survey's files are not written: `doxa.survey.sample` has their counts.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import polars as pl

SURVEY = Path(__file__).resolve().parents[2] / "python" / "doxa" / "survey"
OPINIONS = SURVEY / "globalopinionqa" / "shares.parquet"
OTHERS = SURVEY / "world_shares.parquet"
SAMPLES = SURVEY / "world_samples.csv"

CELL = ["country", "question"]
TABULATED, GLOBALOPINIONQA = "tabulated", "globalopinionqa"
UNIT = {
    GLOBALOPINIONQA: 0.001,
    "wvs-results-by-country": 0.001,
    "simllm-culture-dist": 0.0001,
    "mena-values": 0.0001,
}
"""The last digit of the shares that a source publishes."""
OTHER_ITEM = {
    "LBY": ["Q83", "Q84", "Q85", "Q86", "Q87", "Q88", "Q89", "Q90"],
    "TUR": ["Q246", "Q247", "Q248", "Q249", "Q250"],
}
"""Cells whose unweighted shares are those of another item.

Libya's Q83 to Q86 hold Q86 to Q89 and Turkey's Q246 to Q249 hold Q247 to Q250, to the rounding; the
rest of both blocks is as far off. In Turkey's Q245 the only shares are those of Q246.
"""
NOT_THEIRS = ("TUR", "Q245")
PRINTED = 1e-6
"""The last digit of the shares in the table; the largest of a cell takes what is left to 1."""


def total_of(shares: np.ndarray, unit: float) -> float | None:
    """Find what the published shares of a cell added up to before they were divided by it.

    They were whole multiples of the unit. The largest total for which all but the largest share
    are so again is taken; None if there is none.
    """
    totals = np.arange(round(1.01 / unit), round(0.3 / unit), -1)
    rest = np.outer(totals, np.sort(shares)[:-1])
    fits = (np.abs(rest - np.round(rest)) <= 0.6 * PRINTED * totals[:, None]).all(axis=1)
    return float(totals[fits.argmax()] * unit) if fits.any() else None


def with_rounding(table: pl.DataFrame) -> pl.DataFrame:
    """Add how far each share may be from the exact one: half a unit, divided by the total.

    Where the total is not found, the smallest one of the question and source is taken.
    """
    totals = [
        (*key, UNIT[source], total_of(cell["share"].to_numpy(), UNIT[source]))
        for (*key, source), cell in table.group_by(*CELL, "source", maintain_order=True)
    ]
    found = pl.DataFrame(totals, schema=[*CELL, "unit", "total"], orient="row")
    joined = table.join(found, on=CELL, maintain_order="left")
    least = pl.col("total").min().over("question", "source")
    total = pl.coalesce("total", least, pl.col("total").min())
    return joined.with_columns(rounding=(pl.col("unit") / (2 * total)).round(8)).drop(
        "unit", "total"
    )


def without_other_items(table: pl.DataFrame) -> pl.DataFrame:
    """Leave out shares that the table has under the wrong item."""
    cell = pl.struct(CELL)
    wrong = [{"country": c, "question": q} for c, items in OTHER_ITEM.items() for q in items]
    (country, question) = NOT_THEIRS
    return table.filter(
        ~((pl.col("country") == country) & (pl.col("question") == question))
    ).with_columns(share_unweighted=pl.when(~cell.is_in(wrong)).then("share_unweighted"))


def make(path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split the table into the rows of GlobalOpinionQA and the others."""
    number = pl.col("question").str.slice(1).cast(pl.Int64)
    table = pl.read_csv(path).filter(pl.col("source") != TABULATED).sort("country", number, "code")
    table = with_rounding(without_other_items(table))
    opinions = table.filter(source=GLOBALOPINIONQA)
    # Unweighted shares of the same cells come from other tables, so they are not in that file.
    unweighted = opinions.drop_nulls("share_unweighted").with_columns(
        share=None, weighted=None, source=None, rounding=None
    )
    others = pl.concat([table.filter(pl.col("source") != GLOBALOPINIONQA), unweighted])
    columns = ["share", "share_unweighted", "rounding", "weighted", "source"]
    return (
        opinions.select(*CELL, "code", "share", "rounding"),
        others.select(*CELL, "code", *columns),
    )


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit((__doc__ or "").strip())
    for made, place in zip(make(Path(sys.argv[1])), (OPINIONS, OTHERS), strict=True):
        made.write_parquet(place, compression="zstd", compression_level=19)
    shutil.copyfile(sys.argv[2], SAMPLES)

"""Make the counts that the package ships from `counts.csv`.

Run `python data/wvs/make_sample.py`.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from doxa.survey import check_counts

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parent.parent / "python" / "doxa" / "survey" / "wvs_sample.parquet"


def make() -> pl.DataFrame:
    """Read the tabulated counts and order them by wave, country, question and code."""
    counts = pl.read_csv(HERE / "counts.csv")
    number = pl.col("question").str.slice(1).cast(pl.Int64)
    return check_counts(counts.sort("wave", "country", number, "code"), "counts.csv", survey="WVS")


if __name__ == "__main__":
    make().write_parquet(SAMPLE, compression="zstd", compression_level=19)

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
    # The survey's country files of wave 6 have no weights; in the others a weight may be 1 for all.
    counts = pl.read_csv(HERE / "counts.csv").with_columns(
        weighted=pl.col("wave") != 6, source=pl.lit("tabulated")
    )
    number = pl.col("question").str.slice(1).cast(pl.Int64)
    return check_counts(counts.sort("wave", "country", number, "code"), "counts.csv", survey="WVS")


if __name__ == "__main__":
    made = make()
    held = [column.name for column in made if column.null_count() < made.height]
    made.select(held).write_parquet(SAMPLE, compression="zstd", compression_level=19)

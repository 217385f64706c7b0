"""Make `exports.parquet` from the two tables of real exports' headers and labels.

    python tests/survey/inventory/make_inventory.py FOLDER

FOLDER holds ``headers.csv`` (file, position, header) and ``labels.csv`` (file, header, label, type,
n). Neither holds a respondent: only what each column's cells say and how often.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

TARGET = Path(__file__).with_name("exports.parquet")


def inventory(folder: Path) -> pl.DataFrame:
    """List each file's columns in order, with the counts of what their cells say.

    `distinct` says how many values a column of many values has; `label` and `n` are then only the
    most frequent ones. A column that identifies people or places has neither.
    """
    headers = pl.read_csv(folder / "headers.csv", schema_overrides={"position": pl.UInt16})
    labels = pl.read_csv(folder / "labels.csv", schema_overrides={"n": pl.UInt32})
    many = pl.col("label").str.extract(r"^<(\d+) distinct values>$").cast(pl.UInt32)
    labels = labels.with_columns(distinct=many)
    distinct = labels.filter(pl.col("distinct").is_not_null()).select("file", "header", "distinct")
    counted = labels.filter(pl.col("distinct").is_null()).select("file", "header", "label", "n")
    return (
        headers.join(distinct, on=["file", "header"], how="left", maintain_order="left")
        .join(counted, on=["file", "header"], how="left", maintain_order="left")
        .select("file", "position", "header", "distinct", "label", "n")
    )


if __name__ == "__main__":
    inventory(Path(sys.argv[1])).write_parquet(TARGET, compression="zstd", compression_level=22)

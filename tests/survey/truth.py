"""Comparison of the data read from a made-up file with its true values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from polars.testing import assert_frame_equal

from doxa.survey import read_survey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item

__all__ = ["assert_true", "tabulated"]


def tabulated(path: Path, items: Mapping[str, Item]) -> pl.DataFrame:
    counts = read_survey(path, items).microdata.counts()
    return counts.filter(pl.col("n") > 0).select("country", "question", "code", "n", "weighted_n")


def assert_true(counts: pl.DataFrame, truth: pl.DataFrame) -> None:
    assert_frame_equal(counts.sort("country", "question", "code"), truth, abs_tol=1e-9)

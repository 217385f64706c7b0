from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.report import write_figures
from report.invented import evaluation_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def one(frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """What was read from the stated percentages; effects on the country that a steering names."""
    few = {
        name: frame.filter(elicitation="verbalized") if "elicitation" in frame.columns else frame
        for name, frame in frames.items()
    }
    return few | {"steering": few["steering"].filter(pl.col("target") == pl.col("country"))}


@pytest.fixture(scope="session")
def written(
    tmp_path_factory: pytest.TempPathFactory, one: dict[str, pl.DataFrame]
) -> dict[str, Path]:
    paths = write_figures(tmp_path_factory.mktemp("figures"), evaluation_of(one))
    return {path.name: path for path in paths}

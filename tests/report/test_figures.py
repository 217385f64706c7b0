from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import ReportError
from doxa.report import write_figures

from .invented import evaluation_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def one(frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """What was read from the stated percentages; effects on the country that a steering names."""
    few = {
        name: frame.filter(elicitation="verbalized") if "elicitation" in frame.columns else frame
        for name, frame in frames.items()
    }
    return few | {"steering": few["steering"].filter(pl.col("target") == pl.col("country"))}


@pytest.fixture(scope="module")
def written(
    tmp_path_factory: pytest.TempPathFactory, one: dict[str, pl.DataFrame]
) -> dict[str, Path]:
    paths = write_figures(tmp_path_factory.mktemp("figures"), evaluation_of(one))
    return {path.name: path for path in paths}


def test_each_figure_is_written_as_svg_and_png(written: dict[str, Path]) -> None:
    names = [f"{kind}-tiny-model-verbalized-7" for kind in ("forest", "heat-map", "steering")]
    names += [
        f"{kind}-tiny-model-verbalized-7-{language}-a"
        for kind in ("map", "verdicts")
        for language in ("en", "es", "ja")
    ]
    names.append("reliability-tiny-model-verbalized")
    endings = ("png", "svg")
    assert sorted(written) == sorted(f"{name}.{ending}" for name in names for ending in endings)
    for name, path in written.items():
        start = b"\x89PNG" if name.endswith("png") else b"<svg"
        assert path.read_bytes().startswith(start)


def test_the_forest_shows_every_interval(
    written: dict[str, Path], one: dict[str, pl.DataFrame]
) -> None:
    forest = written["forest-tiny-model-verbalized-7.svg"].read_text(encoding="utf-8")
    for row in one["alignment"].rows(named=True):
        assert f"{row['estimate']:.3f} [{row['low']:.2f}, {row['high']:.2f}]" in forest
    assert "var(--" not in forest


def test_the_map_colours_every_country(written: dict[str, Path]) -> None:
    drawn = written["map-tiny-model-verbalized-7-en-a.svg"].read_text(encoding="utf-8")
    assert drawn.count('fill="rgb') == 3


def test_steering_and_reliability_have_figures(
    written: dict[str, Path], one: dict[str, pl.DataFrame]
) -> None:
    drawn = written["steering-tiny-model-verbalized-7.svg"].read_text(encoding="utf-8")
    for estimate in one["steering"]["estimate"]:
        assert f"{estimate:+.3f}".replace("-", "−") in drawn
    assert "Japan · ja" in drawn
    counted = written["reliability-tiny-model-verbalized.svg"].read_text(encoding="utf-8")
    assert "refused" in counted


def test_without_effects_there_is_no_figure_of_steering(
    tmp_path: Path, one: dict[str, pl.DataFrame]
) -> None:
    few = one | {"steering": pl.DataFrame(), "alignment": one["alignment"].head(1)}
    written = write_figures(tmp_path, evaluation_of(few))
    assert {path.name.split("-")[0] for path in written} == {
        "forest", "heat", "map", "verdicts", "reliability",
    }  # fmt: skip


def test_folder_that_cannot_be_written(tmp_path: Path, frames: dict[str, pl.DataFrame]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="choose another place"):
        write_figures(tmp_path / "file", evaluation_of(frames))

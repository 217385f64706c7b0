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
        f"{kind}-tiny-model-verbalized-7-{language}"
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
    drawn = written["map-tiny-model-verbalized-7-en.svg"].read_text(encoding="utf-8")
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


def test_names_from_outside_stay_in_the_folder_and_replace_no_other_figure(
    tmp_path: Path, one: dict[str, pl.DataFrame]
) -> None:
    few = one["alignment"].filter(language="en", target="", country="JPN").head(1)
    outside = few.with_columns(group=pl.lit("../../a"), model=pl.lit("a/b"))
    over_time = few.with_columns(steering=pl.lit("time-6"), model=pl.lit("a/b"))
    alignment = pl.concat([outside, over_time, few.with_columns(model=pl.lit("a/b"))])
    frames = one | {"alignment": alignment, "steering": pl.DataFrame(), "replies": one["replies"]}
    written = write_figures(tmp_path / "in", evaluation_of(frames))
    assert {path.parent for path in written} == {tmp_path / "in"}
    assert sorted((tmp_path / "in").iterdir()) == sorted(set(written))
    assert len(set(written)) == len(written)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from doxa.errors import ReportError
from doxa.report import write_figures, write_tables

if TYPE_CHECKING:
    from pathlib import Path


def test_tables_come_back(tmp_path: Path, frames: dict[str, pl.DataFrame]) -> None:
    written = write_tables(tmp_path / "new", {"replies": frames["replies"]})
    assert [path.name for path in written] == ["replies.csv", "replies.parquet"]
    assert_frame_equal(pl.read_parquet(written[1]), frames["replies"])
    csv = pl.read_csv(written[0])
    assert [json.loads(codes) for codes in csv["codes"]] == frames["replies"]["codes"].to_list()


def test_tables_of_numbers_are_written_for_latex(
    tmp_path: Path, frames: dict[str, pl.DataFrame]
) -> None:
    short = frames["alignment"].head(2).select("model", "country", "estimate")
    written = write_tables(tmp_path, {"alignment": short}, titles={"alignment": "R&D"})
    assert [path.suffix for path in written] == [".csv", ".parquet", ".tex"]
    latex = written[2].read_text(encoding="utf-8")
    assert r"\caption{R\&D}" in latex
    first, second = short["estimate"]
    assert f"tiny-model & COL & {first:.3f} \\\\\ntiny-model & JPN & {second:.3f} \\\\" in latex


def test_figures_show_every_interval(tmp_path: Path, frames: dict[str, pl.DataFrame]) -> None:
    one = frames["alignment"].filter(elicitation="verbalized")
    written = {path.name: path for path in write_figures(tmp_path, alignment=one)}
    assert sorted(written) == [
        f"{kind}-tiny-model-verbalized-7.{ending}"
        for kind in ("forest", "heat-map")
        for ending in ("png", "svg")
    ] + [
        f"{kind}-tiny-model-verbalized-7-{language}-a.{ending}"
        for kind in ("map", "verdicts")
        for language in ("en", "es", "ja")
        for ending in ("png", "svg")
    ]
    forest = written["forest-tiny-model-verbalized-7.svg"].read_text(encoding="utf-8")
    for row in one.rows(named=True):
        assert f"{row['estimate']:.3f} [{row['low']:.2f}, {row['high']:.2f}]" in forest
    assert "var(--" not in forest
    drawn = written["map-tiny-model-verbalized-7-en-a.svg"].read_text(encoding="utf-8")
    assert drawn.count('fill="rgb') == 3
    assert written["forest-tiny-model-verbalized-7.png"].read_bytes().startswith(b"\x89PNG")


def test_steering_and_reliability_have_figures(
    tmp_path: Path, frames: dict[str, pl.DataFrame]
) -> None:
    one = {
        "alignment": frames["alignment"].filter(elicitation="verbalized", language="en").head(3),
        "replies": frames["replies"].filter(elicitation="verbalized"),
    }
    effects = frames["steering"].filter(
        pl.col("target") == pl.col("country"), elicitation="verbalized"
    )
    written = {path.name: path for path in write_figures(tmp_path, steering=effects, **one)}
    drawn = written["steering-tiny-model-verbalized-7.svg"].read_text(encoding="utf-8")
    for estimate in effects["estimate"]:
        assert f"{estimate:+.3f}".replace("-", "−") in drawn
    assert "Japan · ja" in drawn
    assert "refused" in written["reliability-tiny-model-verbalized.svg"].read_text(encoding="utf-8")


def test_folder_that_cannot_be_written(tmp_path: Path, frames: dict[str, pl.DataFrame]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match=r"cannot write into .*; choose another place"):
        write_tables(tmp_path / "file", {"alignment": frames["alignment"]})
    with pytest.raises(ReportError, match="choose another place"):
        write_figures(tmp_path / "file", alignment=frames["alignment"])

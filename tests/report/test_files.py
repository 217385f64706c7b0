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


def test_figures_show_every_interval(tmp_path: Path, frames: dict[str, pl.DataFrame]) -> None:
    one = frames["alignment"].filter(elicitation="verbalized")
    written = {path.name: path for path in write_figures(tmp_path, alignment=one)}
    assert sorted(written) == [
        f"{kind}-tiny-model-verbalized-7.{ending}"
        for kind in ("forest", "heat-map")
        for ending in ("png", "svg")
    ]
    forest = written["forest-tiny-model-verbalized-7.svg"].read_text(encoding="utf-8")
    for row in one.rows(named=True):
        assert f"{row['estimate']:.3f} [{row['low']:.2f}, {row['high']:.2f}]" in forest
    assert "var(--" not in forest
    assert written["forest-tiny-model-verbalized-7.png"].read_bytes().startswith(b"\x89PNG")


def test_folder_that_cannot_be_written(tmp_path: Path, frames: dict[str, pl.DataFrame]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match=r"cannot write into .*; choose another place"):
        write_tables(tmp_path / "file", {"alignment": frames["alignment"]})
    with pytest.raises(ReportError, match="choose another place"):
        write_figures(tmp_path / "file", alignment=frames["alignment"])

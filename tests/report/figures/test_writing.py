from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl
import pytest
from made_up import made_up_evaluation

from doxa.errors import ReportError
from doxa.report import write_figures
from doxa.report.figures.parts import Shown
from doxa.report.figures.writing import MAKERS
from doxa.report.sections import SECTIONS
from report.invented import evaluation_of

if TYPE_CHECKING:
    from pathlib import Path


def test_each_figure_is_written_in_three_formats(written: dict[str, Path]) -> None:
    names = [f"{kind}-tiny-model-verbalized-7" for kind in ("forest", "heat-map", "steering")]
    names += [
        f"{kind}-tiny-model-verbalized-7-{language}"
        for kind in ("map", "verdicts")
        for language in ("en", "es", "ja")
    ]
    names += [f"neighbours-tiny-model-verbalized-{how}" for how in ("persona", "few-shot")]
    names.append("reliability-tiny-model-verbalized")
    endings = ("pdf", "png", "svg")
    assert sorted(written) == sorted(f"{name}.{ending}" for name in names for ending in endings)
    starts = {"pdf": b"%PDF", "png": b"\x89PNG", "svg": b"<svg"}
    for name, path in written.items():
        assert path.read_bytes().startswith(starts[name.rpartition(".")[2]])


def test_fonts_are_within_the_pdf(written: dict[str, Path]) -> None:
    """A subset of the font, as a stream: its name then begins with six letters and a plus."""
    content = written["forest-tiny-model-verbalized-7.pdf"].read_bytes()
    assert re.search(rb"/FontName\s*/[A-Z]{6}\+", content)
    assert re.search(rb"/FontFile[23]\s", content)
    assert b"/Subtype /Image" not in content


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


FIGURES = {
    "answer": {"map", "forest"},
    "summary": set(),
    "countries": {"forest", "verdicts"},
    "models": {"leaderboard", "models", "difference", "changes"},
    "grid": {"heat", "own", "language"},
    "steering": {"steering", "targeting"},
    "time": {"nearest", "wave"},
    "neighbours": {"neighbours"},
    "culture": set(),
    "items": set(),
    "reliability": {"reliability"},
    "further": {"form", "order", "shape", "structure"},
    "methods": set(),
}
"""By section of the page, how the names of its figures begin.

What stands out is told with numbers of the other sections; an item's answers are a figure of
`doxa survey show`; made-up countries have no place on the cultural map.
"""


def test_every_section_with_charts_has_figures() -> None:
    shown = Shown(made_up_evaluation())
    names = {name.split("-")[0] for make in MAKERS for name, _ in make(shown)}
    assert set(FIGURES) == {"answer", *(section.id for section in SECTIONS)}
    for kinds in FIGURES.values():
        assert kinds <= names

from __future__ import annotations

from typing import TYPE_CHECKING

from tiny_models import random_model

from doxa.demo import CONDITIONS, NOTICE, run, run_demo

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_it_asks_scores_and_reports_and_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "demo_model", lambda **_: random_model())
    told: list[tuple[int, int]] = []

    def tell(done: int, total: int, _: float) -> None:
        told.append((done, total))

    page, evaluation = run_demo(tmp_path / "demo", n_items=2, progress=tell)
    cells = len(CONDITIONS) * 2 * 2
    assert told[-1] == (cells, cells)
    assert evaluation.replies.height == cells
    assert page == tmp_path / "demo" / "report.html"
    text = page.read_text(encoding="utf-8")
    assert f"<h1>{run.TITLE}</h1>" in text
    assert NOTICE in text
    told.clear()
    again, _ = run_demo(tmp_path / "demo", n_items=2, progress=tell)
    assert (again, told) == (page, [(cells, cells)])

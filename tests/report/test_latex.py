from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.report.latex import latex_table

if TYPE_CHECKING:
    from pathlib import Path


def test_missing_and_negative_numbers() -> None:
    table = latex_table(pl.DataFrame({"x": [-0.25, None, float("nan")], "n": [-1, 2, 3]}), "t", "t")
    assert "\n$-0.250$ & $-1$ \\\\\n-- & 2 \\\\\n-- & 3 \\\\\n" in table


def test_long_tables_run_over_pages() -> None:
    table = latex_table(pl.DataFrame({"x": range(41)}), "t", "t")
    assert table.startswith(r"\begin{longtable}{r}")
    assert table.count(r"\\") == 41 + 2


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="LaTeX is not installed")
def test_latex_takes_it(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a_b": ["[50%] & more", "*{x} <y> | \x1b"], "n": [1.5, -2.0]})
    body = latex_table(frame, "R&D", "rd")
    source = (
        rf"\documentclass{{article}}\usepackage{{booktabs}}\begin{{document}}{body}\end{{document}}"
    )
    (tmp_path / "t.tex").write_text(source, encoding="utf-8")
    subprocess.run(["pdflatex", "-halt-on-error", "t.tex"], cwd=tmp_path, check=True)


def test_what_steers_a_terminal_or_latex_itself_is_only_text() -> None:
    table = latex_table(pl.DataFrame({"model": ["\x1b[31mred", "[9cm]", "*"]}), "t", "t")
    assert "\x1b" not in table
    assert "\n{[}9cm] \\\\\n{*} \\\\\n" in table

"""Every block of code on every page runs, in the page's order; those that do not say why."""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from doxa.survey import read_counts

from .pages import DOCS, PAGES, ROOT, Block, blocks, run_python, run_shell

EXCUSES = {
    "not run by the tests: installs from the package index",
    "not run by the tests: needs a server",
    "not run by the tests: needs several machines",
    "not run by the tests: needs Slurm",
    "not run by the tests: takes minutes, and is what runs them",
}
ELSEWHERE = {DOCS / "how-to" / "scoring.md"}
"""Its programs run in `tests/cluster/scoring/test_engines.py` and `tests/test_polars.py`."""
WITH_RAY = {DOCS / "how-to" / "cluster.md"}
RUN = [page for page in PAGES if blocks(page) and page not in ELSEWHERE | WITH_RAY]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def run(page: Path) -> None:
    names: dict[str, Any] = {}
    printed = ""
    for block in blocks(page):
        if block.excuse:
            assert block.excuse in EXCUSES, f"{block}: {block.excuse!r} is not in EXCUSES"
        elif block.printed:
            assert block.text == printed, f"{block} is not what the block before it printed"
        else:
            printed = _run(block, names)
    if "r" in names:
        _run_r("".join(names["r"]))


def _run(block: Block, names: dict[str, Any]) -> str:
    if block.language == "python":
        return run_python(block.text, str(block), names)
    if block.language == "sh":
        return run_shell(block.text)
    if block.language == "toml":
        assert tomllib.loads(block.text)
    elif block.language == "json":
        assert json.loads(block.text)
    elif block.language == "r":
        names.setdefault("r", []).append(block.text)
    elif block.language == "csv":
        Path("block.csv").write_text(block.text, encoding="utf-8")
        assert read_counts("block.csv").height
    elif block.language != "text":  # which is no program
        raise AssertionError(f"{block}: nothing is known that runs {block.language!r}")
    return ""


def _run_r(text: str) -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed: run  make r")
    Path("page.R").write_text(text, encoding="utf-8")
    done = subprocess.run(["Rscript", "page.R"], capture_output=True, text=True, check=False)
    if "there is no package called" in done.stderr:
        pytest.skip("R has no ggplot2: run  make r")
    assert done.returncode == 0, done.stderr
    for figure in ("forest.pdf", "steering.pdf"):
        assert Path(figure).read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("page", RUN, ids=name)
@pytest.mark.usefixtures("beside")
def test_the_blocks_of(page: Path) -> None:
    run(page)


@pytest.mark.alone
@pytest.mark.cluster
@pytest.mark.parametrize("page", sorted(WITH_RAY), ids=name)
@pytest.mark.usefixtures("beside")
def test_the_blocks_with_a_cluster_of(page: Path) -> None:
    shutil.rmtree("runs/x")  # what the page makes
    run(page)


def test_every_excuse_is_used() -> None:
    assert {block.excuse for page in PAGES for block in blocks(page)} - {""} == EXCUSES

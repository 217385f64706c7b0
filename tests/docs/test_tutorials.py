"""Each tutorial runs from its first cell to its last, with a tiny model in place of a real one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tiny_models import bigram

from .pages import NOTEBOOKS, cells, run_python, run_shell

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("doxa.demo.demo_model", lambda **_: bigram())
    monkeypatch.setenv("MODEL", "")


def run(notebook: Path) -> None:
    names: dict[str, Any] = {}
    for number, (kind, text) in enumerate(cells(notebook)):
        if kind == "python":
            run_python(text, f"{notebook.name}, cell {number}", names)
        elif kind == "sh":
            run_shell(text)


@pytest.mark.parametrize(
    "notebook", [one for one in NOTEBOOKS if one.stem != "cluster"], ids=lambda one: one.stem
)
def test_it_runs(notebook: Path) -> None:
    run(notebook)


@pytest.mark.alone
@pytest.mark.cluster
def test_the_one_with_a_cluster_runs() -> None:
    [notebook] = [one for one in NOTEBOOKS if one.stem == "cluster"]
    run(notebook)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda one: one.stem)
def test_it_begins_with_its_title(notebook: Path) -> None:
    kind, text = next(cells(notebook))
    assert kind == "markdown"
    assert text.startswith("# ")

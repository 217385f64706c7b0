"""An installation without extras: what it does, and that it says at once what it cannot do."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.outside.extras import LIBRARIES

from .shell import doxa, started

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which no library of an extra can be found."""
    folder = tmp_path_factory.mktemp("bare")
    blocked = "".join(f"sys.modules[{name!r}] = None\n" for name in LIBRARIES)
    (folder / "sitecustomize.py").write_text(f"import sys\n{blocked}")
    return {"PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    shown = {"choice_keys": "['1', '2']", "response": "{'1': '40%', '2': '60%'}"}
    rows = [{"question": item} | shown for item in ("Q57", "Q18", "Q19", "Q20")]
    pl.DataFrame(rows).write_csv(tmp_path / "model.csv")
    return tmp_path / "model.csv"


def test_recorded_replies_are_scored_and_reported(
    recorded: Path, bare: dict[str, str], tmp_path: Path
) -> None:
    asked = ("--from", str(recorded), "--resamples", "20")
    scored = started("score", *asked, "--json", **bare)
    assert scored.returncode == 0, scored.stderr
    assert '"alignment"' in scored.stdout
    page, tables = tmp_path / "r.html", tmp_path / "tables"
    done = started("report", *asked, "--out", str(page), "--tables", str(tables), **bare)
    assert done.returncode == 0, done.stderr
    assert "vegaEmbed" in page.read_text(encoding="utf-8")
    assert (tables / "alignment.tex").is_file()
    chart = tmp_path / "Q57.html"
    assert started("survey", "show", "Q57", "--out", str(chart), **bare).returncode == 0
    assert "vegaEmbed" in chart.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        ("ask --model {model} --out {new}", "llama"),
        ("ask --model hf:nobody/nothing --out {new}", "llama"),
        ("ask --model x --server http://127.0.0.1:9/v1 --out {new}", "server"),
        ("ask --model {model} --cluster local --out {new}", "cluster"),
        ("ask --model {model} --dry-run --out {new}", "llama"),
        ("bench --model {model}", "llama"),
        ("prompts show Q6 --model hf:nobody/nothing", "llama"),
        ("prompts sheet ja --out {new}.xlsx", "survey"),
        ("report --from {recorded} --out {new} --figures {new}", "report"),
        ("survey show Q57 --out {new}.svg", "report"),
        ("survey import {recorded} {sav} --out {new}", "survey"),
        ("survey info {sav}", "survey"),
    ],
)
def test_what_is_missing_is_named_before_any_work(
    command: str,
    extra: str,
    recorded: Path,
    tiny: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    sav, new = tmp_path / "survey.sav", tmp_path / "new"
    sav.write_bytes(b"$FL2" + bytes(200))
    before = sorted(tmp_path.iterdir())
    words = command.format(model=tiny, new=new, recorded=recorded, sav=sav).split()
    for library in LIBRARIES:
        monkeypatch.setitem(sys.modules, library, None)
    done = doxa(*words)
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.endswith(f'is not installed: run pip install "doxa[{extra}]"')
    assert sorted(tmp_path.iterdir()) == before

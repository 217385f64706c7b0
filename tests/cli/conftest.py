from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest
from tiny_gguf import byte_words, write_random

from doxa.cli import advancing, main

from . import shell

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Doxa = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="package")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two layers with random weights: its answers have no meaning."""
    path = tmp_path_factory.mktemp("models") / "tiny.gguf"
    write_random(path, byte_words())
    return path


@pytest.fixture(scope="package")
def run(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "small"
    done = shell.doxa(
        *("ask", "--model", str(tiny), "--out", str(folder), "--questions", "Q1,Q46,Q57"),
        "--fast",
        *("--steering", "none,language_persona", "--targets", "JPN,COL"),
    )
    assert done.returncode == 0, done.stderr
    assert "18 ok" in done.stderr
    return folder


@pytest.fixture
def doxa(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Doxa:
    """Call the command line in this process: exit status, standard output, standard error."""

    # on a busy machine, lines of progress would come between those that tests compare
    monkeypatch.setattr(advancing, "EVERY", 60.0)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["doxa", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    return call


@pytest.fixture
def fails(doxa: Doxa) -> Callable[..., None]:
    def call(*arguments: str, says: str) -> None:
        status, out, err = doxa(*arguments)
        assert (status, out) == (1, ""), err
        assert re.search(says, err), err
        assert len(err.strip().splitlines()) == 1
        assert "Traceback" not in err

    return call

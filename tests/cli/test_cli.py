"""Common to all commands: help, exit status, errors of one line."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from doxa import cli

from .shell import doxa, refused, started


def test_usage_errors_exit_with_two() -> None:
    assert started("scores").returncode == 2
    assert doxa("export", "runs/x").returncode == 2
    assert doxa("--version").stdout.startswith("doxa ")


def test_doxa_is_on_the_path() -> None:
    assert shutil.which("doxa", path=str(Path(sys.executable).parent))


def test_a_library_that_cannot_be_imported_is_told(tiny: Path, tmp_path: Path) -> None:
    hide = tmp_path / "hide"
    hide.mkdir()
    (hide / "llama_cpp.py").write_text("raise ImportError('libggml.so: no such file')")
    out = str(tmp_path / "run")
    path = os.pathsep.join((str(hide), os.environ.get("PYTHONPATH", "")))
    refused(
        started("ask", "--model", str(tiny), "--out", out, PYTHONPATH=path),
        says=r"llama-cpp-python cannot be loaded \(libggml.so: no such file\): install it anew",
    )


def test_memory_that_runs_out_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def greedy() -> None:
        raise MemoryError("Unable to allocate 74.5 GiB")

    monkeypatch.setattr(cli, "app", greedy)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("doxa: memory ran out (Unable to allocate 74.5 GiB): ask for fewer")
    assert said.count("\n") == 1

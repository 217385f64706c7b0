from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import llama_cpp
import pytest

import doxa
from doxa.doctor import examination as module
from doxa.doctor import examine
from doxa.outside.processor import cores
from doxa.score.core import core_use

if TYPE_CHECKING:
    from pathlib import Path


def test_this_installation_is_examined_as_it_is() -> None:
    found = examine()
    assert (found.doxa, found.cores) == (doxa.__version__, cores())
    assert (found.core.instruction_set, found.core.threads) == core_use()[::2]
    assert found.llama is not None
    assert found.llama.version == llama_cpp.__version__
    assert found.llama.used
    assert found.llama.error == ""
    assert json.loads(json.dumps(found.as_dict()))["llama"]["version"] == llama_cpp.__version__


def test_without_llama_cpp_nothing_is_said_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    assert examine().llama is None


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", "SIGILL"),
        (
            "raise OSError('libggml.so: cannot open shared object file')",
            "cannot be loaded (libggml",
        ),
        ("import nothing_of_this_name", "cannot be loaded (No module named"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_library_that_does_not_run_here_is_survived(
    text: str, error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "llama_cpp.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    assert error in module._llama().error


def test_a_core_that_does_not_load_is_told() -> None:
    code = (
        "import sys; sys.modules['doxa._core'] = None\n"
        "from doxa.doctor import examine, judge\n"
        "print(judge(examine())[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "doxa's core does not work: it cannot be loaded" in done.stdout
    assert "pip install --force-reinstall --no-deps doxa" in done.stdout


def test_a_wrong_variable_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "from doxa.doctor import examine, judge; print(judge(examine())[0])"
    monkeypatch.setenv("DOXA_NUM_THREADS", "many")
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "DOXA_NUM_THREADS=many is not a number of threads" in done.stdout
    assert "remedy='unset DOXA_NUM_THREADS'" in done.stdout

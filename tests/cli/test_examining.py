"""`doxa doctor`."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import doxa as package

from .shell import doxa, started

if TYPE_CHECKING:
    from pathlib import Path


def test_the_installation_is_described_and_nothing_is_broken() -> None:
    done = doxa("doctor")
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"doxa {package.__version__}, Python {sys.version.split()[0]}, ")
    told = [line.partition(" ")[0] for line in lines]
    assert {"processor", "core", "libraries", "llama", "llama.cpp"} <= set(told)
    assert "broken" not in done.stdout.replace("nothing is broken", "")
    assert done.stderr == ""


def test_what_is_broken_or_slow_is_told_with_its_remedy() -> None:
    slow = started("doctor", DOXA_NUM_THREADS="1", DOXA_ISA="sse2")
    assert slow.returncode == 0
    assert "\n    unset DOXA_ISA\n" in slow.stdout
    broken = started("doctor", "--json", DOXA_ISA="mmx")
    assert broken.returncode == 1
    found = json.loads(broken.stdout)
    assert found["findings"][0] == {
        "kind": "broken",
        "what": "doxa's core does not work: DOXA_ISA=mmx is not sse2, avx2 or avx512: unset it to "
        "use the widest",
        "remedy": "unset DOXA_ISA",
    }


def test_a_llama_cpp_built_for_another_processor_is_told(tmp_path: Path) -> None:
    (tmp_path / "llama_cpp.py").write_text("import os; os.kill(os.getpid(), 4)")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = started("doctor", PYTHONPATH=path)
    assert done.returncode == 1
    assert "broken: llama.cpp does not run here; it was built for another processor" in done.stdout
    assert "    CMAKE_ARGS=-DGGML_NATIVE=ON pip install" in done.stdout

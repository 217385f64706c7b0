from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tiny_gguf import byte_words, write_random

from .shell import doxa

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="package")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two layers with random weights: its answers have no meaning."""
    path = tmp_path_factory.mktemp("models") / "tiny.gguf"
    write_random(path, byte_words())
    return path


@pytest.fixture(scope="package")
def run(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "small"
    done = doxa(
        *("ask", "--model", str(tiny), "--out", str(folder), "--questions", "Q1,Q46,Q57"),
        *("--steering", "none,language_persona", "--targets", "JPN,COL"),
    )
    assert done.returncode == 0, done.stderr
    assert "18 ok" in done.stderr
    return folder

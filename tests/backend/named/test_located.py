from __future__ import annotations

from pathlib import Path

from doxa.backend.named import Located


def test_a_path_says_nothing_of_where_a_file_came_from() -> None:
    found = Located(Path("model.gguf"), "model")
    assert (found.origin, found.sha256) == ({}, "")

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.backend import shards
from doxa.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_model_in_several_files_is_all_of_them(tmp_path: Path) -> None:
    files = [tmp_path / f"big-{n:05d}-of-00003.gguf" for n in (1, 2, 3)]
    for file in files:
        file.touch()
    assert shards.parts(files[0]) == files
    assert shards.parts(tmp_path / "one.gguf") == [tmp_path / "one.gguf"]


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    for n in (1, 3):
        (tmp_path / f"big-{n:05d}-of-00003.gguf").touch()
    first = tmp_path / "big-00001-of-00003.gguf"
    with pytest.raises(ModelError, match=r"of which 1 are missing \(big-00002-of-00003"):
        shards.parts(first)


def test_a_later_part_names_the_first(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="part 2 of 3: give the first, big-00001-of-00003"):
        shards.parts(tmp_path / "big-00002-of-00003.gguf")

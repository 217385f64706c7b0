from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest
from tiny_models import random_model, requests

from doxa.backend import gguf
from doxa.backend.llama_cpp import LlamaCpp
from doxa.errors import InvalidArgumentError, ModelError

if TYPE_CHECKING:
    from pathlib import Path


def test_fingerprint_is_the_sha256_of_the_content() -> None:
    file = random_model()
    assert gguf.fingerprint(file) == hashlib.sha256(file.read_bytes()).hexdigest()


def test_all_files_of_a_split_model_are_in_its_fingerprint(tmp_path: Path) -> None:
    files = [tmp_path / f"big-0000{part}-of-00002.gguf" for part in (1, 2)]
    for file, content in zip(files, (b"GGUF one", b"GGUF two"), strict=True):
        file.write_bytes(content)
    expected = hashlib.sha256(b"GGUF oneGGUF two").hexdigest()
    assert gguf.fingerprint(files[0]) == expected
    files[1].unlink()
    with pytest.raises(ModelError, match="00002-of-00002"):
        gguf.fingerprint(files[0])


def test_a_folder_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read: is a directory"):
        gguf.check(tmp_path)


def test_a_requantised_model_is_another_one_that_works(tmp_path: Path) -> None:
    source = random_model()
    smaller = gguf.requantize(source, tmp_path / "cache" / "q8.gguf", "Q8_0")
    assert smaller.stat().st_size < source.stat().st_size
    assert gguf.fingerprint(smaller) != gguf.fingerprint(source)
    assert [file.name for file in smaller.parent.iterdir()] == ["q8.gguf"]
    with LlamaCpp(smaller) as backend:
        assert len(list(backend.ask(requests([1])))) == 3


def test_a_failed_requantisation_leaves_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(random_model().read_bytes()[:50_000])
    with pytest.raises(ModelError, match="cannot re-quantise"):
        gguf.requantize(broken, tmp_path / "out" / "q8.gguf", "Q8_0")
    assert list((tmp_path / "out").iterdir()) == []
    with pytest.raises(InvalidArgumentError, match="Q9"):
        gguf.requantize(broken, tmp_path / "q9.gguf", "Q9")


def test_a_destination_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelError, match="cannot write"):
        gguf.requantize(random_model(), tmp_path / "file" / os.fspath("q8.gguf"), "Q8_0")

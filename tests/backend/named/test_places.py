from __future__ import annotations

import sys
from pathlib import Path

import pytest

from doxa.backend.named.places import cache_folder, files_below, gpt4all, llama_cpp


@pytest.fixture(autouse=True)
def no_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LLAMA_CACHE", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")


def test_the_cache_of_llama_cpp(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert llama_cpp() == home / ".cache" / "llama.cpp"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert llama_cpp() == home / "Library" / "Caches" / "llama.cpp"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert llama_cpp() == Path("/local/llama.cpp")
    monkeypatch.setenv("LLAMA_CACHE", "/elsewhere")
    assert llama_cpp() == Path("/elsewhere")


def test_where_doxa_keeps_files(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOXA_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    assert cache_folder() == Path("/home/me/.cache/doxa")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert cache_folder() == Path("/cache/doxa")
    monkeypatch.setenv("DOXA_CACHE", "/here")
    assert cache_folder() == Path("/here")


def test_the_folders_of_gpt4all(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, library = home / ".local/share/nomic.ai/GPT4All", home / ".cache/gpt4all"
    assert gpt4all() == [program, library]
    settings = home / ".config" / "nomic.ai" / "GPT4All.ini"
    settings.parent.mkdir(parents=True)
    settings.write_text("[General]\nmodelPath=/models/large\nthreadCount=4\n")
    assert gpt4all() == [Path("/models/large"), program, library]
    monkeypatch.setattr(sys, "platform", "darwin")
    assert gpt4all()[1] == home / "Library/Application Support/nomic.ai/GPT4All"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    monkeypatch.setenv("APPDATA", str(home / ".config"))
    assert gpt4all()[:2] == [Path("/models/large"), Path("/local/nomic.ai/GPT4All")]


def test_a_folder_is_looked_through_a_few_folders_deep(tmp_path: Path) -> None:
    for name in ("a.gguf", "b/c.GGUF", "1/2/3/d.gguf", "1/2/3/4/e.gguf", ".venv/f.gguf", "g.bin"):
        file = tmp_path / "here" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (tmp_path / "here" / "loop").symlink_to(tmp_path / "here")
    (tmp_path / "here" / "folder.gguf").mkdir()
    found = [str(file.relative_to(tmp_path / "here")) for file in files_below(tmp_path / "here")]
    assert found == ["a.gguf", "1/2/3/d.gguf", "b/c.GGUF"]
    assert list(files_below(tmp_path / "here", 0)) == [tmp_path / "here" / "a.gguf"]
    assert list(files_below(tmp_path / "absent")) == []

from __future__ import annotations

import importlib.machinery
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from doxa.backend import supported
from doxa.backend.supported import known

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    for one in (known, supported._libraries):
        one.cache_clear()
    yield
    for one in (known, supported._libraries):
        one.cache_clear()


def test_what_llama_cpp_loads_is_known_and_what_it_refuses_is_not() -> None:
    for name in ("llama", "qwen3", "gemma3", "mamba", "rwkv7", "glm4", "gpt-oss", "lfm2", "phi3"):
        assert known(name) is True
    for name in ("llama-of-next-year", "sheep"):
        assert known(name) is False


def test_nothing_is_loaded() -> None:
    code = "from doxa.backend.supported import known; import sys; known('llama')\n"
    code += "assert 'llama_cpp' not in sys.modules and 'ctypes' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_a_library_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supported, "find_spec", lambda _: None)
    assert known("llama") is None
    supported._libraries.cache_clear()
    known.cache_clear()
    spec = importlib.machinery.ModuleSpec("llama_cpp", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(supported, "find_spec", lambda _: spec)
    (tmp_path / "libllama.so.1.2").write_bytes(b"\0sheep\0")
    assert (known("sheep"), known("llama")) == (True, False)

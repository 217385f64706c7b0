from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import llama_cpp
import pytest

from doxa.backend import library
from doxa.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator

ERROR, WARNING = 4, 3


@pytest.fixture
def unloaded() -> Iterator[None]:
    """Forget the library before the test and after it."""
    library.load_library.cache_clear()
    yield
    library.load_library.cache_clear()


@pytest.mark.usefixtures("unloaded")
def test_waiting_threads_sleep_unless_the_user_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    assert library.load_library() is llama_cpp
    assert os.environ["OMP_WAIT_POLICY"] == "passive"
    assert os.environ["GOMP_SPINCOUNT"] == "7"
    assert library.load_library() is library.load_library()


@pytest.mark.usefixtures("unloaded")
def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    with pytest.raises(MissingExtraError, match=r'pip install "doxa\[llama\]"'):
        library.load_library()


def test_the_first_error_is_kept_in_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    with library.listening() as complaint:
        assert complaint() == "llama.cpp gave no reason"
        library._callback(WARNING, b"a warning", None)
        library._callback(ERROR, b"\n", None)
        assert complaint() == "llama.cpp gave no reason"
        library._callback(ERROR, b" out of\n memory \xff\n", None)
        library._callback(ERROR, b"so nothing works", None)
        assert complaint() == "out of memory \N{REPLACEMENT CHARACTER}"
    with library.listening() as complaint:
        assert complaint() == "llama.cpp gave no reason"
    assert capfd.readouterr() == ("", "")

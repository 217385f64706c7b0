"""llama.cpp as a library: loaded once, quietly, with settled threads."""

from __future__ import annotations

import ctypes
import os
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from doxa.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["listening", "load_library"]

_ERROR = 4
_complaints: list[str] = []


@cache
def load_library() -> Any:
    """Return the module ``llama_cpp``, imported on first use.

    OpenMP's waiting threads are told to sleep rather than spin, unless the user has said
    otherwise: spinning threads stalled evaluation for seconds wherever cores are shared.
    What llama.cpp would print is kept for error messages instead.

    Raises
    ------
    MissingExtraError
        llama-cpp-python is not installed.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    try:
        import llama_cpp
    except ImportError:
        raise MissingExtraError("llama-cpp-python", "llama") from None
    llama_cpp.llama_log_set(_callback, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    return llama_cpp


@contextmanager
def listening() -> Iterator[Callable[[], str]]:
    """Yield a function that tells, in one line, what llama.cpp complained of meanwhile."""
    _complaints.clear()
    yield lambda: _complaints[0] if _complaints else "llama.cpp gave no reason"


def _keep(level: int, text: bytes, _: object) -> None:
    line = " ".join(text.decode("utf-8", "replace").split())
    if level == _ERROR and line:
        _complaints.append(line)


# a module's name, because the library calls it as long as the process lives
_callback = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(_keep)

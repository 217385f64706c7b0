"""The library llama.cpp, loaded once and without printing."""

from __future__ import annotations

import ctypes
import os
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from doxa.errors import ModelError
from doxa.files import reason
from doxa.outside.extras import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["listening", "load_library"]

_ERROR: Final = 4
"""The log level of llama.cpp for errors."""

_complaints: list[str] = []


@cache
def load_library() -> Any:
    """Return the module ``llama_cpp``, imported on first use.

    Idle threads of OpenMP are told to sleep, unless the user has set their policy: on shared cores,
    spinning threads stalled evaluation for seconds. The output of llama.cpp is kept for error
    messages.

    Raises
    ------
    MissingExtraError
        llama-cpp-python is not installed.
    ModelError
        It is installed, and cannot be loaded.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    require("llama_cpp")
    try:
        import llama_cpp
    except (ImportError, OSError, RuntimeError) as error:  # its own library isn't for this machine
        raise ModelError(
            f"llama-cpp-python cannot be loaded ({reason(error)}): install it anew"
        ) from None

    llama_cpp.llama_log_set(_callback, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    return llama_cpp


@contextmanager
def listening() -> Iterator[Callable[[], str]]:
    """Collect what llama.cpp reports as errors within the block.

    Yields
    ------
    callable
        Returns the first error, in one line.
    """
    _complaints.clear()
    yield lambda: _complaints[0] if _complaints else "llama.cpp gave no reason"


def _keep(level: int, text: bytes, _: object) -> None:
    line = " ".join(text.decode("utf-8", "replace").split())
    if level == _ERROR and line:
        _complaints.append(line)


# Kept until the process ends, because the library may call it until then.
_callback = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(_keep)

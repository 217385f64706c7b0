"""What evaluates a model: the device, and what llama.cpp was built to use of it."""

from __future__ import annotations

import ctypes
from importlib import import_module
from typing import Any, Final

from doxa.backend.library import load_library

__all__ = ["described", "device_of"]

_EVERYWHERE: Final = {"SSE3", "SSSE3", "AVX", "F16C", "FMA", "BMI2", "NEON", "ARM_FMA", "OPENMP"}
"""What says nothing of a machine, because nearly all have it."""


def device_of(gpu_layers: int) -> str:
    """Name the devices that a model's layers are on, and the instructions that are used.

    Two builds, or two processors, may differ in the last bits of a probability.

    Parameters
    ----------
    gpu_layers : int
        Layers put on the GPU, -1 for all.

    Returns
    -------
    str
        Such as ``"AMD EPYC: AVX2 AVX512"``, or the names of the GPUs.
    """
    info = load_library().llama_print_system_info().decode("utf-8", "replace")
    # the library's own module for ggml names no devices
    return described(import_module("llama_cpp._ggml").libggml, info, gpu_layers)


def described(ggml: Any, info: str, gpu_layers: int) -> str:
    """Name the devices that the library ggml knows; see `device_of`.

    Parameters
    ----------
    ggml : ctypes.CDLL
        The library.
    info : str
        What llama.cpp says of itself.
    gpu_layers : int
        Layers put on the GPU, -1 for all.
    """
    ggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    ggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    ggml.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    found: dict[str, str] = {}
    for what in ("name", "description"):
        function = getattr(ggml, f"ggml_backend_dev_{what}")
        function.restype, function.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
    for number in range(ggml.ggml_backend_dev_count()):
        device = ggml.ggml_backend_dev_get(number)
        name, description = (
            (getattr(ggml, f"ggml_backend_dev_{what}")(device) or b"").decode("utf-8", "replace")
            for what in ("name", "description")
        )
        found[name] = " ".join(description.split())
    others = [description for name, description in found.items() if name not in ("CPU", "BLAS")]
    if gpu_layers and others:
        return ", ".join(others)
    return f"{found.get('CPU', 'CPU')}: {_used(info)}"


def _used(info: str) -> str:
    """Return the instructions that llama.cpp says it uses, without those that all have.

    Examples
    --------
    >>> _used("CPU : SSE3 = 1 | AVX2 = 1 | AVX512 = 0 | REPACK = 1 | ")
    'AVX2 REPACK'
    """
    used = [
        part.replace("CPU :", "").partition("=")[0].strip()
        for part in info.split("|")
        if part.partition("=")[2].strip() == "1"
    ]
    return " ".join(name for name in used if name not in _EVERYWHERE)

"""What evaluates a model: the device, and what llama.cpp was built to use of it."""

from __future__ import annotations

import ctypes
from importlib import import_module
from typing import Any, Final

from doxa.backend.instructions import lacking, used
from doxa.backend.library import load_library
from doxa.outside.processor import flags

__all__ = ["about", "described", "device_of", "devices", "system_info"]

_EVERYWHERE: Final = {"SSE3", "SSSE3", "AVX", "F16C", "FMA", "BMI2", "NEON", "ARM_FMA", "OPENMP"}
"""What says nothing of a machine, because nearly all have it."""


def about() -> dict[str, Any]:
    """Say what llama.cpp was built for, and what it finds on this machine.

    Returns
    -------
    dict
        ``version`` of llama-cpp-python; ``used`` and ``lacking``, lists of instructions (and parts)
        as llama.cpp names them; ``gpu``, whether it was built for any; ``gpus``, their names.
    """
    library, info = load_library(), system_info()
    found = devices(import_module("llama_cpp._ggml").libggml)
    return {
        "version": library.__version__,
        "used": used(info),
        "lacking": lacking(info, flags()),
        "gpu": bool(library.llama_supports_gpu_offload()),
        "gpus": _gpus(found),
    }


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
    # the library's own module for ggml names no devices
    found = devices(import_module("llama_cpp._ggml").libggml)
    return described(found, system_info(), gpu_layers)


def system_info() -> str:
    """Return what llama.cpp says of itself: the instructions and parts that it was built with."""
    told: bytes = load_library().llama_print_system_info()
    return told.decode("utf-8", "replace")


def described(found: dict[str, str], info: str, gpu_layers: int) -> str:
    """Name the devices of a model; see `device_of`.

    Parameters
    ----------
    found : dict of str to str
        What `devices` returns.
    info : str
        What llama.cpp says of itself.
    gpu_layers : int
        Layers put on the GPU, -1 for all.
    """
    if gpu_layers and (gpus := _gpus(found)):
        return ", ".join(gpus)
    told = " ".join(name for name in used(info) if name not in _EVERYWHERE)
    return f"{found.get('CPU', 'CPU')}: {told}"


def _gpus(found: dict[str, str]) -> list[str]:
    return [description for name, description in found.items() if name not in ("CPU", "BLAS")]


def devices(ggml: Any) -> dict[str, str]:
    """Return the devices that the library ggml knows: their descriptions by their names.

    Parameters
    ----------
    ggml : ctypes.CDLL
        The library.
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
    return found

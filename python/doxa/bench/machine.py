"""The machine and the versions that were timed."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import polars as pl

import doxa
from doxa.backend.library import cores

__all__ = ["machine", "versions"]


def machine(threads: int | None) -> dict[str, str | int | None]:
    """Describe the machine, as `doxa.bench.Benchmark` lists it."""
    # The core has already refused a value that is not a number.
    told = os.environ.get("DOXA_NUM_THREADS")
    return {
        "processor": _processor(),
        "cores": cores(),
        "threads": threads or int(told or cores()),
        "instruction_set": os.environ.get("DOXA_ISA"),
    }


def versions(*, with_model: bool) -> dict[str, str]:
    """Return the versions, as `doxa.bench.Benchmark` lists them."""
    found = {
        "doxa": doxa.__version__,
        "numpy": np.__version__,
        "polars": pl.__version__,
        "python": platform.python_version(),
    }
    if with_model:
        try:
            found["llama_cpp_python"] = version("llama_cpp_python")
        except PackageNotFoundError:
            found["llama_cpp_python"] = "unknown"
    return found


def _processor() -> str:
    """Name the processor as far as the system knows it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()

"""What the timings were taken on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import polars as pl

import doxa

__all__ = ["cores", "machine", "versions"]


def machine(threads: int | None) -> dict[str, str | int | None]:
    """Describe the machine, as `doxa.bench.Benchmark` holds it."""
    told = os.environ.get("DOXA_NUM_THREADS")  # the core has refused it by now if it is no number
    return {
        "processor": _processor(),
        "cores": cores(),
        "threads": threads or int(told or cores()),
        "instruction_set": os.environ.get("DOXA_ISA"),
    }


def cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def versions(*, with_model: bool) -> dict[str, str]:
    """Name the versions, as `doxa.bench.Benchmark` holds them."""
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
    """Name the processor, as well as the system does."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()

"""The machine and the versions that were timed."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import polars as pl

import doxa
from doxa.outside.processor import cores, name
from doxa.score.core import core_use

__all__ = ["machine", "versions"]


def machine(threads: int | None) -> dict[str, str | int]:
    """Describe the machine, as `doxa.bench.Benchmark` lists it."""
    used = core_use()
    return {
        "processor": name(),
        "cores": cores(),
        "threads": threads or used.threads,
        "instruction_set": used.instruction_set,
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

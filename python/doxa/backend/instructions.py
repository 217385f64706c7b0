"""Whether llama.cpp was built for the instructions that this machine's processor has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["REBUILD", "lacking", "slow_build", "used"]

REBUILD: Final = (
    "CMAKE_ARGS=-DGGML_NATIVE=ON pip install --force-reinstall --no-deps --no-cache-dir "
    "--no-binary llama-cpp-python llama-cpp-python"
)
"""Builds llama.cpp on this machine, for this machine."""

_NEEDS: Final = {
    "AVX": {"avx"},
    "AVX2": {"avx2"},
    "F16C": {"f16c"},
    "FMA": {"fma"},
    "BMI2": {"bmi2"},
    "AVX_VNNI": {"avx_vnni"},
    "AVX512": {"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"},
    "AVX512_VNNI": {"avx512_vnni"},
    "DOTPROD": {"asimddp"},
    "MATMUL_INT8": {"i8mm"},
}
"""What llama.cpp calls the instructions that decide its speed, and what Linux calls what they take.

Those that only some kernels use (AVX512_BF16, SVE, AMX) are left out: compilers differ in them.
"""


def used(info: str) -> list[str]:
    """Return the instructions and parts that llama.cpp says it was built with.

    Parameters
    ----------
    info : str
        What `llama_print_system_info` returns.

    Examples
    --------
    >>> used("CPU : SSE3 = 1 | AVX2 = 1 | AVX512 = 0 | REPACK = 1 | ")
    ['SSE3', 'AVX2', 'REPACK']
    """
    parts = (part.rpartition(":")[2].partition("=") for part in info.split("|"))
    return [name.strip() for name, _, value in parts if value.strip() == "1" and name.strip()]


def lacking(info: str, has: Collection[str]) -> list[str]:
    """Return the instructions that the processor has and llama.cpp was built without.

    Parameters
    ----------
    info : str
        What `llama_print_system_info` returns.
    has : collection of str
        The processor's instruction sets, as `doxa.outside.processor.flags` gives them; if it is
        empty, nothing can be said.

    Examples
    --------
    >>> lacking("CPU : SSE3 = 1 | AVX2 = 1 | ", {"avx2", "f16c", "sse3"})
    ['F16C']
    """
    built = used(info)
    return [name for name, takes in _NEEDS.items() if takes <= set(has) and name not in built]


def slow_build(info: str, has: Collection[str]) -> str:
    """Say in one line that llama.cpp was built without some of the processor's instructions.

    Parameters
    ----------
    info, has
        As for `lacking`.

    Returns
    -------
    str
        ``""`` if it uses them all.
    """
    missing = lacking(info, has)
    if not missing:
        return ""
    return (
        f"llama.cpp was built without this processor's {', '.join(missing)}, so a model may answer "
        f"at half the speed: build it here with  {REBUILD}"
    )

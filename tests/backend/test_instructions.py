from __future__ import annotations

import pytest
import xllamacpp

from doxa.backend.device import system_info
from doxa.backend.instructions import lacking, slow_build, used
from doxa.outside.processor import flags

# What llama.cpp printed: built for the machine (AMD EPYC with AVX-512), as distributed prebuilt,
# on Apple's and on Amazon's ARM, and with a GPU.
NATIVE = (
    "CPU : SSE3 = 1 | SSSE3 = 1 | AVX = 1 | AVX2 = 1 | F16C = 1 | FMA = 1 | BMI2 = 1 | "
    "AVX512 = 1 | AVX512_VBMI = 1 | AVX512_VNNI = 1 | AVX512_BF16 = 1 | LLAMAFILE = 1 | "
    "OPENMP = 1 | REPACK = 1 | "
)
GENERIC = (
    "CPU : SSE3 = 1 | SSSE3 = 1 | AVX = 1 | AVX2 = 1 | F16C = 1 | FMA = 1 | BMI2 = 1 | "
    "LLAMAFILE = 1 | OPENMP = 1 | REPACK = 1 | "
)
OLD = "CPU : SSE3 = 1 | LLAMAFILE = 1 | REPACK = 1 | "
APPLE = (
    "Metal : EMBED_LIBRARY = 1 | CPU : NEON = 1 | ARM_FMA = 1 | FP16_VA = 1 | DOTPROD = 1 | "
    "LLAMAFILE = 1 | ACCELERATE = 1 | REPACK = 1 | "
)
CUDA = "CUDA : ARCHS = 900 | USE_GRAPHS = 1 | PEER_MAX_BATCH_SIZE = 128 | " + GENERIC

EPYC = {
    *("sse2", "pni", "ssse3", "fma", "avx", "f16c", "avx2", "bmi2"),
    *("avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl", "avx512_bf16", "avx512_vnni"),
}
DESKTOP = {"sse2", "pni", "ssse3", "fma", "avx", "f16c", "avx2", "bmi2", "avx_vnni"}
GRAVITON = {"fp", "asimd", "asimdhp", "asimddp", "i8mm", "bf16", "sve"}


@pytest.mark.parametrize(
    ("info", "has", "missing"),
    [
        (NATIVE, EPYC, []),
        (GENERIC, EPYC, ["AVX512", "AVX512_VNNI"]),
        (CUDA, EPYC, ["AVX512", "AVX512_VNNI"]),
        (OLD, EPYC, ["AVX", "AVX2", "F16C", "FMA", "BMI2", "AVX512", "AVX512_VNNI"]),
        (GENERIC, DESKTOP, ["AVX_VNNI"]),
        (APPLE, GRAVITON, ["MATMUL_INT8"]),
        (GENERIC, set(), []),
        (NATIVE, DESKTOP, ["AVX_VNNI"]),
        ("", {"sse2"}, []),
    ],
)
def test_what_a_build_leaves_unused_of_a_processor(
    info: str, has: set[str], missing: list[str]
) -> None:
    assert lacking(info, has) == missing
    line = slow_build(info, has)
    assert bool(line) == bool(missing)
    assert ", ".join(missing) in line
    assert "\n" not in line


def test_what_is_no_flag_is_not_used() -> None:
    assert used(CUDA)[:2] == ["USE_GRAPHS", "SSE3"]
    assert used("CPU : AVX = 0 | nonsense | = 1 | ") == []


def test_the_builds_that_are_installed_are_judged_by_this_processor() -> None:
    """llama-cpp-python is built here for this machine; xllamacpp comes built for many."""
    assert lacking(system_info(), flags()) == []
    prebuilt = lacking(xllamacpp.get_system_info(), flags())
    assert ("AVX512" in prebuilt) == ("avx512f" in flags())

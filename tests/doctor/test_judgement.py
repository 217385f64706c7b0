from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from doxa.doctor import Core, Examination, Llama, judge
from doxa.doctor.graphics import GpuBuild
from doxa.doctor.libraries import Installed

CUDA = GpuBuild("CUDA", "-DGGML_CUDA=ON", (), "nvcc", compiles=False)
H200 = CUDA._replace(gpus=("NVIDIA H200",))
VULKAN = GpuBuild("Vulkan", "-DGGML_VULKAN=ON", ("/dev/dri/renderD128",), "glslc", compiles=True)
NATIVE = Llama("0.3.36", ("AVX2", "AVX512"))
WELL = Examination(
    doxa="0.1.0",
    python="3.11.7",
    system="Linux x86_64",
    processor="AMD EPYC",
    cores=8,
    cores_there=8,
    cores_limit=None,
    load=0.5,
    environment={},
    core=Core("avx512", "avx512", 8),
    libraries=[
        Installed("polars", "", ">=1.30", "2.1.0", fits=True),
        Installed("llama-cpp-python", "llama", ">=0.3.36", "0.3.36", fits=True),
    ],
    llama=NATIVE,
    gpu_builds=[CUDA],
)


def test_nothing_is_said_of_what_is_well() -> None:
    assert judge(WELL) == []
    busy = Llama("0.3.36", gpu=True, gpus=("NVIDIA H200",), lacking=("AVX512",))
    assert judge(replace(WELL, llama=busy, gpu_builds=[H200])) == []
    assert judge(replace(WELL, gpu_builds=[CUDA, VULKAN])) == []
    assert judge(replace(WELL, load=None, cores_limit=64.0)) == []


@pytest.mark.parametrize(
    ("changes", "kind", "what", "remedy"),
    [
        (
            {"core": Core(error="it cannot be loaded (x)")},
            "broken",
            "cannot be loaded",
            "pip install",
        ),
        ({"core": Core(error="DOXA_ISA=mmx is not")}, "broken", "DOXA_ISA=mmx", "unset DOXA_ISA"),
        (
            {"core": Core("avx512", "avx512", 8, optimised=False)},
            "slow",
            "optimisation",
            "--release",
        ),
        ({"core": Core("avx2", "avx512", 8)}, "slow", "has avx512", "unset DOXA_ISA"),
        ({"core": Core("avx512", "avx512", 2)}, "slow", "2 of the 8", "unset DOXA_NUM_THREADS"),
        (
            {"cores_there": 64, "cores_limit": 8.5},
            "slow",
            "8 of this .* 64 cores: .* of 8.5",
            "--cpus",
        ),
        ({"cores_there": 64}, "slow", "may not run on the others", "taskset"),
        ({"load": 9.0}, "slow", "9.0 processes on 8", "finish"),
        (
            {"environment": {"POLARS_MAX_THREADS": "1"}},
            "slow",
            "Polars.* uses 1 of 8",
            "unset POLARS",
        ),
        ({"environment": {"OMP_WAIT_POLICY": "ACTIVE"}}, "slow", "idle threads", "unset OMP"),
        (
            {"llama": Llama(error="SIGILL")},
            "broken",
            r"another processor.*\(SIGILL\)",
            "GGML_NATIVE=ON",
        ),
        (
            {"llama": replace(NATIVE, lacking=("AVX512",))},
            "slow",
            "half the speed",
            "GGML_NATIVE=ON",
        ),
        (
            {"llama": replace(NATIVE, gpu=True)},
            "slow",
            "built for a GPU and finds none",
            "nvidia-smi",
        ),
        (
            {"gpu_builds": [H200]},
            "slow",
            "without CUDA: NVIDIA H200",
            "install nvcc, then.*CUDA=ON",
        ),
        (
            {"gpu_builds": [H200._replace(compiles=True)]},
            "slow",
            "H200",
            "^CMAKE_ARGS=-DGGML_CUDA=ON",
        ),
        (
            {"libraries": [Installed("polars", "", ">=1.30", "1.9", fits=False)]},
            *("broken", "polars 1.9 is installed, doxa needs >=1.30", 'pip install "polars>=1.30"'),
        ),
        (
            {"libraries": [Installed("polars", "", ">=1.30", "", fits=True)]},
            *("broken", "polars is not installed", 'pip install "polars>=1.30"'),
        ),
        (
            {
                "libraries": [
                    Installed("fastexcel", "survey", "", "", fits=True),
                    Installed("pyreadstat", "survey", "", "", fits=True),
                ]
            },
            *("missing", "no fastexcel and no pyreadstat, for survey files", r"doxa\[survey\]"),
        ),
    ],
)
def test_each_finding_says_why_and_what_to_do(
    changes: dict[str, Any], kind: str, what: str, remedy: str
) -> None:
    [finding] = judge(replace(WELL, **changes))
    assert finding.kind == kind
    assert re.search(what, finding.what)
    assert re.search(remedy, finding.remedy)
    assert "\n" not in finding.what + finding.remedy


def test_without_llama_cpp_no_gpu_is_idle() -> None:
    assert judge(replace(WELL, llama=None, gpu_builds=[H200])) == []


def test_what_is_broken_comes_first() -> None:
    absent = Installed("ray", "cluster", "", "", fits=True)
    ill = replace(WELL, libraries=[absent], load=99.0, llama=Llama(error="SIGILL"))
    assert [finding.kind for finding in judge(ill)] == ["broken", "slow", "missing"]

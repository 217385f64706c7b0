"""GPUs of this machine, and what a build of llama.cpp for one of them needs."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from contextlib import suppress
from ctypes.util import find_library
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["GpuBuild", "gpu_builds"]

_PATIENCE: Final = 10.0
"""Seconds that the driver's own program may take to list its GPUs."""


class GpuBuild(NamedTuple):
    """A build of llama.cpp for one maker's GPUs.

    Attributes
    ----------
    name : str
        What llama.cpp calls it.
    option : str
        What CMake is told for it.
    gpus : tuple of str
        The GPUs of this machine that it would use.
    tool : str
        What compiles it.
    compiles : bool
        Whether that is installed.
    """

    name: str
    option: str
    gpus: tuple[str, ...]
    tool: str
    compiles: bool


def gpu_builds() -> list[GpuBuild]:
    """List the builds that this system could use, with the GPUs found for each."""
    if sys.platform == "darwin":
        chip = ("Apple GPU",) if platform.machine() == "arm64" else ()
        tool = shutil.which("clang") is not None
        return [GpuBuild("Metal", "-DGGML_METAL=ON", chip, "Xcode's command line tools", tool)]
    return [
        GpuBuild(
            "CUDA",
            "-DGGML_CUDA=ON",
            _nvidia(),
            "nvcc of NVIDIA's CUDA toolkit",
            shutil.which("nvcc") is not None or Path("/usr/local/cuda/bin/nvcc").is_file(),
        ),
        GpuBuild(
            "HIP",
            "-DGGML_HIP=ON",
            _amd(Path("/sys")),
            "hipcc of AMD's ROCm",
            shutil.which("hipcc") is not None or Path("/opt/rocm/bin/hipcc").is_file(),
        ),
        GpuBuild(
            "Vulkan",
            "-DGGML_VULKAN=ON",
            _drawing(Path("/dev")) if find_library("vulkan") else (),
            "glslc and Vulkan's headers",
            shutil.which("glslc") is not None,
        ),
    ]


def _nvidia() -> tuple[str, ...]:
    """Name NVIDIA's GPUs, as their driver lists them."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    with suppress(OSError, subprocess.SubprocessError):
        listed = subprocess.run(
            [program, "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=True,
        )
        return tuple(line.strip() for line in listed.stdout.splitlines() if line.strip())
    return ()


def _amd(system: Path) -> tuple[str, ...]:
    """Name AMD's GPUs among what the kernel can compute on: processors have no target version."""
    names = []
    for node in sorted(system.glob("class/kfd/kfd/topology/nodes/*")):
        with suppress(OSError, ValueError):
            pairs = (line.split() for line in (node / "properties").read_text().splitlines())
            if any(name == "gfx_target_version" and int(value) for name, value in pairs):
                names.append((node / "name").read_text().strip() or "AMD GPU")
    return tuple(names)


def _drawing(devices: Path) -> tuple[str, ...]:
    """Name the devices that draw; which makers they are of, only Vulkan itself knows."""
    return tuple(str(node) for node in sorted(devices.glob("dri/renderD*")))

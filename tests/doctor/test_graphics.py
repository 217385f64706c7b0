from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from doxa.doctor import graphics
from doxa.doctor.graphics import gpu_builds

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs here are shell scripts")


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds all programs there are."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_nvidia_s_gpus_are_those_that_their_driver_lists(programs: Path) -> None:
    assert graphics._nvidia() == ()
    program(programs, "nvidia-smi", "echo 'NVIDIA H200'; echo 'NVIDIA H200'")
    assert graphics._nvidia() == ("NVIDIA H200", "NVIDIA H200")
    program(programs, "nvidia-smi", "echo 'Failed to initialize NVML'; exit 18")
    assert graphics._nvidia() == ()


@pytest.mark.skipif(sys.platform != "linux", reason="macOS has Metal")
def test_what_compiles_for_a_gpu_is_found_on_the_path(programs: Path) -> None:
    program(programs, "nvidia-smi", "echo 'NVIDIA A100'")
    program(programs, "nvcc", "")
    cuda = gpu_builds()[0]
    assert (cuda.name, cuda.gpus, cuda.compiles) == ("CUDA", ("NVIDIA A100",), True)
    assert [build.option for build in gpu_builds()] == [
        "-DGGML_CUDA=ON", "-DGGML_HIP=ON", "-DGGML_VULKAN=ON",
    ]  # fmt: skip


def test_amd_s_are_those_that_the_kernel_can_compute_on(tmp_path: Path) -> None:
    nodes = tmp_path / "class/kfd/kfd/topology/nodes"
    for number, (name, version) in enumerate((("", 0), ("gfx90a", 90010), ("", 110000))):
        (nodes / str(number)).mkdir(parents=True)
        (nodes / str(number) / "name").write_text(f"{name}\n")
        text = f"cpu_cores_count 0\ngfx_target_version {version}\n"
        (nodes / str(number) / "properties").write_text(text)
    assert graphics._amd(tmp_path) == ("gfx90a", "AMD GPU")
    assert graphics._amd(tmp_path / "none") == ()


def test_devices_that_draw(tmp_path: Path) -> None:
    (tmp_path / "dri").mkdir()
    for name in ("card0", "renderD128"):
        (tmp_path / "dri" / name).touch()
    assert graphics._drawing(tmp_path) == (os.fspath(tmp_path / "dri/renderD128"),)


def test_apple_s_are_used_through_metal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    [metal] = gpu_builds()
    assert (metal.name, metal.gpus) == ("Metal", ("Apple GPU",))
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert gpu_builds()[0].gpus == ()

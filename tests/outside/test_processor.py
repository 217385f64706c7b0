from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING

import pytest

from doxa.outside import processor

if TYPE_CHECKING:
    from pathlib import Path


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of 64 cores."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)


def test_cores_are_those_of_this_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5, 6}, raising=False)
    assert processor.cores(tmp_path) == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert processor.cores(tmp_path) == 8
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert processor.cores(tmp_path) == 1


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("files", "limit", "cores"),
    [
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, None, 64),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "250000 100000\n"}, 2.5, 2),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "50000 100000\n"}, 0.5, 1),
        (
            {
                "proc/self/cgroup": "0::/slurm/job_7/step_0\n",
                "sys/fs/cgroup/slurm/job_7/cpu.max": "1600000 100000\n",
                "sys/fs/cgroup/slurm/job_7/step_0/cpu.max": "max 100000\n",
            },
            16.0,
            16,
        ),
        (
            {
                "proc/self/cgroup": "5:memory:/docker/a\n4:cpu,cpuacct:/docker/a\n1:cpuset:/\n",
                "sys/fs/cgroup/cpu,cpuacct/docker/a/cpu.cfs_quota_us": "400000\n",
                "sys/fs/cgroup/cpu,cpuacct/docker/a/cpu.cfs_period_us": "100000\n",
                "sys/fs/cgroup/memory/docker/a/cpu.max": "100000 100000",
            },
            4.0,
            4,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu,cpuacct:/\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            },
            None,
            64,
        ),
        ({"proc/self/cgroup": "nonsense\n", "sys/fs/cgroup/cpu.max": "x y"}, None, 64),
    ],
)
def test_a_control_group_limits_the_cores(
    tmp_path: Path, files: dict[str, str], limit: float | None, cores: int
) -> None:
    root = write(tmp_path, files)
    assert processor.limit(root) == limit
    assert processor.cores(root) == cores


def test_names_and_instructions_are_the_system_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cpuinfo = "processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu avx2\n\nflags\t\t: other\n"
    root = write(tmp_path, {"proc/cpuinfo": cpuinfo})
    assert processor.name(root) == "AMD EPYC"
    assert processor.flags(root) == {"fpu", "avx2"}
    write(tmp_path, {"proc/cpuinfo": "processor: 0\nFeatures: fp asimddp i8mm\n"})
    assert processor.flags(root) == {"fp", "asimddp", "i8mm"}
    monkeypatch.setattr(platform, "processor", lambda: "")
    assert processor.name(tmp_path / "none") == platform.machine()
    assert processor.flags(tmp_path / "none") == frozenset()

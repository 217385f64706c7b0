"""The processor: its name, its instructions, and the cores that this process may use."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["cores", "flags", "limit", "name"]

_ROOT: Final = Path("/")


def cores(root: Path = _ROOT) -> int:
    """Count the cores that this process may use: no more than its control group may.

    Threads beyond that would only wait: in a container that may use two of sixty-four cores, work
    on sixty-four threads takes many times as long as on two.

    Parameters
    ----------
    root : pathlib.Path
        Where the system's folders ``proc`` and ``sys`` are.
    """
    here = _assigned()
    allowed = limit(root)
    return here if allowed is None else max(1, min(here, int(allowed)))


def _assigned() -> int:
    with suppress(AttributeError):  # missing on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def limit(root: Path = _ROOT) -> float | None:
    """Return the processor time that this process's control group may take, in cores.

    Parameters
    ----------
    root : pathlib.Path
        Where the system's folders ``proc`` and ``sys`` are.

    Returns
    -------
    float or None
        None if nothing limits it, or outside Linux.
    """
    found = []
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers and "cpu" not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / controllers
        place = top / path.strip("/")
        # a group may take no more than the groups that it is in
        for group in (place, *place.parents):
            if not group.is_relative_to(top):
                break
            if (allowed := _quota(group)) is not None:
                found.append(allowed)
    return min(found, default=None)


def _quota(group: Path) -> float | None:
    quota, period = [*_text(group / "cpu.max").split(), "", ""][:2]
    if not period:  # control groups of version 1
        quota = _text(group / "cpu.cfs_quota_us")
        period = _text(group / "cpu.cfs_period_us")
    with suppress(ValueError, ZeroDivisionError):
        if int(quota) > 0:
            return int(quota) / int(period)
    return None


def name(root: Path = _ROOT) -> str:
    """Name the processor as far as the system knows it."""
    named = _lines("model name", root)
    return named[0] if named else platform.processor() or platform.machine()


def flags(root: Path = _ROOT) -> frozenset[str]:
    """Return the processor's instruction sets, as Linux names them; elsewhere none is known."""
    for key in ("flags", "Features"):  # x86-64, ARM
        if lines := _lines(key, root):
            return frozenset(lines[0].split())
    return frozenset()


def _lines(key: str, root: Path) -> list[str]:
    pairs = (line.partition(":") for line in _text(root / "proc/cpuinfo").splitlines())
    return [value.strip() for found, _, value in pairs if found.strip() == key]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""

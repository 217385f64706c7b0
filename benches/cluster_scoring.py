"""Time `doxa.cluster.score` beside `score_parquet` on the same files, on two cores.

``python benches/cluster_scoring.py [pairs]`` (10,000,000 by default) writes a folder of Parquet
files of made-up pairs, 66 countries by 144 items, scores it both ways, checks that both tables are
the same to the last bit, and prints pairs a second, memory, and the cost of a block. On a machine
with other work, compare the seconds of computing.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

import doxa
from doxa.cluster.connection import connected

if TYPE_CHECKING:
    from collections.abc import Callable

OPTIONS = 5
FILE_ROWS = 500_000
GROUP_ROWS = 50_000
WORKERS = 2


def write(folder: Path, pairs: int) -> None:
    rng = np.random.default_rng(0)
    for number in range(-(-pairs // FILE_ROWS)):
        rows = min(FILE_ROWS, pairs - number * FILE_ROWS)
        sides = {
            side: pl.Series(rng.dirichlet(np.ones(OPTIONS), rows), dtype=pl.Array(pl.Float64, 5))
            for side in ("model", "human")
        }
        labels = {
            "country": rng.choice([f"C{i:02}" for i in range(66)], rows),
            "item": rng.choice([f"Q{i}" for i in range(144)], rows),
        }
        frame = pl.DataFrame({**labels, **sides})
        frame.cast({side: pl.List(pl.Float64) for side in sides}).write_parquet(
            folder / f"{number:03}.parquet", row_group_size=GROUP_ROWS
        )


def peak(process: str = "self") -> float:
    """Give the most memory that a process held, in MB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


def busy(process: str = "self") -> float:
    """Give the seconds that a process computed."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def workers() -> list[str]:
    """Find Ray's processes that scored something."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                name = (folder / "cmdline").read_text(encoding="utf-8")
                maps = (folder / "maps").read_text(encoding="utf-8")
                if name.startswith("ray::") and "doxa/_core" in maps:
                    found.append(folder.name)
    return found


class Timed(NamedTuple):
    """What a call took: seconds, and seconds of all processes that computed for it."""

    seconds: float
    cpu: float
    table: pl.DataFrame

    @classmethod
    def of(cls, score: Callable[..., pl.DataFrame], folder: Path, **options: Any) -> Timed:
        start, before = time.perf_counter(), {one: busy(one) for one in workers()}
        own = busy()
        table = score(folder, **options)
        seconds = time.perf_counter() - start
        theirs = sum(busy(one) - before.get(one, 0.0) for one in workers())
        return cls(seconds, busy() - own + theirs, table)

    def line(self, name: str, pairs: int) -> str:
        pace = pairs / self.seconds / 1e6
        return (
            f"  {name:<34}{self.seconds:6.1f} s, {pace:5.2f} million pairs/s; "
            f"computing {self.cpu:6.1f} s"
        )


def main() -> None:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    files, blocks = -(-pairs // FILE_ROWS), -(-pairs // GROUP_ROWS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, pairs)
        for options in (
            {"groups": ["country"]},
            {"groups": ["country"], "items": "item", "resample": "items"},
        ):
            print(" ".join(f"{key}={value}" for key, value in options.items()))
            alone = Timed.of(doxa.score_parquet, folder, n_threads=WORKERS, **options)
            print(alone.line("score_parquet", pairs))
            with connected("local"):
                doxa.cluster.score(folder / "000.parquet", block_rows=GROUP_ROWS)  # workers start
                few = Timed.of(doxa.cluster.score, folder, **options)
                many = Timed.of(doxa.cluster.score, folder, block_rows=GROUP_ROWS, **options)
                peaks = ", ".join(f"{peak(one):.0f}" for one in workers())
            print(few.line(f"cluster.score, {files} blocks", pairs))
            print(many.line(f"cluster.score, {blocks} blocks", pairs))
            cost = (many.cpu - few.cpu) / (blocks - files) * 1e3
            print(f"  a block more costs {cost:.1f} ms of computing")
            same = few.table.equals(alone.table) and many.table.equals(alone.table)
            print(f"  the same bits: {same}")
            print(f"  peaks of the workers: {peaks} MB")
        print(f"peak of this process, which also ran score_parquet: {peak():.0f} MB")


if __name__ == "__main__":
    main()

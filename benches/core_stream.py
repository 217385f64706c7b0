"""Score Parquet files of growing length, beside Polars, which scans and adds up their columns."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from race import Timing

ROUNDS = 3
# Only Linux reports the peak memory of a process; elsewhere the column stays empty.
PROGRAM = """
import pathlib, re, sys, time
threads = int(sys.argv[3])
{prepare}
run(sys.argv[1])
start = time.perf_counter()
run(sys.argv[2])
seconds = time.perf_counter() - start
status = pathlib.Path("/proc/self/status")
text = status.read_text() if status.exists() else ""
print(seconds, *re.findall(r"VmHWM:\\s*(\\d+)", text))
"""
DOXA = """
import doxa
def run(path):
    doxa.score.score_parquet(path, n_threads=threads)
"""
POLARS = """
import os
os.environ["POLARS_MAX_THREADS"] = str(threads)
import polars as pl
def run(path):
    sums = pl.col("model", "human").explode().sum()
    pl.scan_parquet(path).select(sums).collect(engine="streaming")
"""
CONTESTANTS = {"doxa": DOXA, "Polars, scanned and added up": POLARS}


def streamed(threads: int) -> list[Timing]:
    """Take turns, each in a process of its own."""
    timings = []
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder) / "few.parquet", Path(folder) / "many.parquet"
        pl.DataFrame({side: [[0.25, 0.75]] * 1000 for side in ("model", "human")}).write_parquet(
            few
        )
        for n in [10**power for power in range(5, 9)]:
            rows = pl.LazyFrame({"i": np.arange(n, dtype=np.int32)}).select(
                pl.concat_list(p, 1 - p).alias(side)
                for side, p in (("model", pl.col("i") % 7 / 8), ("human", pl.col("i") % 11 / 16))
            )
            rows.sink_parquet(many, row_group_size=100_000)
            found: dict[str, list[list[float]]] = {name: [] for name in CONTESTANTS}
            for _ in range(ROUNDS):
                for name, prepare in CONTESTANTS.items():
                    program = PROGRAM.format(prepare=prepare)
                    command = [sys.executable, "-c", program, few, many, str(threads)]
                    done = subprocess.run(command, check=True, capture_output=True, text=True)
                    found[name].append([float(number) for number in done.stdout.split()])
            for name, rounds in found.items():
                milliseconds = 1e3 * statistics.median(seconds for seconds, *_ in rounds)
                peaks = [kilobytes / 1024 for _, *most in rounds for kilobytes in most]
                workload = "streamed from Parquet, K = 2, by number of pairs"
                peak = max(peaks, default=None)
                timings.append(Timing(workload, name, milliseconds, ROUNDS, peak_mb=peak, size=n))
    return timings

from __future__ import annotations

import os
import subprocess
import sys

import polars as pl
import pytest

from doxa.outside.quiet import quiet_panics

PROGRAM = """
import os, sys
import polars as pl
from doxa.outside.quiet import quiet_panics
try:
    with quiet_panics():
        os.write(2, b"inside\\n")
        print("also inside", file=sys.stderr, flush=True)
        RAISED
except BaseException as error:
    print(type(error).__name__)
print("after", file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is kept off")
@pytest.mark.parametrize(
    ("raised", "name", "said"),
    [
        ("pass", "", ["inside", "also inside", "after"]),
        ("raise ValueError", "ValueError", ["inside", "also inside", "after"]),
        ("raise pl.exceptions.PanicException('x')", "PanicException", ["after"]),
    ],
)
def test_only_what_a_panic_prints_is_kept_off(raised: str, name: str, said: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("RAISED", raised)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == name
    assert done.stderr.splitlines() == said


def test_no_handle_stays_open() -> None:
    before = os.listdir("/proc/self/fd") if sys.platform == "linux" else []  # noqa: PTH208
    for _ in range(3):
        with pytest.raises(pl.exceptions.PanicException), quiet_panics():
            raise pl.exceptions.PanicException("x")
    after = os.listdir("/proc/self/fd") if sys.platform == "linux" else []  # noqa: PTH208
    assert len(after) == len(before)

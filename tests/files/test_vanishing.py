from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.files import vanishing
from doxa.files.tables import read_csv, read_parquet
from doxa.files.vanishing import vanishing_file

if TYPE_CHECKING:
    from pathlib import Path

HELD = """
import sys, time
from doxa.files.vanishing import vanishing_file
with vanishing_file() as (file, path):
    file.write(b"x" * 1_000_000)
    file.flush()
    print(path.stat().st_size, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_tables_are_read_from_it_and_nothing_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setattr(vanishing.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(vanishing.sys, "platform", platform)
    frame = pl.DataFrame({"a": ["1", "2"], "b": ["x", "y"]})
    for write, read in ((frame.write_csv, read_csv), (frame.write_parquet, read_parquet)):
        with vanishing_file() as (file, path):
            write(file)
            file.flush()
            assert read(path).equals(frame)
            assert bool(list(tmp_path.iterdir())) == (platform != "linux")
    with pytest.raises(RuntimeError), vanishing_file():
        raise RuntimeError
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="a file without a name")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_nothing_stays_when_the_program_is_ended(tmp_path: Path, number: int) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", HELD],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"1000000\n"
        child.send_signal(number)
        child.wait(timeout=20)
    assert not list(tmp_path.iterdir())

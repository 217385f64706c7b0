from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from scripted_server import Script, completion, scripted

from . import shell

if TYPE_CHECKING:
    from pathlib import Path


def test_a_run_is_watched_while_it_is_asked(run: Path) -> None:
    done = shell.doxa("status", str(run))
    assert (done.returncode, done.stderr) == (0, "")
    first, second, third, fourth, *_ = done.stdout.splitlines()
    assert first == f"{run}: 18 of 18 replies"
    assert second == "nobody is asking"
    assert third.startswith("the last reply came ")
    assert fourth == "replies: 18 ok"
    table = json.loads(shell.doxa("status", str(run), "--json").stdout)
    assert (table["done"], table["total"], table["seconds_left"]) == (18, 18, None)
    assert table["workers"][0]["replies"] == 18


def test_the_process_that_asks_is_named(tmp_path: Path) -> None:
    run = tmp_path / "run"
    slow = ("--elicit", "sampling", "--draws", "100", "--questions", "Q1", "--examples", "0")
    with scripted((200, {}, completion("1"))) as address:
        Script.delay = 0.1
        asking = subprocess.Popen(
            [sys.executable, "-m", "doxa", "ask", "--server", address, "--model", "m",
             "--out", str(run), "--fast", *slow],
            stderr=subprocess.PIPE,
        )  # fmt: skip
        found = {"done": 0}
        end = time.monotonic() + 60
        while not 3 <= found["done"] < 100 and time.monotonic() < end:
            time.sleep(0.1)
            if (run / "replies.sqlite").exists():
                found = json.loads(shell.doxa("status", str(run), "--json").stdout)
        said = shell.doxa("status", str(run), "-v").stdout
        asking.send_signal(signal.SIGINT)
        asking.communicate(timeout=60)
    assert 0 < found["done"] < found["total"] == 100
    assert found["processes"][0]["process"] == asking.pid
    assert 0 < found["replies_a_second"] < 25
    assert found["seconds_left"] > 1
    assert f"asked by process {asking.pid} on " in said
    assert "left" in said.splitlines()[0]
    assert "Workers" in said

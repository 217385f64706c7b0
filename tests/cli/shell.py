"""The commands as a shell calls them, in a process of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys


def doxa(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "doxa", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "100"} | environment,
        timeout=300,
        check=False,
    )


def fails(*arguments: str, says: str, **environment: str) -> None:
    done = doxa(*arguments, **environment)
    assert done.returncode == 1, done.stderr
    assert re.search(says, done.stderr)
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""

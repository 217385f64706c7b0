"""The commands as a shell calls them: in this process, or, for what only that shows, in another."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess
from unittest.mock import patch

from doxa.cli import main


def doxa(*arguments: str, **environment: str) -> CompletedProcess[str]:
    """Call the command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    status = 0
    with (
        patch.dict(os.environ, {"COLUMNS": "100"} | environment),
        patch.object(sys, "argv", ["doxa", *arguments]),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as left:
            status = int(left.code or 0)
    return CompletedProcess(arguments, status, out.getvalue(), err.getvalue())


def started(*arguments: str, **environment: str) -> CompletedProcess[str]:
    """Start the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "doxa", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "100"} | environment,
        timeout=300,
        check=False,
    )


def fails(*arguments: str, says: str) -> None:
    refused(doxa(*arguments), says=says)


def refused(done: CompletedProcess[str], *, says: str) -> None:
    assert done.returncode == 1, done.stderr
    assert re.search(says, done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""

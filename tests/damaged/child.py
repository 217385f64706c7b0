"""Reads files in a process of its own, and says of each how that went.

Each line of stdin is a JSON object with `kind` and `path`. Each line of stdout is one with
`outcome` ("read", "told" or "traceback"), `said`, `seconds` and `mebibytes` (what the process grew
by at most).
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from damaged.kinds import KINDS, TRIALS
from doxa.errors import DoxaError

if TYPE_CHECKING:
    from damaged.kinds import Kind

MOST_SAID = 2000


def main() -> None:
    """Read one file after another."""
    most = int(sys.argv[1]) << 20
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints belongs to what it printed
    for name in sys.argv[2:]:
        if name in KINDS:
            _warm(KINDS[name])
    resource.setrlimit(resource.RLIMIT_AS, (_memory("VmSize") + most, resource.RLIM_INFINITY))
    answers.write("ready\n")
    answers.flush()
    for line in sys.stdin:
        asked = json.loads(line)
        before = _reset_peak()
        start = time.monotonic()
        outcome, said = _read(asked["kind"], Path(asked["path"]))
        told = {
            "outcome": outcome,
            "said": said[:MOST_SAID],
            "seconds": time.monotonic() - start,
            "mebibytes": (_memory("VmHWM") - before) >> 20,
        }
        answers.write(json.dumps(told) + "\n")
        answers.flush()


def _warm(kind: Kind) -> None:
    """Read the sound file, so that what libraries take once is not counted for a damaged one."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, kind.file)
        path.write_bytes(kind.make())
        kind.read(path)


def _read(kind: str, path: Path) -> tuple[str, str]:
    try:
        (KINDS | TRIALS)[kind].read(path)
    except DoxaError as error:
        said = str(error)
        lines = len(said.splitlines())
        return ("told", said) if lines == 1 else ("traceback", f"{lines} lines: {said}")
    except BaseException:
        return "traceback", traceback.format_exc()[-MOST_SAID:]
    return "read", ""


def _reset_peak() -> int:
    """Forget the largest memory so far, and give the memory in use."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _memory("VmRSS")


def _memory(name: str) -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith(name))


if __name__ == "__main__":
    main()

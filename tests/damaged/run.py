"""Makes damaged files, lets children read them, watches over the children, prints the figures."""

from __future__ import annotations

import argparse
import json
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from damaged.kinds import KINDS, TRIALS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BROKEN", "SECONDS", "Result", "main", "read_damaged"]

SECONDS: Final = 20.0
"""How long reading one file may take; on two cores that do other work too."""

MEBIBYTES: Final = 1024
"""How much memory reading one file may take."""

BROKEN: Final = ("traceback", "hang", "died", "memory", "panic")
"""The outcomes that must not be."""


@dataclass(frozen=True)
class Result:
    """How reading one file went: "read", "told" (refused in one line), or what must not happen."""

    kind: str
    number: int
    outcome: str
    said: str
    seconds: float
    mebibytes: int


def read_damaged(
    kinds: Sequence[str],
    numbers: Sequence[int],
    folder: Path,
    *,
    seed: int,
    seconds: float = SECONDS,
) -> list[Result]:
    """Make files of some kinds, read each in a child, and say how that went.

    The file of a kind and a number is always the same, whatever else is read.
    """
    results = []
    child: _Child | None = None
    for name in kinds:
        kind = (KINDS | TRIALS)[name]
        sound = kind.make()
        for number in numbers:
            place = folder / name.replace(" ", "-") / str(number)
            place.mkdir(parents=True)
            path = place / kind.file
            path.write_bytes(kind.damaged(sound, random.Random(f"{seed} {name} {number}")))
            child = child or _Child(kinds)
            result = Result(name, number, **child.read(name, path, seconds))
            if result.mebibytes > MEBIBYTES:
                result = replace(result, outcome="memory")
            results.append(result)
            if result.outcome in ("hang", "died"):
                child.end()
                child = None
            if result.outcome not in BROKEN:
                shutil.rmtree(place)
    if child is not None:
        child.end()
    return results


class _Child:
    """A process that reads files of some kinds."""

    def __init__(self, kinds: Sequence[str]) -> None:
        self._printed = tempfile.TemporaryFile("w+b")  # noqa: SIM115 # `end` closes it
        tests = Path(__file__).resolve().parents[1]
        paths = os.pathsep.join([str(tests), os.environ.get("PYTHONPATH", "")])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "damaged.child", str(4 * MEBIBYTES), *kinds],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._printed,
            text=True,
            env=os.environ | {"PYTHONPATH": paths, "POLARS_MAX_THREADS": "2"},
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        if self._lines.get(timeout=300) != "ready\n":
            raise RuntimeError(f"a sound file is not read: {self._read_printed(0)}")

    def read(self, kind: str, path: Path, seconds: float) -> dict[str, Any]:
        """Let the child read a file."""
        before = os.fstat(self._printed.fileno()).st_size
        pipe: IO[str] = self._process.stdin  # type: ignore[assignment]
        pipe.write(json.dumps({"kind": kind, "path": str(path)}) + "\n")
        pipe.flush()
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            return {"outcome": "hang", "said": "", "seconds": seconds, "mebibytes": 0}
        printed = self._read_printed(before)
        if not line:
            return {"outcome": "died", "said": printed, "seconds": 0.0, "mebibytes": 0}
        told: dict[str, Any] = json.loads(line)
        if "panicked" in printed:
            told |= {"outcome": "panic", "said": f"{told['said']}\n{printed}"}
        return told

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._printed.close()

    def _listen(self) -> None:
        pipe: IO[str] = self._process.stdout  # type: ignore[assignment]
        for line in pipe:
            self._lines.put(line)
        self._lines.put("")

    def _read_printed(self, start: int) -> str:
        end = os.fstat(self._printed.fileno()).st_size
        return os.pread(self._printed.fileno(), end - start, start).decode("utf-8", "replace")


def main() -> int:
    """Read damaged files of every kind and print how that went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", action="append", choices=KINDS, help="may be repeated")
    parser.add_argument("--keep", type=Path, help="a new folder for the files that broke something")
    parser.add_argument("--at-once", type=int, default=2)
    options = parser.parse_args()
    kinds = options.kind or list(KINDS)
    each = -(-options.files // len(kinds))
    with tempfile.TemporaryDirectory(prefix="damaged-") as temporary:
        folder = options.keep or Path(temporary)

        def one(kind: str) -> list[Result]:
            return read_damaged([kind], range(each), folder, seed=options.seed)

        results: list[Result] = []
        _print_row("kind", "files", "read", "told", *BROKEN, "most s", "most MiB")
        with ThreadPoolExecutor(options.at_once) as pool:
            for kind, found in zip(kinds, pool.map(one, kinds), strict=True):
                results += found
                _print_figures(kind, found)
        _print_figures("all", results)
        broken = [result for result in results if result.outcome in BROKEN]
        for result in broken:
            print(f"\n{result.kind} {result.number}: {result.outcome}\n{result.said.rstrip()}")
    return 1 if broken else 0


def _print_figures(kind: str, found: list[Result]) -> None:
    count = Counter(result.outcome for result in found)
    _print_row(
        kind,
        len(found),
        count["read"],
        count["told"],
        *(count[outcome] for outcome in BROKEN),
        f"{max(result.seconds for result in found):.1f}",
        max(result.mebibytes for result in found),
    )


def _print_row(kind: str, *cells: object) -> None:
    print(f"{kind:16}" + "".join(f"{cell!s:>10}" for cell in cells), flush=True)

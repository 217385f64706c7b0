"""Count the instructions of the core's kernels, and compare them with those that were recorded.

    python benches/counts.py            # fails where a kernel takes 3 % more
    python benches/counts.py --record   # writes benches/counts.json

Callgrind shows a program an AVX2 processor, so a count depends on the compiler and not on the
machine. The kernels and their data are in ``rust/benches/counts.rs``, built as the wheel is.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
RECORD = HERE / "counts.json"
ALLOWED = 1.03
BUILD = (
    *("cargo", "build", "--release", "--locked", "--quiet", "--bench", "counts"),
    *("--message-format", "json-render-diagnostics"),
)
VALGRIND = (
    *("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"),
    *("--collect-atstart=no", "--toggle-collect=doxa_counted"),
)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command and keep what it prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True)


def program() -> str:
    """Build the program that holds the kernels, and return its path."""
    plain = {name: value for name, value in os.environ.items() if name != "RUSTFLAGS"}
    built = subprocess.run(BUILD, cwd=HERE.parent, env=plain, stdout=subprocess.PIPE, text=True)
    made = [json.loads(line) for line in built.stdout.splitlines()]
    if built.returncode:
        sys.exit("the kernels could not be built")
    return next(one["executable"] for one in made if one.get("executable"))


def surroundings(binary: str) -> dict[str, str]:
    """Say what counts depend on, the kernels aside."""
    compiler = run("rustc", "--version").stdout.strip()
    isa = run("valgrind", "--tool=none", "--quiet", binary).stdout.split()[0]
    return {"compiler": compiler, "instruction set": isa}


def counted(binary: str) -> dict[str, int]:
    """Count each kernel's instructions."""
    found = {}
    for kernel in run(binary).stdout.splitlines()[1:]:
        said = run(*VALGRIND, binary, kernel).stderr
        found[kernel] = int(said.partition("Collected : ")[2].split()[0])
        print(f"  {kernel:<30}{found[kernel]:>14,}", flush=True)
    return found


def worse(recorded: dict[str, int], found: dict[str, int]) -> list[str]:
    """Say of each kernel that takes more instructions than allowed, or is new or gone."""
    names = list(dict.fromkeys([*recorded, *found]))
    pairs = [(name, found.get(name, 0), recorded.get(name, 0)) for name in names]
    return [
        f"{name}: {now:,} instructions, {before:,} recorded"
        for name, now, before in pairs
        if not 0 < now <= ALLOWED * before
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", action="store_true", help="write the counts")
    record = parser.parse_args().record
    if not shutil.which("valgrind"):
        sys.exit("instructions are counted by valgrind: install it (apt-get install valgrind)")
    binary = program()
    now = surroundings(binary)
    if record:
        kept = {**now, "instructions": counted(binary)}
        RECORD.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        return
    kept = json.loads(RECORD.read_text("utf-8"))
    before = kept.pop("instructions")
    if kept != now:
        print(f"not compared: recorded with {kept}, here {now}")
    elif lines := worse(before, counted(binary)):
        remedy = "if that is meant, `make counts RECORD=1` writes benches/counts.json"
        sys.exit("\n".join([*lines, remedy]))
    else:
        print("no kernel takes 3 % more instructions than recorded")


if __name__ == "__main__":
    main()

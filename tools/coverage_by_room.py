"""Run the tests with coverage, print each room's, and name those under 90 %.

Run `make test COVERAGE=1`. A room is a folder of the package or of the core. Python: branches and
lines together, as coverage.py counts them. Rust: regions and lines, from the core's own tests and
from the tests of `tests/core` and `tests/score`, which run on a core built to count.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOWEST = 90.0
TARGET = ROOT / "target" / "coverage"
NAMES = ("covered", "count")
# As in `make test`.
TOGETHER = ("-n", "logical", "--dist", "loadfile", "-m", "not alone")
ALONE = ("-m", "alone")

Rooms = dict[str, Counter[str]]


def run(*command: str, **more: str) -> str:
    """Run a command in the project's folder; return what it wrote to stdout."""
    environment = {**os.environ, **more}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def room_of(path: Path) -> str:
    """Name the room of a source file: its folder, or "(top)" where it lies loose."""
    return path.parts[0] if len(path.parts) > 1 else "(top)"


def python(arguments: list[str]) -> tuple[Rooms, int]:
    """Run the Python tests; return the rooms, and the tests' exit status."""
    data = {
        "COVERAGE_FILE": str(ROOT / ".coverage"),
        "COVERAGE_RCFILE": str(ROOT / "pyproject.toml"),
    }
    coverage = (sys.executable, "-m", "coverage")
    subprocess.run([*coverage, "erase"], cwd=ROOT, env=os.environ | data, check=True)
    status = 0
    for which in TOGETHER, ALONE:
        tests = [*coverage, "run", "-m", "pytest", *which, *arguments]
        status |= subprocess.run(tests, cwd=ROOT, env=os.environ | data).returncode
    run(*coverage, "combine", "--quiet", **data)
    run(*coverage, "json", "--quiet", "-o", str(ROOT / ".coverage.json"), **data)
    found = json.loads((ROOT / ".coverage.json").read_text("utf-8"))["files"]
    rooms: Rooms = {}
    for name, file in found.items():
        # Some tests run a copy of the package, which is not counted.
        path, own = ROOT / name, ROOT / "python" / "doxa"
        if not path.is_relative_to(own):
            continue
        of = file["summary"]
        counts = rooms.setdefault(room_of(path.relative_to(own)), Counter())
        counts["covered"] += of["covered_lines"] + of["covered_branches"]
        counts["count"] += of["num_statements"] + of["num_branches"]
    return rooms, status


def rust() -> Rooms:
    """Build the core with counters, run the tests that call it, and return the rooms.

    Where LLVM's tools are missing the core's own tests run without counters, and no room comes
    back.
    """
    if not (_tool("llvm-profdata") and _tool("llvm-cov")):
        run("cargo", "test", "--quiet", "--features", "arrow")
        return {}
    flags = {
        "RUSTFLAGS": "-Cinstrument-coverage",
        "LLVM_PROFILE_FILE": str(TARGET / "%p-%m.profraw"),
    }
    for old in TARGET.glob("*.prof*"):
        old.unlink()
    cargo = ("--features", "arrow", "--target-dir", str(TARGET))
    built = run("cargo", "test", "--no-run", "--message-format=json", *cargo, **flags)
    programs = [
        message["executable"]
        for message in map(json.loads, built.splitlines())
        if message.get("executable")
    ]
    run("cargo", "test", "--quiet", *cargo, **flags)
    release = ("--release", "--features", "python", "--target-dir", str(TARGET))
    run("cargo", "build", "--quiet", *release, **flags, CARGO_PROFILE_RELEASE_LTO="off")
    library = TARGET / "release" / "libdoxa_core.so"
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder, "doxa")
        package.mkdir()
        for part in (ROOT / "python" / "doxa").iterdir():
            if part.suffix != ".so":
                (package / part.name).symlink_to(part)
        shutil.copy(library, package / "_core.abi3.so")
        path = os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH"))))
        tests = (sys.executable, "-m", "pytest", "-q", "tests/core", "tests/score")
        sys.stdout.write(run(*tests, **flags, PYTHONPATH=path))
    return _regions([*programs, str(library)])


def _regions(programs: list[str]) -> Rooms:
    """Merge what the tests counted."""
    profile = TARGET / "all.profdata"
    raw = [str(file) for file in TARGET.glob("*.profraw")]
    run(str(_tool("llvm-profdata")), "merge", "-sparse", "-o", str(profile), *raw)
    objects = [word for program in programs[1:] for word in ("-object", program)]
    report = ("-summary-only", f"-instr-profile={profile}", "-ignore-filename-regex=registry|rustc")
    exported = run(str(_tool("llvm-cov")), "export", *report, programs[0], *objects)
    rooms: Rooms = {}
    for file in json.loads(exported)["data"][0]["files"]:
        path = Path(file["filename"])
        if not path.is_relative_to(ROOT / "rust") or "tests" in path.parts:
            continue
        counts = rooms.setdefault(room_of(path.relative_to(ROOT / "rust")), Counter())
        for kind in ("regions", "lines"):
            counts.update({name: file["summary"][kind][name] for name in NAMES})
    return rooms


def _tool(name: str) -> str | None:
    """Find a tool of LLVM: the toolchain's own, or Debian's of a version that is new enough."""
    root = Path(run("rustc", "--print", "sysroot").strip())
    own = next(root.glob(f"lib/rustlib/*/bin/{name}"), None)
    return str(own) if own else shutil.which(f"{name}-19")


def table(title: str, rooms: Rooms) -> list[str]:
    """Print the rooms of one language; return those under the lowest coverage."""
    low = []
    sys.stdout.write(f"\n{title}\n")
    for room, counts in sorted(rooms.items()):
        percent = 100 * counts["covered"] / max(counts["count"], 1)
        sys.stdout.write(f"  {room:16} {percent:5.1f} %  of {counts['count']:,}\n")
        if percent < LOWEST:
            low.append(f"{title}: {room} {percent:.1f} %")
    return low


def main() -> None:
    """Run all tests and print all rooms."""
    in_rust = rust()
    in_python, status = python(sys.argv[1:])
    low = table("Rust, regions and lines", in_rust)
    if not in_rust:
        sys.stdout.write("  not measured: run  rustup component add llvm-tools\n")
    low += table("Python, lines and branches", in_python)
    if low:
        # Where a browser or a library is missing its tests are skipped, so this fails nothing.
        sys.stdout.write(f"\nunder {LOWEST:.0f} %: {'; '.join(low)}\n")
    sys.exit(status)


if __name__ == "__main__":
    main()

"""Install a wheel or an sdist in an empty environment, and run the smoke test there.

`python tools/try_dist.py dist/doxa-*.whl` uses this Python; `--python` names another one. With
`--wheelhouse FOLDER` nothing is asked of an index: the folder holds what is needed, build
requirements of an sdist included. `--oldest` installs the oldest libraries that pyproject.toml
allows (it needs uv).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SMOKE = Path(__file__).resolve().with_name("smoke.py")


def main() -> None:
    """Try each file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--wheelhouse", type=Path)
    parser.add_argument("--oldest", action="store_true")
    given = parser.parse_args()
    for file in given.files:
        attempt(file.resolve(), given.python, given.wheelhouse, oldest=given.oldest)


def attempt(file: Path, python: str, wheelhouse: Path | None, *, oldest: bool) -> None:
    """Try one file."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "empty"
        subprocess.run([python, "-m", "venv", place], check=True)
        own = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        where = ["--no-index", f"--find-links={wheelhouse.resolve()}"] if wheelhouse else []
        install = [own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *where]
        before, start = size(place), time.monotonic()
        if oldest:
            subprocess.run([*install, "--requirement", libraries(Path(folder))], check=True)
        subprocess.run([*install, file], check=True, cwd=folder)
        seconds, added = time.monotonic() - start, size(place) - before
        print(f"{file.name}: {added / 1e6:.0f} MB in {seconds:.0f} s", flush=True)
        subprocess.run([own, SMOKE], check=True, cwd=folder)


def libraries(folder: Path) -> Path:
    """Write the oldest versions of the libraries that doxa allows, and return the file."""
    file = folder / "oldest.txt"
    resolve = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--resolution=lowest-direct",
    ]
    subprocess.run([*resolve, "-o", file, SMOKE.parents[1] / "pyproject.toml"], check=True)
    print(file.read_text(encoding="utf-8"))
    return file


def size(folder: Path) -> int:
    """Add up the files of a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    main()

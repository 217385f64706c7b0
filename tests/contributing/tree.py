"""A copy of the project in which an addition is tried, and what the guide says about it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
_HEAVY = shutil.ignore_patterns("__pycache__", "node_modules", "*.part")


class Tree:
    """A copy of the files that an addition may touch; it records every file touched."""

    def __init__(self, folder: Path, *parts: str) -> None:
        self.folder = folder
        self.touched: set[str] = set()
        for part in ("python/doxa", *parts):
            source, target = ROOT / part, folder / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=_HEAVY)
            else:
                shutil.copy(source, target)

    def add(self, name: str, text: str) -> None:
        """Write a file that is not there yet."""
        path = self.folder / name
        assert not path.exists(), f"{name} is there already"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.touched.add(name)

    def insert(self, name: str, text: str, *, before: str = "", after: str = "") -> None:
        """Insert text before or after a text that occurs once in a file."""
        path, place = self.folder / name, before or after
        content = path.read_text(encoding="utf-8")
        assert content.count(place) == 1, f"{name}: {place!r} is there {content.count(place)} times"
        path.write_text(content.replace(place, after + text + before), encoding="utf-8")
        self.touched.add(name)

    def run(self, *command: str) -> str:
        """Run a command with the copied package, and give what it printed."""
        environment = os.environ | {"PYTHONPATH": str(self.folder / "python"), "COLUMNS": "200"}
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env=environment,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def doxa(self, *arguments: str) -> str:
        """Run a command of doxa."""
        return self.run(sys.executable, "-m", "doxa", *arguments)


def files_of(kind: str) -> list[str]:
    """List the files that the guide names for an addition, as patterns."""
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    [row] = re.findall(rf"^\| {re.escape(kind)} \| (.*) \|$", guide, flags=re.MULTILINE)
    return [re.sub(r"<\w+>", "*", name) for name in re.findall(r"`([^`]+/[^`]+)`", row)]


def kinds() -> list[str]:
    """List the additions that the guide has a row for."""
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return re.findall(r"^\| (an? [\w ]+?) \| ", guide, flags=re.MULTILINE)


def assert_as_the_guide_says(tree: Tree, kind: str) -> None:
    """Check that the files touched are exactly the files named."""
    named = files_of(kind)
    for name in tree.touched:
        assert any(fnmatch(name, pattern) for pattern in named), f"{kind}: {name} is not named"
    for pattern in named:
        assert any(fnmatch(name, pattern) for name in tree.touched), f"{kind}: {pattern} not needed"

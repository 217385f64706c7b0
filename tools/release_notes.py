"""Print what CHANGELOG.md says of a version: the notes of its release.

`python3 tools/release_notes.py v0.2.0` fails if Cargo.toml has another version, or if the changelog
has no section for it.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def notes(changelog: str, version: str) -> str:
    """Return the section of a version; ``""`` if there is none."""
    heading = rf"^## \[{re.escape(version)}\][^\n]*\n(.*?)(?=^## |^\[[^\]]+\]: |\Z)"
    found = re.search(heading, changelog, flags=re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""


def main() -> None:
    """Print the notes of the tag that is given."""
    version = sys.argv[1].removeprefix("v")
    crate = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]["version"]
    if version != crate:
        sys.exit(f"the tag says {version} and Cargo.toml {crate}: correct one of them")
    text = notes((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version)
    if not text:
        sys.exit(f"CHANGELOG.md has no section [{version}]: write one, from [Unreleased]")
    print(text)


if __name__ == "__main__":
    main()

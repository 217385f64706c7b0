"""Whatever is installed is named with its hash, and its licence is listed."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PINS = sorted((ROOT / "requirements").glob("*.txt"))
LICENCES = (ROOT / "docs" / "reference" / "licences.md").read_text(encoding="utf-8")
ENTRY = re.compile(
    r"^([a-z0-9._-]+)==(\S+)[^\n]*\\\n((?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M
)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("file", PINS, ids=lambda file: file.stem)
def test_every_pin_has_a_hash_and_no_address(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert ENTRY.sub("", text) == ""
    assert ENTRY.search(text)


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = {
        normal(re.split(r"[<>=\[; ]", one)[0])
        for one in [*project["dependencies"], *(one for extra in extras for one in extra)]
    }
    pinned = {
        normal(entry[1])
        for file in PINS
        for entry in ENTRY.finditer(file.read_text(encoding="utf-8"))
    }
    assert wanted <= pinned


def test_a_package_has_one_version_in_all_files() -> None:
    versions: dict[str, set[str]] = {}
    for file in PINS:
        if file.stem in ("interop", "oldest"):  # in environments of their own
            continue
        for entry in ENTRY.finditer(file.read_text(encoding="utf-8")):
            versions.setdefault(normal(entry[1]), set()).add(entry[2])
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_the_oldest_polars_that_is_stated_is_the_one_that_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [stated] = [one for one in project["dependencies"] if one.startswith("polars")]
    text = (ROOT / "requirements" / "oldest.txt").read_text(encoding="utf-8")
    assert stated == f"polars>={ENTRY.findall(text)[0][1]}"


def test_every_crate_and_script_is_listed_with_its_licence() -> None:
    crates = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))["package"]
    for crate in crates:
        if "source" in crate:
            assert f"| {crate['name']} | {crate['version']} |" in LICENCES, "run: make licences"
    lock = ROOT / "python" / "doxa" / "report" / "script" / "package-lock.json"
    for path, package in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
        if path:
            assert package["integrity"].startswith("sha512-")
            assert "resolved" not in package
            name = path.rpartition("node_modules/")[2]
            assert f"| {name} | {package['version']} |" in LICENCES, "run: make licences"


def test_what_doxa_itself_brings_is_listed_with_its_licence() -> None:
    for stage in ("llama", "all"):
        text = (ROOT / "requirements" / f"{stage}.txt").read_text(encoding="utf-8")
        for entry in ENTRY.finditer(text):
            if ";" not in entry[0].split("\\", 1)[0]:
                assert f"| {normal(entry[1])} | {entry[2]} |" in LICENCES, "run: make licences"

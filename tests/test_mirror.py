"""Every file of the package has a test file of its name, and its room says that it is there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
PACKAGE = TESTS.parent / "python" / "doxa"
SOURCES = sorted(
    path.relative_to(PACKAGE)
    for path in PACKAGE.rglob("*.py")
    if not path.stem.startswith("__") and "node_modules" not in path.parts
)


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_a_source_file_has_a_test_file_with_tests(source: Path) -> None:
    mirror = TESTS / source.parent / f"test_{source.name}"
    assert mirror.is_file(), f"{source} has no {mirror.relative_to(TESTS)}"
    assert "def test_" in mirror.read_text(encoding="utf-8")
    # a room's tests are a package, so that two rooms may have a file of the same name
    assert source.parent == Path() or (mirror.parent / "__init__.py").is_file()


ROOMS = sorted(path.parent.relative_to(PACKAGE) for path in PACKAGE.glob("*/**/__init__.py"))


@pytest.mark.parametrize("room", ROOMS, ids=str)
def test_a_room_says_what_it_is_for_and_lists_its_files(room: Path) -> None:
    text = (PACKAGE / room / "__init__.py").read_text(encoding="utf-8")
    said = ast.get_docstring(ast.parse(text)) or ""
    files = {path.stem for path in (PACKAGE / room).glob("*.py") if path.stem != "__init__"}
    assert not {name for name in files if f"`{name}`" not in said}


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_a_file_has_at_most_400_lines(source: Path) -> None:
    assert (PACKAGE / source).read_text(encoding="utf-8").count("\n") <= 400


def test_only_what_is_everybody_s_lies_loose_at_the_top() -> None:
    loose = {path.name for path in PACKAGE.iterdir() if path.is_file() and path.suffix != ".so"}
    assert loose == {
        "__init__.py", "__main__.py", "_core.pyi", "py.typed", "distribution.py", "errors.py",
        "polars.py",
    }  # fmt: skip

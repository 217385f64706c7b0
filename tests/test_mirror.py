"""Every file of the package has a test file of its name, in the folder of its room."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
PACKAGE = TESTS.parent / "python" / "doxa"
SOURCES = sorted(
    path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if not path.stem.startswith("__")
)


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_a_source_file_has_a_test_file_with_tests(source: Path) -> None:
    mirror = TESTS / source.parent / f"test_{source.name}"
    assert mirror.is_file(), f"{source} has no {mirror.relative_to(TESTS)}"
    assert "def test_" in mirror.read_text(encoding="utf-8")
    # a room's tests are a package, so that two rooms may have a file of the same name
    assert source.parent == Path() or (mirror.parent / "__init__.py").is_file()

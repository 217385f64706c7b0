"""The page of promises names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "explanation" / "robustness.md").read_text(encoding="utf-8")


def test_every_test_that_the_page_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
    assert len(named) > 100
    for file, name in named:
        assert (ROOT / file).is_file(), file
        if name:
            assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{name}"


def test_every_promise_has_a_test_or_a_command() -> None:
    rows = [row.split(" | ") for row in PAGE.splitlines() if row.startswith("| ")]
    promised = [row for row in rows if row[0] not in ("| found", "|---")]
    assert len(promised) > 100
    assert not [row[0] for row in promised if "`" not in row[2]]

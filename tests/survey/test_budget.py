from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.errors import FileError
from doxa.survey import budget
from doxa.survey.budget import Budget

if TYPE_CHECKING:
    from pathlib import Path


def test_memory_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    left = Budget(tmp_path / "a")
    left.spend(500 << 20)
    left.spend(300 << 20)
    with pytest.raises(FileError, match="holds more than 800 MiB in the columns that are read"):
        left.spend(1)


def test_rows_are_bounded_by_their_columns(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    Budget(tmp_path / "a").hold(1_000_000, 20, 200)
    with pytest.raises(FileError, match="split it"):
        Budget(tmp_path / "a").hold(1_000_000, 40)


def test_time_is_bounded_by_the_size_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(bytes(6 << 20))
    left = Budget(tmp_path / "a")
    now = budget.time.monotonic()
    monkeypatch.setattr(budget.time, "monotonic", lambda: now + 47)
    left.spend(0)
    monkeypatch.setattr(budget.time, "monotonic", lambda: now + 49)
    with pytest.raises(FileError, match="takes more than 48 s to read"):
        left.spend(0)
